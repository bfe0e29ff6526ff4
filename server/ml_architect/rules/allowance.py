"""What a repair that a model writes may change, as data beside the rule that it repairs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["Allowance", "Choice", "Free", "Number", "Place", "Values"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`, both included; None leaves an end open. `whole` asks for an integer."""

    low: float | None = None
    high: float | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these expressions, as Python source (``"True"``, ``"'sum'"``, ``"self.training"``)."""

    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Free:
    """Any expression made of names, attributes and constants that the document has already, and of allowed calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a statement may newly stand; all that is given has to hold.

    The texts are patterns of calls. A gap that the pattern of the statement has as well stands for the same. Calls in
    a ``with`` or ``try`` count as if they stood beside it.
    """

    after: str = ""
    """What an earlier statement of the same block calls."""
    before: str = ""
    """What a later statement of the same block calls."""
    after_loop: str = ""
    """What is called in a loop that is an earlier statement of the same block."""
    before_loop: str = ""
    """What is called in a loop that is a later statement of the same block."""
    next_to: str = ""
    """What the statement right before or right behind it calls."""
    loops: int | None = None
    """How many loops of the same function stand around it."""


Values: TypeAlias = Number | Choice | Free


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a repair may change. Everything else has to stay as it was, token for token, comments included.

    A pattern is Python source in which ``$x`` stands for any one expression (the same one wherever it stands in the
    pattern and its replacement), ``$*x`` for any further arguments of a call, in their order. Dotted names in a pattern
    are canonical qualified names: ``torch.no_grad()`` is also ``no_grad()`` after ``from torch import no_grad``. A name
    that starts no import of the document (``$optimizer.step()``) is matched as it is written.
    """

    keywords: Mapping[str, Values] = field(default_factory=dict)
    """Arguments that may be added, changed or removed, and what they may be set to.

    A key is ``parameter``, or ``torch.load:weights_only`` for calls of one callee only, which also speaks of an
    argument that is given by position.
    """
    statements: tuple[str, ...] = ()
    """Patterns of simple statements that may be added or moved: ``$optimizer.zero_grad($*rest)``.

    Where `may_remove_finding` is set they may also be removed.

    A pattern of several lines is about statements that follow each other and come or go together only.
    """
    places: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    """Where statements of a pattern may newly stand, one of several places; anywhere, where nothing is said.

    What stands elsewhere is only previewed: that a finding is gone does not prove that the place is right.
    """
    headers: tuple[str, ...] = ()
    """Patterns of contexts that ``with`` may put around statements, or no longer: ``torch.no_grad()``.

    A pattern that starts with ``@`` is a decorator, one that starts with ``if`` the header of an ``if`` without else.
    """
    rewrites: Mapping[str, str] = field(default_factory=dict)
    """Expressions (pattern to pattern) that may turn into each other; the right side is the normal form of both.

    ``{"torch.softmax($x, $*rest)": "$x"}`` lets a softmax be put around an expression or taken away. Where one side is
    another simple statement both are whole statements: ``{"$model.eval()": "$model.training = False"}``. Lines are
    statements that follow each other: ``{"$d = $d.f($*x)\\n$d = $d.g($*y)": "$d = $d.g($*y)\\n$d = $d.f($*x)"}``.
    """
    imports: tuple[str, ...] = ()
    """Qualified names, or modules, that may be imported (``torch``, ``torch.nn.functional``)."""
    calls: tuple[str, ...] = ()
    """Further callees that may newly be called, beside those in the patterns: qualified names or ``.method``."""
    strings: tuple[str, ...] = ()
    """String constants that may newly appear."""
    attributes: bool = False
    """Whether a repair may keep something on ``self`` under a name that the document does not have yet."""
    may_remove_finding: bool = False
    """Whether the marked code itself may go, because removing it is a repair."""
    thorough: bool = False
    """Whether a good repair changes everything of its kind, also where a part of it makes the finding go away."""
    exact: bool = False
    """Whether only what our own repair writes is proven, but for the values of `keywords`; others are previewed.

    For rules whose near misses no analysis notices, such as a statement in the wrong place.
    """
    structural: bool = False
    """Whether repairs move code in ways that the fields above cannot describe, so that they are only previewed."""
    advice: str = ""
    """One or two sentences for whoever writes the repair: what a good one does, and what it must not touch."""
