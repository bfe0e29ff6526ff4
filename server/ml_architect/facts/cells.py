"""Cells of a notebook, also of one that is kept as a script: percent format, nbconvert and Databricks exports."""

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ml_architect.facts.structure import Site
from ml_architect.syntax.nodes import ExpressionStatement

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

_MARKER = re.compile(r"^# ?(%%|In ?\[[ \d]*\]:|COMMAND -{5,})", re.MULTILINE)


class Cells:
    """Answers what a notebook shows of its cells."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts

    def shows(self, site: Site) -> bool:
        """Return whether the statement is an expression that ends a cell, so that a notebook shows its value."""
        return site.statement in self._shown

    @cached_property
    def _shown(self) -> frozenset[ExpressionStatement]:
        text = self._facts.module.source.text
        markers = self._borders
        if not markers:
            return frozenset()
        outer = [site.statement for site in self._facts.structure.sites if site.block.parent is None]
        starts = [self._facts.span(statement).start for statement in outer[1:]] + [len(text)]
        shown = []
        for statement, end in zip(outer, starts, strict=True):
            if not isinstance(statement, ExpressionStatement):
                continue
            start = self._facts.span(statement).end
            if end == len(text) or any(start <= marker <= end for marker in markers):
                shown.append(statement)
        return frozenset(shown)

    @property
    def _borders(self) -> list[int]:
        """Where cells begin."""
        source = self._facts.module.source
        if source.layout is not None:
            return source.layout.starts
        return [found.start() for found in _MARKER.finditer(source.text)]
