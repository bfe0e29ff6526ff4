"""A symbol, argument or value that newer releases deprecate or have removed."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from ml_architect.facts import ModuleFacts
from ml_architect.facts.deprecations import Deprecations, Standing, Use
from ml_architect.rewrite import Fix
from ml_architect.rewrite.deprecations import modernised_together
from ml_architect.rules.api import (
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.text import Span

_SEVERITY = {Standing.REMOVED: Severity.ERROR, Standing.DEPRECATED: Severity.WARNING, Standing.UNKNOWN: Severity.INFO}
_MOST_RELATED = 20
_MOST_NAMED = 3
_FEW = 2
"""Up to so many symbols of one release are told of one by one; with more, the file as a whole is of an older release."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report rows of the deprecation table that the file uses, each once with all of its uses.

    Uses that the table has repairs for are told apart from those that take judgement, since a repair makes all of the
    former disappear. Where many symbols that take judgement were removed in one release, they are told of together.
    Where the version is not known this is information.
    """
    told: dict[tuple[str, str | None, str | None], list[Use]] = {}
    places: set[Span] = set()
    for use in facts.group(Deprecations).uses:
        place = facts.span(use.place)
        if place not in places and not use.row.symbol.endswith("TrainingArguments"):
            places.add(place)
            told.setdefault((use.row.symbol, use.row.keyword, use.row.value), []).append(use)
    hard: dict[tuple[str, str | None], list[list[Use]]] = {}
    for uses in told.values():
        rest = uses
        while (repair := modernised_together(facts, rest)) is not None:
            fix, repaired = repair
            yield _finding(repaired, partial(_known, fix))
            rest = [use for use in rest if use not in repaired]
        if rest:
            hard.setdefault((rest[0].row.library, rest[0].row.removed), []).append(rest)
    for (_, removed), groups in hard.items():
        if removed is not None and len(groups) > _FEW:
            yield _older_release(groups)
        else:
            yield from (_finding(uses, None) for uses in groups)


def _known(fix: Fix) -> Fix:
    return fix


def _finding(uses: Sequence[Use], fix: Callable[[], Fix] | None) -> Finding:
    first = uses[0]
    return Finding(
        first.place,
        _message(first, len(uses)),
        related=tuple(Related(other.place, "used here as well") for other in uses[1 : _MOST_RELATED + 1]),
        severity=_SEVERITY[first.standing],
        fix=fix,
    )


def _older_release(groups: Sequence[Sequence[Use]]) -> Finding:
    """Return one finding for symbols that were removed in the same release; its places say what to use for each."""
    first = groups[0][0]
    row = first.row
    others = [_name(uses[0]) for uses in groups[1:]]
    unnamed = len(others) - _MOST_NAMED
    shown = ", ".join(others[:_MOST_NAMED]) + (f" and {unnamed} more" if unnamed > 0 else "")
    return Finding(
        first.place,
        f"{_name(first)} (use {_advice(row.replacement)}) and {len(others)} other symbols of this file were removed in "
        f"{row.library} {row.removed}: {shown}",
        related=tuple(Related(uses[0].place, _message(uses[0], len(uses))) for uses in groups[1 : _MOST_RELATED + 1]),
        severity=_SEVERITY[first.standing],
    )


def _name(use: Use) -> str:
    row = use.row
    if row.value is not None:
        return f"`{row.keyword}={row.value}` of `{row.symbol}`"
    return f"`{row.keyword}` of `{row.symbol}`" if row.keyword else f"`{row.symbol}`"


def _message(use: Use, count: int) -> str:
    row = use.row
    if use.standing is Standing.REMOVED or (use.standing is Standing.UNKNOWN and row.removed is not None):
        state = f"was removed in {row.library} {row.removed}"
    else:
        state = f"is deprecated since {row.library} {row.deprecated}"
    more = count - 1
    times = f" (here and in {more} more place{'' if more == 1 else 's'})" if more else ""
    return f"{_name(use)} {state}{times}; use {_advice(row.replacement)}"


def _advice(replacement: str) -> str:
    return replacement if " " in replacement or replacement == "nothing" else f"`{replacement}`"


RULE = Rule(
    name="deprecated-symbol",
    summary="a symbol, argument or value that newer releases of a library deprecate or have removed",
    framework=Framework.ANY,
    category=Category.UPGRADE,
    severity=Severity.WARNING,
    why=(
        "Libraries rename and drop parts of their interface. What is removed raises at the first call, often after the data has been loaded; what is "
        "deprecated warns until it is removed, and some arguments are accepted and ignored, which changes results silently.\n\n"
        "The version comes from the project's lock file, requirements or installed packages. Where it is not known, the newest documented state is told as "
        "information. Each symbol is told of once in a file, with its other uses, and the repair changes all of them; what takes judgement and was removed in one release "
        "is told of together. Code that asks for the version, or catches "
        "the error, is left alone."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "the code runs on current releases; older ones may need the old spelling, which a version pin makes explicit"
    },
    references=(
        Reference("PyTorch release notes", "https://github.com/pytorch/pytorch/releases"),
        Reference("Keras 3 migration guide", "https://keras.io/guides/migrating_to_keras_3/"),
        Reference("scikit-learn: what's new", "https://scikit-learn.org/stable/whats_new.html"),
    ),
    fires=(
        Fires(
            """\
import torch

def train(model, loader, optimizer):
    scaler = torch.cuda.amp.GradScaler()
    for batch in loader:
        optimizer.zero_grad()
        scaler.scale(model(batch).mean()).backward()
        scaler.step(optimizer)
        scaler.update()
""",
            """\
import torch

def train(model, loader, optimizer):
    scaler = torch.amp.GradScaler("cuda")
    for batch in loader:
        optimizer.zero_grad()
        scaler.scale(model(batch).mean()).backward()
        scaler.step(optimizer)
        scaler.update()
""",
            versions={"torch": "2.6.0"},
        ),
        Fires(
            """\
from sklearn.preprocessing import OneHotEncoder

encoder = OneHotEncoder(sparse=False)
""",
            """\
from sklearn.preprocessing import OneHotEncoder

encoder = OneHotEncoder(sparse_output=False)
""",
            versions={"scikit-learn": "1.5.0"},
        ),
        Fires(
            """\
from torch.autograd import Variable

def step(model, images, labels, criterion):
    images = Variable(images)
    return criterion(model(images), Variable(labels))
""",
            """\
from torch.autograd import Variable

def step(model, images, labels, criterion):
    images = images
    return criterion(model(images), labels)
""",
        ),
        Fires(
            """\
import tensorflow as tf

inputs = tf.placeholder(tf.float32, [None, 784])
targets = tf.placeholder(tf.float32, [None, 10])
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from sklearn.preprocessing import OneHotEncoder

encoder = OneHotEncoder(sparse=False)
""",
            because="this release still has the old name",
            versions={"scikit-learn": "1.1.0"},
        ),
        Quiet(
            """\
from sklearn.preprocessing import OneHotEncoder

try:
    encoder = OneHotEncoder(sparse_output=False)
except TypeError:
    encoder = OneHotEncoder(sparse=False)
""",
            because="both spellings are provided for",
        ),
        Quiet(
            """\
import torch
from helpers import TORCH_AT_LEAST_2_4

def make_scaler(device):
    return torch.amp.GradScaler(device) if TORCH_AT_LEAST_2_4 else torch.cuda.amp.GradScaler()
""",
            because="a flag that names a version decides between both spellings",
            versions={"torch": "2.6.0"},
        ),
        Quiet(
            """\
class OneHotEncoder:
    def __init__(self, sparse):
        self.sparse = sparse

encoder = OneHotEncoder(sparse=False)
""",
            because="another class of the same name",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="renames with one meaning are safe; those whose defaults or results differ are not",
    evidence=Shown("tests/evidence/test_deprecated_symbol.py::test_removed_symbol_raises_and_its_replacement_works"),
    detect=detect,
)
