"""What an editor sends when its user wants something of the architect: commands, requests, and how they are read."""

from collections.abc import Mapping
from typing import Any

from ml_architect.architect.values import Task
from ml_architect.lsp.asking import Question

PREFIX = "ml-architect.architect"
FIX, EXPLAIN, PROMPT, STATUS = (f"{PREFIX}.{name}" for name in ("fix", "explain", "prompt", "status"))
"""Commands; the argument is ``{"uri", "finding", "scope"}``, where the scope is ``finding``, ``loop`` or ``file``."""


def fields_of(params: object) -> Mapping[str, Any]:
    """Return the members of what came: a dict in commands, a named tuple in requests of our own."""
    if isinstance(params, Mapping):
        return params
    as_dict = getattr(params, "_asdict", None)
    return as_dict() if as_dict else {}


def question_of(argument: object, task: Task) -> Question | None:
    """Return the question in what came, None where it names no finding."""
    fields = fields_of(argument)
    uri, finding, scope = fields.get("uri"), fields.get("finding"), fields.get("scope", "finding")
    if isinstance(uri, str) and isinstance(finding, str) and scope in ("finding", "loop", "file"):
        return Question(uri, task, finding, scope)
    return None
