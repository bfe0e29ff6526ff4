"""A symbol, argument or value that newer releases deprecate or have removed."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import ModuleFacts
from ml_architect.facts.deprecations import Deprecations, Standing, Use
from ml_architect.rewrite.deprecations import modernised
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

_SEVERITY = {Standing.REMOVED: Severity.ERROR, Standing.DEPRECATED: Severity.WARNING, Standing.UNKNOWN: Severity.INFO}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report uses of rows of the deprecation table; where the version is not known, once for each row and as information."""
    told: dict[object, list[Use]] = {}
    for use in facts.group(Deprecations).uses:
        if use.row.symbol.endswith("TrainingArguments"):
            continue
        key = (use.row.symbol, use.row.keyword) if use.standing is Standing.UNKNOWN else use.place
        told.setdefault(key, []).append(use)
    for uses in told.values():
        first = uses[0]
        yield Finding(
            first.place,
            _message(first),
            related=tuple(Related(other.place, "used here as well") for other in uses[1:6]),
            severity=_SEVERITY[first.standing],
            fix=partial(modernised, facts, first),
        )


def _message(use: Use) -> str:
    row = use.row
    name = f"`{row.keyword}` of `{row.symbol}`" if row.keyword else f"`{row.symbol}`"
    if row.value is not None:
        name = f"`{row.keyword}={row.value}` of `{row.symbol}`"
    if use.standing is Standing.REMOVED or (use.standing is Standing.UNKNOWN and row.removed is not None):
        state = f"was removed in {row.library} {row.removed}"
    else:
        state = f"is deprecated since {row.library} {row.deprecated}"
    return f"{name} {state}; use {_advice(row.replacement)}"


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
        "information. Code that asks for the version, or catches the error, is left alone."
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
