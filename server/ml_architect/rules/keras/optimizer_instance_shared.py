"""One optimizer object is compiled into two models."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.keras import TRAINING, Compile, KerasModels
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
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Expression, Node

_OPTIMIZERS = ("SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Adafactor", "Ftrl", "Lion")
"""What a repair may make a second one of."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the second model that is compiled with an optimizer and trained, and models rebuilt in a loop around it."""
    if not facts.calls_of(Kind.KERAS_OPTIMIZER):
        return
    models = facts.group(KerasModels)
    first_use: dict[Node, Compile] = {}
    for item in models.compiles:
        given = models.passed(item.call, "optimizer").value
        made = facts.construction(given, item.call) if given is not None else None
        if given is None or made is None or models.kind(made) is not Kind.KERAS_OPTIMIZER or len(item.made) != 1:
            continue
        if not _is_trained(models, item):
            continue
        first = first_use.setdefault(made.node, item)
        if not _share(facts, first, item, made):
            continue
        yield Finding(
            given,
            "this optimizer belongs to the variables of another model, so training this one raises",
            related=(
                Related(made.node, "the one optimizer"),
                *((Related(first.call.node, "its first model"),) if first is not item else ()),
            ),
            fix=partial(_fix, facts, given, item.call, made),
        )


def _is_trained(models: KerasModels, item: Compile) -> bool:
    calls = models.calls(*TRAINING)
    return any(call.receiver is not None and models.makers(call.receiver, call) == item.made for call in calls)


def _share(facts: ModuleFacts, first: Compile, item: Compile, made: CallSite) -> bool:
    """Whether two models, or the models of two passes of a loop, get the one optimizer."""
    if first is not item:
        same_flow = first.call.site.function is item.call.site.function and first.call.site.dominates(item.call.site)
        return same_flow and first.made.isdisjoint(item.made)
    model = facts.call_at(next(iter(item.made)))
    loop = next(iter(item.call.site.loops), None)
    if loop is None or model is None or made.site.function is not loop.function or made.site.inside(loop):
        return False
    return _happens_in(facts, model, item, loop)


def _happens_in(facts: ModuleFacts, model: CallSite, item: Compile, loop: object) -> bool:
    """Whether the model is made in each pass of the loop, by a function of this module or right there."""
    if any(site is loop for site in model.site.loops):
        return True
    origins = facts.origins(item.model, item.call).items
    return any(
        frame is not None and any(site is loop for site in frame.call.site.loops)
        for frame in (o.frame for o in origins)
    )


def _fix(facts: ModuleFacts, given: Expression, call: CallSite, made: CallSite) -> Fix | None:
    text = facts.text(made.node)
    if made.scope is not call.scope or "\n" in text or "\r" in text:
        return None
    return Fix(f"make an optimizer for this model: `{text}`", (replace(facts, given, text),), Safety.UNSAFE)


RULE = Rule(
    name="optimizer-instance-shared",
    summary="one optimizer object is used for two models",
    framework=Framework.KERAS,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "An optimizer creates its state for the variables of the first model that it trains. Training a second model with the same object "
        "raises `ValueError: Unknown variable`, since Keras 3 and TensorFlow 2.11. Before, the two models shared one step counter and "
        "learning rate schedule.\n\n"
        "Each model needs an optimizer of its own; in cross-validation it is made in the loop, together with the model."
    ),
    tradeoffs={
        Cost.MEMORY: "each optimizer keeps moments for the variables of its own model only",
        Cost.MAINTENANCE: "a function that makes model and optimizer together keeps folds independent of each other",
    },
    references=(
        Reference("Optimizers", "https://keras.io/api/optimizers/"),
        Reference("Model.compile", "https://keras.io/api/models/model_training_apis/#compile-method"),
    ),
    fires=(
        Fires(
            """\
import keras

optimizer = keras.optimizers.Adam(1e-3)
small = keras.Sequential([keras.layers.Dense(1)])
small.compile(optimizer=optimizer, loss="mse")
small.fit([[1.0]], [[1.0]])
large = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
large.compile(optimizer=optimizer, loss="mse")
large.fit([[1.0]], [[1.0]])
""",
            """\
import keras

optimizer = keras.optimizers.Adam(1e-3)
small = keras.Sequential([keras.layers.Dense(1)])
small.compile(optimizer=optimizer, loss="mse")
small.fit([[1.0]], [[1.0]])
large = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(1)])
large.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse")
large.fit([[1.0]], [[1.0]])
""",
        ),
        Fires(
            """\
import tensorflow as tf

def build():
    return tf.keras.Sequential([tf.keras.layers.Dense(1)])

def cross_validate(folds):
    optimizer = tf.keras.optimizers.SGD(0.1)
    for x, y in folds:
        model = build()
        model.compile(optimizer, "mse")
        model.fit(x, y)
""",
            """\
import tensorflow as tf

def build():
    return tf.keras.Sequential([tf.keras.layers.Dense(1)])

def cross_validate(folds):
    optimizer = tf.keras.optimizers.SGD(0.1)
    for x, y in folds:
        model = build()
        model.compile(tf.keras.optimizers.SGD(0.1), "mse")
        model.fit(x, y)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

optimizer = keras.optimizers.Adam()
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer, "mse")
model.fit([[1.0]], [[1.0]])
model.compile(optimizer, "mae")
model.fit([[1.0]], [[1.0]])
""",
            because="it is the same model",
        ),
        Quiet(
            """\
import keras

def cross_validate(folds):
    for x, y in folds:
        optimizer = keras.optimizers.Adam()
        model = keras.Sequential([keras.layers.Dense(1)])
        model.compile(optimizer, "mse")
        model.fit(x, y)
""",
            because="each pass makes its own optimizer",
        ),
        Quiet(
            """\
import keras

optimizer = keras.optimizers.Adam()
model = keras.Sequential([keras.layers.Dense(1)])
model.compile(optimizer, "mse")
model.fit([[1.0]], [[1.0]])
other = keras.Sequential([keras.layers.Dense(1)])
other.compile(optimizer, "mse")
other.evaluate([[1.0]], [[1.0]])
""",
            because="the other model is never trained",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the second optimizer starts without the state of the first",
    architect=Allowance(
        calls=tuple(f"keras.optimizers.{name}" for name in _OPTIMIZERS),
        rewrites={
            "$model.compile($optimizer, $*others)": "$model.compile(optimizer=None, $*others)",
            "$model.compile(optimizer=$optimizer, $*others)": "$model.compile(optimizer=None, $*others)",
        },
        exact=True,
        advice="Make an optimizer of the same class and arguments for the second model; leave the first model's optimizer alone.",
    ),
    evidence=Shown("tests/evidence/test_optimizer_instance_shared.py::test_one_optimizer_for_two_models_raises"),
    detect=detect,
    applies_to="tensorflow>=2.11",
)
