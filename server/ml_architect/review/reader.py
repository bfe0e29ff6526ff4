"""How facts of one document become words: places, values of arguments, and statements that quote both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ml_architect.engine import Analysis
from ml_architect.engine.places import place_span
from ml_architect.facts import ModuleFacts
from ml_architect.facts.structure import CallSite
from ml_architect.facts.values import At
from ml_architect.review.values import Open, Place, Stage, Statement
from ml_architect.syntax import Module
from ml_architect.syntax.nodes import Constant, Expression, Node

__all__ = ["Reader", "Setting", "quoted", "shown_name"]

_LONGEST = 60
"""Characters of code that are quoted."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter that is worth a word. `absent` is what its absence means; empty says nothing.

    A flag has `off`: `label` says what it does when it is true, and `off` when it is false.
    """

    name: str
    label: str
    absent: str = ""
    off: str = ""
    position: int | None = None
    is_open: bool = True
    """Whether an unknown value is worth asking for."""


class Reader:
    """The facts of one document, and how they are worded."""

    def __init__(self, analysis: Analysis, facts: ModuleFacts, module: Module, path: str) -> None:
        self.facts = facts
        self._module = module
        self._source = analysis.source
        self._path = path
        self.named: tuple[tuple[str, CallSite], ...] = tuple(
            (name, call) for call in facts.calls if (name := facts.call_name(call)) is not None
        )
        """The calls whose callee is certain, by its canonical name."""
        self.opens: list[Open] = []
        self._rewritten = bool(facts.calls_to("builtins.exec"))
        """Whether text that is run may give any variable of the module another value."""

    def place(self, node: Node) -> Place:
        """Return where `node` stands."""
        offset = place_span(self._module, node).start
        part = self._source.part(offset)
        return Place(self._path, part.source.location(offset - part.start).row, part.number)

    def statement(self, stage: Stage, topic: str, text: str, nodes: Iterable[Node]) -> Statement:
        """Return a statement that `nodes` show."""
        return Statement(
            stage, topic, text, tuple(sorted({self.place(node) for node in nodes}, key=lambda place: place.order))
        )

    def starting(self, *prefixes: str) -> Iterator[tuple[str, CallSite]]:
        """Yield the calls whose canonical name starts with one of `prefixes`."""
        return ((name, call) for name, call in self.named if name.startswith(prefixes))

    def methods(self, *names: str) -> list[CallSite]:
        """Return the calls of methods with these names on objects, whatever those are."""
        return [call for call in self.facts.method_calls(*names) if self.facts.call_name(call) is None]

    def code(self, node: Node) -> str:
        """Return the text of `node` between backticks, or words where it is too long to be quoted."""
        return quoted(self.facts.text(node)) or "an expression"

    def value(self, expression: Expression, at: At) -> str | None:
        """Return the value of `expression` in words, None where there is not one only before the program runs."""
        known = self.facts.known(expression, at)
        if known is None or known.value is None or known.value is ...:
            return None
        text = repr(known.value)
        if len(text) > _LONGEST or "`" in text:
            return None
        shown = f"`{text}`" if isinstance(known.value, str) else text
        loose = known.overridable or (self._rewritten and not isinstance(expression, Constant))
        return f"{shown} by default" if loose else shown

    def settings(self, call: CallSite, stage: Stage, name: str, settings: Iterable[Setting]) -> list[str]:
        """Return what a call of `name` passes for `settings`, a phrase each."""
        phrases = (self._setting(call, stage, name, setting) for setting in settings)
        return [phrase for phrase in phrases if phrase]

    def described(self, call: CallSite, stage: Stage, name: str, settings: Iterable[Setting]) -> str:
        """Return the name of what is called, and what it is passed."""
        phrases = self.settings(call, stage, name, settings)
        return f"`{name}`: {', '.join(phrases)}" if phrases else f"`{name}`"

    def _setting(self, call: CallSite, stage: Stage, name: str, setting: Setting) -> str:
        passed = self.facts.passed(call, setting.name, setting.position)
        if passed.absent:
            return setting.absent
        if not passed.given or passed.value is None:
            return ""
        at = passed.at or call
        known = self.facts.known(passed.value, at)
        if known is not None and isinstance(known.value, bool):
            word = setting.label if known.value else setting.off or f"{setting.label} off"
            return f"{word} by default" if known.overridable else word
        value = self.value(passed.value, at)
        if setting.off and known is None:
            return f"{setting.label} if {self.code(passed.value)}"
        if value is not None:
            return f"{setting.label} {value}"
        if not setting.is_open and not quoted(self.facts.text(passed.value)):
            return ""
        if setting.is_open and known is None:
            text = f"the {setting.label} of `{name}`: {self.code(passed.value)} is not a fixed value"
            self.opens.append(Open(stage, text, self.place(passed.value)))
        return f"{setting.label} {self.code(passed.value)}" if not setting.off else ""


def quoted(text: str) -> str:
    """Return `text` between backticks, empty where it is long, has several lines or a backtick in it."""
    return f"`{text}`" if text and len(text) <= _LONGEST and "\n" not in text and "`" not in text else ""


def shown_name(name: str) -> str:
    """Return the short name of a class, the whole name of a function."""
    last = name.rpartition(".")[2]
    return last if last[:1].isupper() else name
