"""Lowering of the patterns of a `match` statement."""

import libcst as cst

from ml_architect.syntax.lowering.cursor import Cursor, LoweringTable
from ml_architect.syntax.nodes import Expression


class Pattern:
    """What one pattern holds: the expressions it compares with, and the names it binds."""

    def __init__(self) -> None:
        self.parts: list[Expression] = []
        self.captures: list[str] = []

    def add(self, at: Cursor, node: cst.CSTNode) -> None:
        """Move past the pattern `node`, keeping its expressions and names."""
        parentheses = len(getattr(node, "lpar", None) or ())
        if isinstance(node, cst.MatchValue):
            self.parts.append(at.expression(node.value))
            return
        at.index += parentheses
        _TABLE[type(node)](self, at, node)
        at.index += parentheses

    def capture(self, name: cst.CSTNode | None) -> None:
        """Keep a bound name; the wildcard has none."""
        if isinstance(name, cst.Name):
            self.captures.append(name.value)

    def singleton(self, at: Cursor, node: cst.MatchSingleton) -> None:
        """Lower ``None``, ``True`` or ``False``."""
        self.parts.append(at.expression(node.value))

    def elements(self, at: Cursor, nodes: "tuple[cst.CSTNode, ...]") -> None:
        """Lower the patterns of a sequence or class."""
        for node in nodes:
            if isinstance(node, cst.MatchStar):
                at.index += 2
                self.capture(node.name)
            elif isinstance(node, cst.MatchSequenceElement):
                self.add(at, node.value)
            at.accept(",")

    def bracketed(self, at: Cursor, node: cst.MatchList) -> None:
        """Lower ``[a, *rest]`` or ``a, *rest``."""
        brackets = int(node.lbracket is not None)
        at.index += brackets
        self.elements(at, tuple(node.patterns))
        at.index += brackets

    def parenthesised(self, at: Cursor, node: cst.MatchTuple) -> None:
        """Lower ``(a, *rest)``."""
        self.elements(at, tuple(node.patterns))

    def mapping(self, at: Cursor, node: cst.MatchMapping) -> None:
        """Lower ``{key: pattern, **rest}``."""
        at.index += 1
        for element in node.elements:
            self.parts.append(at.expression(element.key))
            at.index += 1
            self.add(at, element.pattern)
            at.accept(",")
        if node.rest is not None:
            at.index += 2
            self.capture(node.rest)
            at.accept(",")
        at.index += 1

    def instance(self, at: Cursor, node: cst.MatchClass) -> None:
        """Lower ``Class(pattern, name=pattern)``."""
        self.parts.append(at.expression(node.cls))
        at.index += 1
        self.elements(at, tuple(node.patterns))
        for element in node.kwds:
            at.index += 2
            self.add(at, element.pattern)
            at.accept(",")
        at.index += 1

    def binding(self, at: Cursor, node: cst.MatchAs) -> None:
        """Lower ``name``, ``_`` or ``pattern as name``."""
        if node.pattern is not None:
            self.add(at, node.pattern)
            at.index += 1
        at.index += 1
        self.capture(node.name)

    def alternatives(self, at: Cursor, node: cst.MatchOr) -> None:
        """Lower ``pattern | pattern``."""
        for element in node.patterns:
            self.add(at, element.pattern)
            at.accept("|")


_TABLE: LoweringTable[None] = LoweringTable(
    {
        cst.MatchSingleton: Pattern.singleton,
        cst.MatchList: Pattern.bracketed,
        cst.MatchTuple: Pattern.parenthesised,
        cst.MatchMapping: Pattern.mapping,
        cst.MatchClass: Pattern.instance,
        cst.MatchAs: Pattern.binding,
        cst.MatchOr: Pattern.alternatives,
    }
)
