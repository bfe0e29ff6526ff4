"""Which tokens of a document its residue leaves out, and how deep each of its lines is nested."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, get_args

from ml_architect.architect.checks.matching import Matcher
from ml_architect.architect.checks.patterns import Part, Pattern, joined
from ml_architect.architect.checks.permits import Permits, Rewriting, first_match
from ml_architect.architect.checks.plan import Plan, Stretch, tokens_of
from ml_architect.facts import At, ModuleFacts, Site
from ml_architect.syntax.nodes import (
    Attribute,
    Call,
    Case,
    ClassDef,
    Collection,
    Constant,
    Dictionary,
    FormattedString,
    FunctionDef,
    Handler,
    If,
    Import,
    ImportFrom,
    Name,
    Node,
    Simple,
    Statement,
    Subscript,
    With,
    child_fields,
)

__all__ = ["plan_of"]

_STATEMENTS: tuple[type, ...] = get_args(Statement)
_PRIMARY = (Name, Constant, Attribute, Call, Subscript, Dictionary, Collection, FormattedString)
_BEFORE_WHOLE = frozenset({"(", "[", "{", ",", "=", ":", "return"})
_BEHIND_WHOLE = frozenset({")", "]", "}", ",", ":"})
_BY_COLUMN = 1000
"""Added to the column of a line that does not parse, so that it equals no depth."""


def plan_of(facts: ModuleFacts, permits: Permits, statements: Sequence[Statement] | None = None) -> Plan:
    """Return what the residue of a document under `permits` leaves out.

    If `statements` are given, which stand one behind the other in its body, the plan is for them alone.
    """
    return _Planner(facts, permits, statements).plan


class _Planner:
    def __init__(self, facts: ModuleFacts, permits: Permits, statements: Sequence[Statement] | None) -> None:
        module = facts.module
        self.plan = Plan(tokens_of(facts, statements))
        self._facts = facts
        self._permits = permits
        self._matcher = Matcher(facts)
        self._stop = 0
        """Where the statement ends whose expressions are planned."""
        self._sites = {site.statement: site for site in facts.structure.sites}
        self._block(module.body if statements is None else statements, 0, 0)
        if module.problems:
            self._by_columns()

    def _by_columns(self) -> None:
        """Let every line count as it stands, as statements that do not parse have no level."""
        module = self._facts.module
        for line in module.lines:
            self.plan.depths.setdefault(self._index(line.start), _BY_COLUMN + line.column)
            for problem in module.problems:
                if line.start <= problem.end and problem.start <= line.end:
                    self.plan.depths[self._index(line.start)] = _BY_COLUMN + line.column

    # --- places ---------------------------------------------------------------------------------------

    def _index(self, offset: int) -> int:
        return bisect_left(self.plan.tokens.starts, offset)

    def _stretch(self, node: Node) -> Stretch:
        span = self._facts.span(node)
        return self._index(span.start), self._index(span.end)

    def _start(self, statement: Node) -> int:
        """Return the first token of `statement`, its decorators included."""
        start = self._stretch(statement)[0]
        if isinstance(statement, (FunctionDef, ClassDef)) and statement.decorators:
            start = self._at_sign(statement.decorators[0])
        return start

    def _at_sign(self, decorator: Node) -> int:
        start = self._stretch(decorator)[0]
        while start and self.plan.tokens.texts[start] != "@":
            start -= 1
        return start

    # --- statements -----------------------------------------------------------------------------------

    def _block(self, body: Sequence[Statement], depth: int, around: int) -> None:
        """Plan the statements `body` at `depth`; what stands behind them goes on at the level `around`."""
        index = 0
        while index < len(body):
            length = self._sequence(body[index : index + self._permits.longest], depth)
            if not length:
                self._statement(body[index], depth)
            index += length or 1
        if body:
            self.plan.depths[self._stretch(body[-1])[1]] = around

    def _sequence(self, body: Sequence[Statement], depth: int) -> int:
        """Plan the first statements of `body` where they are another form of others; return how many those are."""
        sited: list[tuple[Statement, Site]] = []
        for statement in body:
            site = self._sites.get(statement)
            if site is None or self._facts.module.is_stale(statement):
                break
            sited.append((statement, site))
        found = self._permits.sequence(sited, self._matcher) if sited else None
        if found is None or first_match(self._permits.statements, *sited[0], self._matcher):
            return 0
        length = len(found.sought)
        start, stop = self._start(body[0]), self._stretch(body[length - 1])[1]
        self.plan.depths[start] = depth
        self._stop = stop
        for number, (statement, site) in enumerate(sited[:length]):
            self.plan.restated[statement] = (number, found)
            if number:
                self.plan.continued.add(self._start(statement))
            self._inside(statement, site, depth)
        self.plan.erase(start, stop, self._rewritten(found, (start, stop), sited[0][1]))
        if not found.form.parts:
            self.plan.left_out[start, stop] = joined(found.sought)
        return length

    def _statement(self, statement: Statement, depth: int) -> None:
        start, stop = self._start(statement), self._stretch(statement)[1]
        site = self._sites.get(statement)
        self.plan.depths[start] = depth
        self._stop = stop
        if site is None or self._facts.module.is_stale(statement):
            return
        is_pass = isinstance(statement, Simple) and statement.keyword == "pass"
        if is_pass or self._is_allowed(self._permits.statements, statement, site):
            self.plan.erase(start, stop)
        elif isinstance(statement, (With, If)) and self._is_left_out(statement, site):
            self.plan.erase(start, self._start(statement.body[0]))
            self._block(statement.body, depth, depth)
        else:
            self._parts_of(statement, site, depth)
            self._inside(statement, site, depth)

    def _is_left_out(self, statement: With | If, site: Site) -> bool:
        """Return whether the header of `statement` is left out as a whole."""
        if isinstance(statement, With):
            return bool(statement.items) and not statement.is_async and all(self._contexts(statement, site))
        is_plain = not statement.orelse and self.plan.tokens.texts[self._stretch(statement)[0]] == "if"
        return is_plain and self._is_allowed(self._permits.conditions, statement.test, site)

    def _is_allowed(self, patterns: Sequence[Pattern], node: Node, at: At) -> bool:
        """Return whether `node`, an instance of one of `patterns`, may come and go."""
        found = first_match(patterns, node, at, self._matcher)
        if found is not None:
            self.plan.left_out[self._stretch(node)] = found
        return found is not None

    def _contexts(self, statement: With, site: Site) -> list[bool]:
        """Return which contexts of `statement` are left out."""
        return [
            item.target is None and self._is_allowed(self._permits.contexts, item.context, site)
            for item in statement.items
        ]

    def _parts_of(self, statement: Statement, site: Site, depth: int) -> None:
        """Plan what is left out of a statement that stays."""
        if isinstance(statement, With) and not statement.is_async:
            gone = self._contexts(statement, site)
            self._listed([self._stretch(item) for item in statement.items], gone, unwrap=True)
        elif isinstance(statement, (Import, ImportFrom)) and statement.names:
            self._imports(statement)
        elif isinstance(statement, (FunctionDef, ClassDef)):
            self._decorators(statement, site, depth)

    def _imports(self, statement: Import | ImportFrom) -> None:
        gone = [self._permits.is_import(statement, item, self._facts) for item in statement.names]
        if all(gone):
            self.plan.erase(*self._stretch(statement))
        else:
            self._listed([self._stretch(item) for item in statement.names], gone, unwrap=True)

    def _decorators(self, statement: FunctionDef | ClassDef, site: Site, depth: int) -> None:
        """Plan the decorators, each on a line of its own."""
        starts = [self._at_sign(item) for item in statement.decorators] + [self._stretch(statement)[0]]
        self.plan.depths.update(dict.fromkeys(starts, depth))
        for (start, stop), decorator in zip(pairwise(starts), statement.decorators, strict=True):
            if self._is_allowed(self._permits.decorators, decorator, site):
                self.plan.erase(start, stop)

    def _inside(self, node: Node, site: At, depth: int) -> None:
        """Plan the expressions and the blocks of `node`, which stays."""
        for name in child_fields(type(node)):
            value: Any = getattr(node, name)
            items = value if isinstance(value, tuple) else (value,)
            if items and isinstance(items[0], _STATEMENTS):
                self._block(items, depth if self._is_elif(items) else depth + 1, depth)
                continue
            for item in items:
                if isinstance(item, Case):
                    self.plan.depths[self._stretch(item)[0]] = depth + 1
                    self._inside(item, site, depth + 1)
                elif isinstance(item, Handler):
                    self._inside(item, site, depth)
                elif isinstance(item, Node):
                    self._expression(item, site)

    def _is_elif(self, body: Sequence[Statement]) -> bool:
        return isinstance(body[0], If) and self.plan.tokens.texts[self._stretch(body[0])[0]] == "elif"

    # --- expressions ----------------------------------------------------------------------------------

    def _expression(self, node: Node, at: At) -> None:
        if isinstance(node, FormattedString):
            return
        if isinstance(node, Call):
            at = self._facts.call_at(node) or at
            self._call(node, at)
        if self._permits.rewrites:
            rewriting = self._permits.rewriting(node, at, self._matcher)
            if rewriting is not None:
                self.plan.erase(*self._stretch(node), self._rewritten(rewriting, self._stretch(node), at))
        for name in child_fields(type(node)):
            value: Any = getattr(node, name)
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, Node):
                    self._expression(item, at)

    def _call(self, call: Call, at: At) -> None:
        parameters = [self._permits.parameter_of(call, item, at, self._matcher) for item in call.arguments]
        gone = [self._permits.values_of(call, name, at, self._matcher) is not None for name in parameters]
        self._listed([self._stretch(item) for item in call.arguments], gone)

    def _listed(self, items: Sequence[Stretch], gone: Sequence[bool], *, unwrap: bool = False) -> None:
        """Plan a list with commas of which some items are left out: no comma stays behind the last item that stays.

        `unwrap` leaves out parentheses around the list, which mean nothing.
        """
        texts = self.plan.tokens.texts
        last = max((index for index, left_out in enumerate(gone) if not left_out), default=-1)
        for index, ((start, stop), left_out) in enumerate(zip(items, gone, strict=True)):
            has_comma = stop < len(texts) and texts[stop] == ","
            if left_out:
                self.plan.erase(start, stop + has_comma)
            elif index == last and has_comma:
                self.plan.erase(stop, stop + 1)
        if unwrap and items and texts[items[0][0] - 1] == "(":
            behind = items[-1][1] + (texts[items[-1][1]] == ",")
            self.plan.erase(items[0][0] - 1, items[0][0])
            self.plan.erase(behind, behind + 1)

    def _rewritten(self, rewriting: Rewriting, place: Stretch, at: At) -> tuple[str | Stretch, ...]:
        """Return what to write for an expression at `place` that is another form of something.

        What stood in parentheses of a call and now stands beside an operator gets parentheses of its own.
        """
        result: list[str | Stretch] = []
        parts = (self._part_before(place[0]), *rewriting.form.parts, self._part_behind(place[1]))
        for before, part, behind in zip(parts, parts[1:], parts[2:], strict=False):
            if not part.is_gap:
                result.append(part.text)
                continue
            is_whole = before.text in _BEFORE_WHOLE and behind.text in _BEHIND_WHOLE
            nodes = rewriting.bindings[part.text]
            for index, node in enumerate(nodes):
                result += [","] if index else []
                bare = is_whole or len(nodes) > 1 or self._is_closed(node, at)
                result += [self._stretch(node)] if bare else ["(", self._stretch(node), ")"]
        return tuple(result)

    def _is_closed(self, node: Node, at: At) -> bool:
        """Return whether no operator beside `node` can reach into it: it may itself be rewritten."""
        return isinstance(node, _PRIMARY) and self._permits.rewriting(node, at, self._matcher) is None

    def _part_before(self, index: int) -> Part:
        return Part(self.plan.tokens.texts[index - 1]) if index and index not in self.plan.depths else Part("(")

    def _part_behind(self, index: int) -> Part:
        texts = self.plan.tokens.texts
        if index >= min(self._stop, len(texts)) or index in self.plan.depths or texts[index] == ";":
            return Part(")")
        return Part(texts[index])
