"""What a case expects of a repair, as data: what may differ, and what has to hold afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Expectation", "Freedom", "Requirement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Freedom:
    """What a repair may touch; both texts have to be equal once it is taken out. All codes are Python source."""

    statements: tuple[str, ...] = ()
    """Statements that may come, go or move."""
    keywords: tuple[str, ...] = ()
    """Arguments that may come, go or change, as ``callee:keyword``; a callee is the end of a dotted name."""
    contexts: tuple[str, ...] = ()
    """What ``with`` may hold, or decorators be, on one side only."""
    expressions: tuple[tuple[str, ...], ...] = ()
    """Groups of expressions that may turn into each other."""
    imports: tuple[str, ...] = ()
    """Qualified names that may newly be imported; what is imported before has to stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One thing that has to hold in the repaired text; `kind` names the predicate, which reads what it needs."""

    kind: str
    code: str = ""
    codes: tuple[str, ...] = ()
    function: str = ""
    """Look only inside of this function; empty for the whole text."""
    count: int = 1
    depth: int = 0
    some: bool = False
    """Whether one match at the right depth is enough."""
    contexts: tuple[str, ...] = ()
    call: str = ""
    keyword: str = ""
    values: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """When a repair is right."""

    free: Freedom = field(default_factory=Freedom)
    must: tuple[Requirement, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)
    """Facts about the machine that bound numbers."""
