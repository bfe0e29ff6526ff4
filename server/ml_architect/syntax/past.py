"""What stood in the previous version of a text where something does not parse now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any, TypeVar

from ml_architect.syntax.nodes import Case, Handler, Node, Piece, Statement, children
from ml_architect.syntax.pieces import Lowered
from ml_architect.syntax.window import Window, changed_window

_PLACES = frozenset({"start", "end", "attr_start", "open", "close", "name_start"})
_BLOCKS = ("body", "handlers", "cases", "orelse", "final")
_MAX_DEPTH = 250
AnyNode = TypeVar("AnyNode", bound=Node)


@dataclass(frozen=True, eq=False)
class Past:
    """The statements of the previous version, and the change that led to the present one."""

    text: str
    body: Sequence[Statement]
    bases: Mapping[Piece, int]
    window: Window

    def statement(self, start: int, piece: Piece) -> Statement | None:
        """Return a copy of the statement most like `piece` among those that stood in its place, if any is.

        The copy belongs to `piece`, which stands at `start`; its places are those of the earlier
        text, moved along with the change and kept inside `piece`.
        """
        first = self.window.backward(start)
        stop = self.window.backward(start + len(piece.text))
        present = piece.text.strip()
        candidates = [(self._likeness(node, present), node) for node in self._within(first, stop)]
        likeness, found = max(candidates, key=itemgetter(0), default=(0, None))
        if found is None or _nests_deeply(found):
            return None
        shorter = min(len(present), self._place(found, "end") - self._place(found, "start"))
        return None if 2 * likeness < shorter else self._moved(found, piece, start)

    def header(self, start: int, kind: type[AnyNode], piece: Piece, offset: int) -> AnyNode | None:
        """Return a copy of the compound statement that began at ``start + offset``, without its blocks.

        It belongs to `piece`, which stands at `start`.
        """
        place = self.window.backward(start + offset)
        for node in self._overlapping(place, place + 1):
            if isinstance(node, kind) and self._place(node, "start") == place:
                return self._moved(node, piece, start, without=_BLOCKS)
        return None

    def _place(self, node: Node, name: str) -> int:
        place: int = getattr(node, name)
        return self.bases[node.piece] + place

    def _overlapping(self, first: int, stop: int) -> Iterator[Lowered | Case]:
        """Yield every statement, at any depth, that shares a code point with ``first:stop``."""
        rest: list[Lowered | Case] = list(self.body)
        while rest:
            node = rest.pop()
            if self._place(node, "start") < stop and first < self._place(node, "end"):
                yield node
                rest += _blocks(node)

    def _within(self, first: int, stop: int) -> Iterator[Statement]:
        """Yield the statements, at any depth, that stand wholly inside ``first:stop``."""
        for node in self._overlapping(first, stop):
            is_inside = first <= self._place(node, "start") and self._place(node, "end") <= stop
            if is_inside and not isinstance(node, (Handler, Case)):
                yield node

    def _likeness(self, node: Node, present: str) -> int:
        """Return how many code points at start and end the text of `node` shares with `present`."""
        text = self.text[self._place(node, "start") : self._place(node, "end")]
        window = changed_window(text, present)
        return window.start + len(text) - window.old_end

    def _moved(self, node: AnyNode, piece: Piece, base: int, without: Sequence[str] = ()) -> AnyNode:
        """Return a copy of `node` and all below it that belongs to `piece`, which stands at `base`.

        The fields of `node` named in `without` are left empty.
        """

        def copied(value: Any) -> Any:  # noqa: ANN401  # a field of any node
            if isinstance(value, Node):
                return self._moved(value, piece, base)
            return tuple([copied(item) for item in value]) if isinstance(value, tuple) else value

        values: dict[str, Any] = {"piece": piece}
        for field in fields(node):
            if field.name in _PLACES:
                place = self.window.forward(self._place(node, field.name)) - base
                values[field.name] = min(max(place, 0), len(piece.text))
            elif field.name in without:
                values[field.name] = ()
            elif field.name != "piece":
                values[field.name] = copied(getattr(node, field.name))
        return type(node)(**values)


def _blocks(node: Lowered | Case) -> Iterator[Lowered | Case]:
    """Yield the statements and clauses that stand directly in the blocks of `node`."""
    for name in _BLOCKS:
        found = getattr(node, name, ())
        if isinstance(found, tuple):
            yield from found


def _nests_deeply(node: Node) -> bool:
    rest = [(node, 0)]
    while rest:
        current, depth = rest.pop()
        if depth > _MAX_DEPTH:
            return True
        rest += [(child, depth + 1) for child in children(current)]
    return False
