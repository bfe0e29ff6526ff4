"""A callback monitors a metric under a name that nothing computes."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.keras import FITTING, Compile, KerasModels
from ml_architect.rewrite import replace
from ml_architect.rules.api import (
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
from ml_architect.syntax.nodes import Constant

_MONITORS = (
    "keras.callbacks.EarlyStopping",
    "keras.callbacks.ReduceLROnPlateau",
    "keras.callbacks.ModelCheckpoint",
)
_SPELLINGS = {"acc": "accuracy", "accuracy": "acc"}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report acc where the metric is compiled as accuracy, and the reverse."""
    if not facts.calls_to(*_MONITORS):
        return
    models = facts.group(KerasModels)
    seen = set()
    for fit in models.calls(*FITTING):
        callbacks = models.callbacks(fit) or ()
        compiled = models.compiled(fit.receiver, fit) if fit.receiver is not None and callbacks else None
        names = _logged(models, compiled) if compiled is not None else None
        if compiled is None or names is None or any(facts.symbol(call) is None for call in callbacks):
            continue
        for call in callbacks:
            monitor = _monitor(facts, call)
            base = monitor.removeprefix("val_") if monitor is not None else ""
            other = _SPELLINGS.get(base)
            if monitor is None or call.node in seen or base in names or other not in names:
                continue
            seen.add(call.node)
            right = monitor.removesuffix(base) + other
            yield Finding(
                call.node,
                f"no metric is named `{monitor}`: this model logs `{right}`",
                related=(Related(compiled.call.node, f"compiled with `{other}`"),),
                fix=partial(_fix, facts, call, right),
            )


def _logged(models: KerasModels, compiled: Compile) -> frozenset[str] | None:
    """Return the names given as strings, None where metrics are out of sight."""
    metrics = models.metrics(compiled)
    if metrics is None or any(metric.text is None and metric.symbol is None for metric in metrics):
        return None
    named = {
        str(argument.value.value)
        for metric in metrics
        if metric.made is not None
        for argument in metric.made.node.arguments
        if argument.keyword in {"name", None} and isinstance(argument.value, Constant)
    }
    return frozenset(metric.text for metric in metrics if metric.text is not None) | named


def _monitor(facts: ModuleFacts, call: CallSite) -> str | None:
    if facts.call_name(call) not in _MONITORS:
        return None
    known = facts.known(facts.passed(call, "monitor").value, call)
    return known.value if known is not None and not known.overridable and isinstance(known.value, str) else None


def _fix(facts: ModuleFacts, call: CallSite, right: str) -> Fix | None:
    value = facts.passed(call, "monitor").value
    if not isinstance(value, Constant) or not isinstance(value.value, str):
        return None
    edit = replace(facts, value, facts.text(value).replace(value.value, right))
    return Fix(f"monitor `{right}`", (edit,), Safety.SAFE)


RULE = Rule(
    name="callback-monitor-key-mismatch",
    summary="a callback monitors `acc` while the model logs `accuracy`, or the reverse",
    framework=Framework.KERAS,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        'Metrics are logged under the name that `compile` gets: `metrics=["accuracy"]` gives `accuracy` and `val_accuracy`, '
        '`metrics=["acc"]` gives `acc` and `val_acc`. A callback that waits for the other spelling raises in Keras 3 where it cannot tell '
        "whether more or less is better, and with `mode=` given, or in Keras 2, it warns in each epoch and never acts.\n\n"
        "Keras before 2.3 logged `accuracy` as `acc`, which is where the short name comes from."
    ),
    tradeoffs={Cost.MAINTENANCE: "a name written once as a constant keeps metrics and callbacks together"},
    references=(
        Reference("EarlyStopping", "https://keras.io/api/callbacks/early_stopping/"),
        Reference("ModelCheckpoint", "https://keras.io/api/callbacks/model_checkpoint/"),
    ),
    fires=(
        Fires(
            """\
import keras

def train(model, x, y):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(monitor="val_acc", patience=5)
    model.fit(x, y, validation_split=0.1, callbacks=[stop])
""",
            """\
import keras

def train(model, x, y):
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=5)
    model.fit(x, y, validation_split=0.1, callbacks=[stop])
""",
        ),
        Fires(
            """\
from keras.callbacks import ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential

model = Sequential([Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=['acc'])
saving = ModelCheckpoint("best.keras", 'accuracy', save_best_only=True)
model.fit([[1.0]], [[1.0]], callbacks=saving)
""",
            """\
from keras.callbacks import ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential

model = Sequential([Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=['acc'])
saving = ModelCheckpoint("best.keras", 'acc', save_best_only=True)
model.fit([[1.0]], [[1.0]], callbacks=saving)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

def train(model, x, y):
    model.compile("adam", "mse", metrics=["acc"])
    stop = keras.callbacks.EarlyStopping(monitor="val_acc", patience=5)
    model.fit(x, y, validation_split=0.1, callbacks=[stop])
""",
            because="both say acc",
        ),
        Quiet(
            """\
import keras

def train(model, x, y):
    model.compile("adam", "mse", metrics=[keras.metrics.BinaryAccuracy(name="acc"), "accuracy"])
    model.fit(x, y, validation_split=0.1, callbacks=[keras.callbacks.EarlyStopping(monitor="val_acc")])
""",
            because="a metric was given that name",
        ),
        Quiet(
            """\
import keras

def train(model, x, y, metrics):
    model.compile("adam", "mse", metrics=metrics)
    model.fit(x, y, validation_split=0.1, callbacks=[keras.callbacks.EarlyStopping(monitor="val_acc")])
""",
            because="the metrics are not known",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the callback raises or does nothing today, and the accuracy is the only metric that can be meant",
    evidence=Shown("tests/evidence/test_callback_monitor_key_mismatch.py::test_monitor_name_that_no_metric_has_raises"),
    detect=detect,
)
