"""The loss does not fit the number of outputs, their activation, or the form of the labels."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.keras import FITTING, Compile, Head, KerasLoss, KerasModels
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
from ml_architect.syntax.nodes import Attribute, Call

_ONE_HOT = frozenset({"keras.utils.to_categorical", "tensorflow.one_hot", "pandas.get_dummies", "keras.ops.one_hot"})
_INTEGER = frozenset(
    f"keras.datasets.{name}.load_data" for name in ("cifar10", "cifar100", "fashion_mnist", "mnist", "reuters")
)
_LABEL_PATHS = frozenset({(0, 1), (1, 1)})
"""Where the labels are in ``(x_train, y_train), (x_test, y_test)``."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report one finding per ``compile``: about its labels, else about the units of the last layer."""
    models = facts.group(KerasModels)
    for item in models.compiles:
        if item.loss is not None and item.loss.takes_logits_or_probabilities:
            finding = (
                _about_labels(facts, models, item)
                or _about_units(facts, item, item.loss)
                or _about_classes(facts, item, item.loss)
            )
            if finding is not None:
                yield finding


def _about_units(facts: ModuleFacts, item: Compile, loss: KerasLoss) -> Finding | None:
    head = item.head
    if head is None or head.layer is None or head.units is None:
        return None
    wanted, severity = _mismatch(head, loss)
    if not wanted:
        return None
    target = "binary_crossentropy" if loss.has("multiclass") and head.activation == "sigmoid" else ""
    return Finding(
        loss.place,
        f"`{loss.name}` {wanted}",
        related=(Related(head.layer.node, f"the last layer has {head.units} unit{'s' if head.units > 1 else ''}"),),
        fix=partial(_fix, facts, loss, target) if target else None,
        severity=severity,
    )


def _about_classes(facts: ModuleFacts, item: Compile, loss: KerasLoss) -> Finding | None:
    """Return a finding where the last layer has another number of units than the project states classes."""
    head, classes = item.head, facts.profile.classes
    if (
        classes is None
        or head is None
        or head.layer is None
        or head.units in {None, classes}
        or not loss.has("multiclass")
    ):
        return None
    return Finding(
        head.layer.node,
        f"the last layer has {head.units} units, but the project states {classes} classes",
        related=(Related(loss.place, f"`{loss.name}` wants a unit for each class"),),
        severity=Severity.WARNING,
    )


def _mismatch(head: Head, loss: KerasLoss) -> tuple[str, Severity | None]:
    if loss.has("multiclass") and head.units == 1:
        if loss.has("index_targets"):
            return "with one unit knows class 0 only, so a label of 1 is out of range", None
        return "over one unit is 0 whatever the labels are", None
    if loss.has("multiclass") and head.activation == "sigmoid":
        return "wants the outputs of a softmax, which sum to 1, not of a sigmoid", Severity.INFO
    if loss.has("binary") and head.activation == "softmax" and (head.units or 0) > 1:
        return "treats each unit of the softmax as a yes/no question; for classes it is categorical", Severity.INFO
    return "", None


def _about_labels(facts: ModuleFacts, models: KerasModels, item: Compile) -> Finding | None:
    loss = item.loss
    if loss is None or not loss.has("multiclass"):
        return None
    one_hot, sparse = loss.has("one_hot_targets"), loss.has("index_targets")
    for fit in models.calls(*FITTING):
        if fit.receiver is None or models.compiled(fit.receiver, fit) is not item:
            continue
        form, place = _labels(facts, models, fit)
        if place is None or (form == "one-hot" and one_hot) or (form == "integer" and sparse):
            continue
        name = loss.symbol.name.rpartition(".")[2].replace("sparse_", "").replace("Sparse", "")
        target = (
            name if sparse else f"{'S' if name[:1].isupper() else 's'}parse{'' if name[:1].isupper() else '_'}{name}"
        )
        return Finding(
            loss.place,
            f"`{loss.name}` takes {'integer' if sparse else 'one-hot'} labels, but this model is fitted to {form} ones",
            related=(Related(fit.node, "fitted here"), Related(place.node, "the labels come from here")),
            fix=partial(_fix, facts, loss, target),
        )
    return None


def _labels(facts: ModuleFacts, models: KerasModels, fit: CallSite) -> tuple[str, CallSite | None]:
    """Return the form of the labels of a ``fit`` call and the call that gives them, None where not certain."""
    passed = models.passed(fit, "y")
    only = facts.origins(passed.value, fit).only if passed.value is not None else None
    call = facts.call_at(only.node) if only is not None and only.how == "value" else None
    name = facts.call_name(call) if call is not None else None
    if only is None or name is None:
        return "", None
    if name in _ONE_HOT and not only.path:
        return "one-hot", call
    is_integer = name in _INTEGER and only.path in _LABEL_PATHS
    return ("integer", call) if is_integer else ("", None)


def _fix(facts: ModuleFacts, loss: KerasLoss, target: str) -> Fix | None:
    """Write another name in the place of the loss's own: in the string, or as the last part of the dotted name."""
    title = f"use `{target}`"
    if loss.form == "string":
        edit = replace(facts, loss.place, facts.text(loss.place).replace(loss.name, target))
        return Fix(title, (edit,), Safety.UNSAFE) if loss.name.endswith("crossentropy") else None
    named = loss.place.func if isinstance(loss.place, Call) else loss.place
    if not isinstance(named, Attribute):
        return None
    if loss.form == "object" and target.islower():
        target = "".join(part.title() for part in target.split("_"))
    text = facts.text(named)
    edit = replace(facts, named, f"{text[: len(text) - len(named.attr)]}{target}")
    return Fix(title, (edit,), Safety.UNSAFE)


RULE = Rule(
    name="loss-units-mismatch",
    summary="the loss of a Keras model does not fit its last layer or its labels",
    framework=Framework.KERAS,
    category=Category.LOSS,
    severity=Severity.ERROR,
    why=(
        "`binary_crossentropy` goes with sigmoid units, `categorical_crossentropy` with a softmax over all classes and one-hot labels, "
        "`sparse_categorical_crossentropy` with the same softmax and integer labels. A categorical loss over one unit is 0 for "
        "every example, so nothing is learned; the sparse one raises for a label of 1, and so do labels in the wrong form.\n\n"
        "A binary loss on a softmax, and a categorical loss on sigmoids, do train, but on another objective than the names suggest: "
        "these are reported as information. For labels that do not exclude each other, sigmoid and the binary loss are right."
    ),
    tradeoffs={
        Cost.MEMORY: "integer labels with the sparse loss need one number per example, one-hot labels one per class",
        Cost.GENERALISATION: "label smoothing needs the one-hot form",
    },
    references=(
        Reference("Probabilistic losses", "https://keras.io/api/losses/probabilistic_losses/"),
        Reference("to_categorical", "https://keras.io/api/utils/python_utils/#tocategorical-function"),
    ),
    fires=(
        Fires(
            """\
import keras
from keras import layers

model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
""",
            """\
import keras
from keras import layers

model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
""",
        ),
        Fires(
            """\
import tensorflow as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation="softmax")])
model.compile("adam", tf.keras.losses.CategoricalCrossentropy())
model.fit(x_train / 255, y_train, epochs=3)
""",
            """\
import tensorflow as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation="softmax")])
model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy())
model.fit(x_train / 255, y_train, epochs=3)
""",
        ),
        Fires(
            """\
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import to_categorical

def train(x, y):
    labels = to_categorical(y, 3)
    model = Sequential()
    model.add(Dense(3, activation="softmax"))
    model.compile(loss='sparse_categorical_crossentropy', optimizer="adam")
    model.fit(x, labels)
""",
            """\
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import to_categorical

def train(x, y):
    labels = to_categorical(y, 3)
    model = Sequential()
    model.add(Dense(3, activation="softmax"))
    model.compile(loss='categorical_crossentropy', optimizer="adam")
    model.fit(x, labels)
""",
        ),
        Fires(
            """\
import keras

model = keras.Sequential([keras.layers.Dense(4, activation="softmax")])
model.compile("adam", loss="binary_crossentropy")
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

many_labels = keras.Sequential([keras.layers.Dense(4, activation="sigmoid")])
many_labels.compile("adam", loss="binary_crossentropy")
""",
            because="sigmoids and the binary loss fit labels that do not exclude each other",
        ),
        Quiet(
            """\
import keras

(x, y), _ = keras.datasets.cifar10.load_data()
y = keras.utils.to_categorical(y)
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", loss="categorical_crossentropy")
model.fit(x, y)
""",
            because="the labels were made one-hot",
        ),
        Quiet(
            """\
import keras

def build(units):
    model = keras.Sequential([keras.layers.Dense(units, activation="softmax")])
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return model
""",
            because="callers decide on the number of units",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="another loss is minimised",
    architect=Allowance(
        rewrites={
            "'binary_crossentropy'": "'categorical_crossentropy'",
            "'sparse_categorical_crossentropy'": "'categorical_crossentropy'",
            "keras.losses.binary_crossentropy": "keras.losses.categorical_crossentropy",
            "keras.losses.sparse_categorical_crossentropy": "keras.losses.categorical_crossentropy",
            "keras.losses.BinaryCrossentropy": "keras.losses.CategoricalCrossentropy",
            "keras.losses.SparseCategoricalCrossentropy": "keras.losses.CategoricalCrossentropy",
        },
        imports=(
            "keras.losses.BinaryCrossentropy",
            "keras.losses.CategoricalCrossentropy",
            "keras.losses.SparseCategoricalCrossentropy",
        ),
        advice=(
            "Name the loss that fits the last layer and the form of the labels. Do not change the layer: how many classes there are, "
            "and whether they exclude each other, cannot be seen here."
        ),
    ),
    evidence=Shown("tests/evidence/test_loss_units_mismatch.py::test_label_format_that_the_loss_does_not_take_raises"),
    detect=detect,
)
