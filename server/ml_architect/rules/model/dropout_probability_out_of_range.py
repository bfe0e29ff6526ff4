"""A dropout probability is no probability, or drops nearly all."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, Known, ModuleFacts
from ml_architect.facts.arguments import Passed
from ml_architect.rewrite import replace
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Number,
    Quiet,
    Reference,
    Rule,
    Safety,
    Severity,
    Shown,
    StartingValue,
)
from ml_architect.syntax.nodes import Constant

_PARAMETERS = {
    **{
        f"torch.nn.{name}": "p"
        for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
    },
    **{
        f"torch.nn.functional.{name}": "p"
        for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout")
    },
    **{f"torch.nn.{name}": "dropout" for name in ("LSTM", "GRU", "RNN", "MultiheadAttention", "Transformer")},
    **{f"torch.nn.{name}": "dropout" for name in ("TransformerEncoderLayer", "TransformerDecoderLayer")},
    **{
        f"keras.layers.{name}": "rate"
        for name in (
            "Dropout",
            "AlphaDropout",
            "GaussianDropout",
            "SpatialDropout1D",
            "SpatialDropout2D",
            "SpatialDropout3D",
        )
    },
}
_MOST = 0.9
_PERCENT = 100


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report known probabilities outside of 0 to 1, and those of 0.9 and more."""
    if not facts.imports("torch", "keras", "tensorflow", "tf_keras"):
        return
    for name, parameter in _PARAMETERS.items():
        for call in facts.calls_to(name):
            passed = facts.passed(call, parameter)
            known = facts.known(passed.value, passed.at or call) if passed.value is not None else None
            if known is not None and passed.value is not None:
                yield from _judge(facts, call, passed, known)


def _judge(facts: ModuleFacts, call: CallSite, passed: Passed, known: Known) -> Iterator[Finding]:
    number = known.number()
    place = passed.argument or call.node
    if number is None:
        return
    if not 0 <= number <= 1:
        yield Finding(
            place,
            f"a dropout probability lies between 0 and 1, {known.value} raises",
            fix=partial(_fix, facts, passed, known),
        )
    elif number >= _MOST and not known.overridable:
        message = f"this dropout zeroes {number:.0%} of the values"
        keeps = " (the argument is the part that is dropped, not the part that is kept)"
        yield Finding(place, message + keeps, severity=Severity.INFO)


def _fix(facts: ModuleFacts, passed: Passed, known: Known) -> Fix | None:
    """Read a whole number as per cent."""
    value = known.value
    if passed.value is None or not isinstance(passed.value, Constant) or not isinstance(value, int):
        return None
    if not 1 < value < _PERCENT:
        return None
    return Fix(f"pass {value / _PERCENT}", (replace(facts, passed.value, str(value / _PERCENT)),), Safety.UNSAFE)


RULE = Rule(
    name="dropout-probability-out-of-range",
    summary="a dropout probability lies outside of 0 to 1, or drops nearly everything",
    framework=Framework.ANY,
    category=Category.HYPERPARAMETER,
    severity=Severity.ERROR,
    why=(
        "The argument of a dropout layer is the probability with which a value is dropped. Numbers outside of 0 to 1 (mostly percentages) raise "
        "`ValueError`. Numbers close to 1 leave hardly any signal, and 1 gives zeros only; they are mostly keep probabilities, as old TensorFlow wanted them."
    ),
    tradeoffs={
        Cost.GENERALISATION: "more dropout regularises more, up to the point where the network underfits",
        Cost.STABILITY: "the values that are kept are scaled by 1 / (1 - p), which amplifies noise for p close to 1",
    },
    starting_values=(
        StartingValue(
            "dropout in fully connected layers",
            "0.5",
            "0.2 to 0.5",
            "the value of the original paper for hidden layers",
        ),
        StartingValue(
            "dropout in transformers", "0.1", "0.0 to 0.3", "the value of the original paper; large data sets need none"
        ),
        StartingValue(
            "dropout in convolutional layers", "0.1", "0.0 to 0.2", "batch normalisation regularises there already"
        ),
    ),
    references=(
        Reference("torch.nn.Dropout", "https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html"),
        Reference("keras.layers.Dropout", "https://keras.io/api/layers/regularization_layers/dropout/"),
    ),
    fires=(
        Fires(
            """\
from torch import nn

model = nn.Sequential(
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Dropout(20),
    nn.Linear(64, 10),
)
""",
            """\
from torch import nn

model = nn.Sequential(
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Dropout(0.2),
    nn.Linear(64, 10),
)
""",
        ),
        Fires(
            """\
import keras

model = keras.Sequential([
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dropout(rate=50),
    keras.layers.Dense(10),
])
""",
            """\
import keras

model = keras.Sequential([
    keras.layers.Dense(64, activation="relu"),
    keras.layers.Dropout(rate=0.5),
    keras.layers.Dense(10),
])
""",
        ),
        Fires(
            """\
from torch import nn

KEEP = 0.95
layer = nn.Dropout(p=KEEP)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

layers = [nn.Dropout(0.5), nn.Dropout2d(p=0.0), nn.Dropout()]
""",
            because="these are probabilities",
        ),
        Quiet(
            """\
from torch import nn

def head(dropout=0.95):
    return nn.Dropout(dropout)
""",
            because="the caller may pass another value",
        ),
        Quiet(
            """\
from torch import nn

KEEP = 0.9
layer = nn.Dropout(p=1 - KEEP)
""",
            because="the keep probability is turned around",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="a whole number is read as per cent, which is a guess",
    architect=Allowance(
        keywords={f"{name}:{parameter}": Number(0.0, 0.5) for name, parameter in _PARAMETERS.items()},
        advice=(
            "Pass the part that is dropped, between 0 and 1: a number of per cent is divided by 100, a probability of keeping "
            "is taken from 1."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_dropout_probability_out_of_range.py::test_probability_outside_of_zero_to_one_raises"
    ),
    detect=detect,
)
