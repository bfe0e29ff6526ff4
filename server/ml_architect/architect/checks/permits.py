"""The allowances of the rules of one brief taken together, with their patterns read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ml_architect.architect.checks.matching import Matcher
from ml_architect.architect.checks.patterns import (
    Bindings,
    Pattern,
    PatternError,
    header_pattern,
    is_expression,
    joined,
    pattern,
    replacement,
    statement_pattern,
    statements_pattern,
)
from ml_architect.facts import At, ModuleFacts
from ml_architect.rules.allowance import Allowance, Values
from ml_architect.syntax.nodes import Argument, Call, Import, ImportedName, ImportFrom, Node, Statement

__all__ = ["Permits", "Rewriting", "first_match"]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An expression, or statements, that stand for others: the form to write instead, and what goes into its gaps."""

    sought: tuple[Pattern, ...]
    """What it is an instance of: one pattern for each statement."""
    form: Pattern
    """Without parts where statements may come and go together."""
    bindings: Bindings


def first_match(patterns: Sequence[Pattern], node: Node, at: At, matcher: Matcher) -> Pattern | None:
    """Return the first of `patterns` that `node` is an instance of, else None."""
    return next((item for item in patterns if matcher.match(item, node, at) is not None), None)


class Permits:
    """What the repairs of one brief may change.

    Raises:
        PatternError: if an allowance holds something that is no pattern.
    """

    def __init__(self, allowances: Sequence[Allowance]) -> None:
        self.allowances = tuple(allowances)
        statements = [item for one in allowances for item in one.statements]
        self.statements = [statement_pattern(item) for item in statements if "\n" not in item]
        headers = [header_pattern(item) for one in allowances for item in one.headers]
        self.contexts = [found for kind, found in headers if kind == "with"]
        self.decorators = [found for kind, found in headers if kind == "@"]
        self.conditions = [found for kind, found in headers if kind == "if"]
        self.rewrites = list(_rewrites(allowances))
        together = [statements_pattern(item) for item in statements if "\n" in item]
        self.sequences = [
            *((several, Pattern("", several[0].root, ())) for several in together),
            *_sequences(allowances),
        ]
        self.longest = max((len(sought) for sought, _ in self.sequences), default=0)
        """The number of statements in the longest sequence."""
        self.imports = frozenset(name for one in allowances for name in one.imports)
        self.keywords: dict[tuple[str, str], Values] = {}
        for one in allowances:
            for key, values in one.keywords.items():
                callee, _, parameter = key.rpartition(":")
                self.keywords.setdefault((callee, parameter), values)
        self._parameters = frozenset(parameter for _, parameter in self.keywords)
        named = {name for found in self.patterns() for name in found.dotted_names()}
        self._importable = self.imports | {name for name in named if "." in name}

    def patterns(self) -> Iterator[Pattern]:
        """Yield all patterns, also those of what an expression may turn into."""
        yield from self.statements
        yield from self.contexts
        yield from self.decorators
        yield from self.conditions
        for sought, form in self.rewrites:
            yield sought
            yield form
        for several, _ in self.sequences:
            yield from several

    def rewriting(self, node: Node, at: At, matcher: Matcher) -> Rewriting | None:
        """Return what `node` is another form of, None where no allowance says so."""
        for sought, form in self.rewrites:
            bindings = matcher.match(sought, node, at)
            if bindings is not None:
                return Rewriting((sought,), form, bindings)
        return None

    def sequence(self, statements: Sequence[tuple[Statement, At]], matcher: Matcher) -> Rewriting | None:
        """Return what the first of `statements` are another form of, None where no allowance says so."""
        for sought, form in self.sequences:
            if len(sought) <= len(statements):
                bindings = matcher.match_all(sought, statements[: len(sought)])
                if bindings is not None:
                    return Rewriting(sought, form, bindings)
        return None

    def has_parameter(self, name: str) -> bool:
        """Return whether a keyword argument of this name may be changed somewhere."""
        return name in self._parameters

    def parameter_of(self, call: Call, argument: Argument, at: At, matcher: Matcher) -> str | None:
        """Return the parameter that `argument` gives: by keyword, or by position to a callee that a key names."""
        if argument.keyword is not None or argument.star:
            return argument.keyword
        place = call.arguments.index(argument)
        if any(item.star for item in call.arguments[:place]):
            return None
        found = (
            parameter
            for callee, parameter in self.keywords
            if callee and matcher.position(callee, parameter) == place and matcher.is_named(callee, call.func, at)
        )
        return next(found, None)

    def values_of(self, call: Call, keyword: str | None, at: At, matcher: Matcher) -> Values | None:
        """Return what `keyword` of `call` may be set to, None where it has to stay as it is."""
        if keyword is None or keyword not in self._parameters:
            return None
        for (callee, parameter), values in self.keywords.items():
            if parameter == keyword and (not callee or matcher.is_named(callee, call.func, at)):
                return values
        return None

    def is_import(self, statement: Import | ImportFrom, item: ImportedName, facts: ModuleFacts) -> bool:
        """Return whether `item` of `statement` may be imported: it is listed, or a pattern speaks of it."""
        if isinstance(statement, Import):
            return item.name in self.imports
        if statement.level or not statement.module:
            return False
        name = f"{statement.module}.{item.name}"
        return name in self._importable or facts.catalog.canonical(name) in self._importable


def _rewrites(allowances: Sequence[Allowance]) -> Iterator[tuple[Pattern, Pattern]]:
    """Yield what expressions stand for what; a form also stands for itself, however it is spelled, but for a gap."""
    forms: dict[str, Pattern] = {}
    for source, target in _pairs(allowances, of_expressions=True):
        sought, form = pattern(source), replacement(target)
        _check_gaps(sought, form)
        yield sought, form
        forms[target] = form
    for target, form in forms.items():
        if not (len(form.parts) == 1 and form.parts[0].is_gap):
            yield pattern(target), form


def _sequences(allowances: Sequence[Allowance]) -> Iterator[tuple[tuple[Pattern, ...], Pattern]]:
    """Yield what statements stand for what; a form also stands for itself, however it is spelled."""
    forms: dict[str, Pattern] = {}
    for source, target in _pairs(allowances, of_expressions=False):
        sought, form = statements_pattern(source), joined(statements_pattern(target))
        _check_gaps(joined(sought), form)
        yield sought, form
        forms[target] = form
    for target, form in forms.items():
        yield statements_pattern(target), form


def _pairs(allowances: Sequence[Allowance], *, of_expressions: bool) -> Iterator[tuple[str, str]]:
    for allowance in allowances:
        for source, target in allowance.rewrites.items():
            if (is_expression(source) and is_expression(target)) == of_expressions:
                yield source, target


def _check_gaps(sought: Pattern, form: Pattern) -> None:
    if not form.gaps <= sought.gaps:
        message = f"{form.source} has a gap that is not in {sought.source}"
        raise PatternError(message)
