"""Expressions that a change writes in another form, one by one: what a statement is without one of them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ml_architect.architect.checks.change import Version
from ml_architect.architect.checks.plan import Erasure
from ml_architect.architect.checks.residual import FullLine, written_tokens

__all__ = ["forms_taken_back"]


def forms_taken_back(
    old: Version, before: FullLine, new: Version, after: FullLine
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a statement writes in another form in `new` than in `old`, and its tokens without that.

    Nothing is said where that is one thing only, as the statement counts as one then; nor where it both puts
    something around one expression and takes it away from another.
    """
    was, is_now = _forms(old, before), _forms(new, after)
    gone, come = _without(old, was, _texts(new, is_now)), _without(new, is_now, _texts(old, was))
    if len(gone) > 1 and not come:
        for form in gone:
            others = [item for item in gone if item is not form]
            yield _text(old, form), _written(old, before, others)
    elif len(come) > 1 and not gone:
        for form in come:
            yield _text(new, form), _written(new, after, [form])
    elif len(come) > 1 and len(gone) == len(come):
        for form, earlier in zip(come, gone, strict=True):
            texts = tuple(old.plan.tokens.texts[earlier.start : earlier.stop])
            start, stop = after.stretch
            tokens = new.plan.tokens.texts
            yield _text(new, form), (*tokens[start : form.start], *texts, *tokens[form.stop : stop])


def _forms(version: Version, line: FullLine) -> list[Erasure]:
    return [form for form in version.plan.forms(*line.stretch) if (form.start, form.stop) != line.stretch]


def _text(version: Version, form: Erasure) -> str:
    return " ".join(version.plan.tokens.texts[form.start : form.stop])


def _texts(version: Version, forms: Sequence[Erasure]) -> Counter[str]:
    return Counter(_text(version, form) for form in forms)


def _without(version: Version, forms: Sequence[Erasure], others: Counter[str]) -> list[Erasure]:
    """Return those of `forms` that are not among `others`."""
    left = Counter(others)
    result: list[Erasure] = []
    for form in forms:
        text = _text(version, form)
        if left[text]:
            left[text] -= 1
        else:
            result.append(form)
    return result


def _written(version: Version, line: FullLine, made: Sequence[Erasure]) -> tuple[str, ...]:
    """Return the tokens of `line` with some of its expressions in the other form."""
    written = written_tokens(version.plan, *line.stretch, only=frozenset(made))
    return tuple(text for text, _ in written)
