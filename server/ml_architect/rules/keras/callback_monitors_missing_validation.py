"""A callback waits for a validation metric that fit never computes."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, Known, ModuleFacts
from ml_architect.facts.keras import FITTING, KerasModels
from ml_architect.rewrite import replace, set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Number,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Constant, Expression

_EFFECTS = {
    "keras.callbacks.EarlyStopping": "never stops the training",
    "keras.callbacks.ReduceLROnPlateau": "never lowers the learning rate",
    "keras.callbacks.ModelCheckpoint": "cannot tell which epoch is best",
}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report monitoring callbacks of ``fit`` calls without validation data that wait for a ``val_`` metric."""
    if not facts.calls_to(*_EFFECTS):
        return
    models = facts.group(KerasModels)
    seen = set()
    for fit in models.calls(*FITTING):
        if not _has_no_validation(models, fit):
            continue
        callbacks = models.callbacks(fit) or ()
        if any(facts.symbol(call) is None for call in callbacks):
            continue
        for call in callbacks:
            monitor = _monitor(facts, call)
            if monitor is None or call.node in seen:
                continue
            seen.add(call.node)
            effect = _EFFECTS[facts.call_name(call) or ""]
            yield Finding(
                call.node,
                f"this fit computes no `{monitor}`, so the callback {effect}",
                related=(Related(fit.node, "fitted without `validation_data` or `validation_split`"),),
                fix=partial(_fix, facts, call, monitor),
            )


def _has_no_validation(models: KerasModels, fit: CallSite) -> bool:
    data, split = models.passed(fit, "validation_data"), models.passed(fit, "validation_split")
    return (data.absent or _is_nothing(data.value)) and (split.absent or _is_nothing(split.value))


def _is_nothing(value: Expression | None) -> bool:
    return isinstance(value, Constant) and not value.value


def _monitor(facts: ModuleFacts, call: CallSite) -> str | None:
    """Return the ``val_`` metric that a callback certainly waits for."""
    name = facts.call_name(call)
    if name not in _EFFECTS:
        return None
    if name == "keras.callbacks.ModelCheckpoint":
        best: Known | None = facts.known(facts.passed(call, "save_best_only").value, call)
        if best is None or best.value is not True or best.overridable:
            return None
    passed = facts.passed(call, "monitor")
    if passed.absent:
        return "val_loss"
    known = facts.known(passed.value, call)
    if known is None or known.overridable or not isinstance(known.value, str):
        return None
    return known.value if known.value.startswith("val_") else None


def _fix(facts: ModuleFacts, call: CallSite, monitor: str) -> Fix | None:
    name = monitor.removeprefix("val_")
    value = facts.passed(call, "monitor").value
    if value is None:
        edit = set_keyword(facts, call, "monitor", f'"{name}"')
    elif isinstance(value, Constant):
        edit = replace(facts, value, facts.text(value).replace(monitor, name))
    else:
        return None
    return Fix(f'monitor `"{name}"`, which is computed', (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="callback-monitors-missing-validation",
    summary="a callback monitors a validation metric of a fit without validation data",
    framework=Framework.KERAS,
    category=Category.EVALUATION,
    severity=Severity.WARNING,
    why=(
        "`EarlyStopping`, `ReduceLROnPlateau` and `ModelCheckpoint` monitor `val_loss` unless told otherwise. A `fit` without "
        "`validation_data` and `validation_split` has no such metric: the callback prints a warning in each epoch and does not act. "
        "Training runs to the last epoch, at the first learning rate, and the checkpoint is not the best one.\n\n"
        "Validation data is the better repair. Monitoring the training metric makes the callback act, but it cannot see overfitting."
    ),
    tradeoffs={
        Cost.GENERALISATION: "only held-out data shows when a model begins to overfit; `loss` keeps falling",
        Cost.COMPUTE: "validation costs a forward pass over the held-out data in each epoch",
    },
    references=(
        Reference("EarlyStopping", "https://keras.io/api/callbacks/early_stopping/"),
        Reference("ReduceLROnPlateau", "https://keras.io/api/callbacks/reduce_lr_on_plateau/"),
        Reference("Model.fit", "https://keras.io/api/models/model_training_apis/#fit-method"),
    ),
    fires=(
        Fires(
            """\
from tensorflow import keras

def train(model, x_train, y_train):
    stop = keras.callbacks.EarlyStopping(patience=5)
    model.fit(x_train, y_train, epochs=100, callbacks=[stop])
""",
            """\
from tensorflow import keras

def train(model, x_train, y_train):
    stop = keras.callbacks.EarlyStopping(patience=5, monitor="loss")
    model.fit(x_train, y_train, epochs=100, callbacks=[stop])
""",
        ),
        Fires(
            """\
import keras
from keras.callbacks import CSVLogger, ReduceLROnPlateau

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(
    [1.0],
    [2.0],
    callbacks=[CSVLogger("log.csv"), ReduceLROnPlateau('val_loss', factor=0.5)],
)
""",
            """\
import keras
from keras.callbacks import CSVLogger, ReduceLROnPlateau

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(
    [1.0],
    [2.0],
    callbacks=[CSVLogger("log.csv"), ReduceLROnPlateau('loss', factor=0.5)],
)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from keras.callbacks import EarlyStopping

def train(model, x, y, validation):
    model.fit(x, y, validation_data=validation, callbacks=[EarlyStopping(patience=3)])
    model.fit(x, y, validation_split=0.1, callbacks=[EarlyStopping(patience=3)])
""",
            because="both fits compute val_loss",
        ),
        Quiet(
            """\
from keras.callbacks import EarlyStopping

def train(model, x, y):
    model.fit(x, y, callbacks=[EarlyStopping(monitor="loss", patience=3)])
""",
            because="the training loss is there without validation",
        ),
        Quiet(
            """\
from keras.callbacks import EarlyStopping

def train(model, x, y, **options):
    model.fit(x, y, callbacks=[EarlyStopping(patience=3)], **options)
""",
            because="callers may pass validation data",
        ),
        Quiet(
            """\
from keras.callbacks import EarlyStopping
from scikeras.wrappers import KerasClassifier

def train(build, x, y):
    model = KerasClassifier(build, validation_split=0.1)
    model.fit(x, y, callbacks=[EarlyStopping(patience=3)])
""",
            because="a wrapper may hold out validation data itself",
        ),
        Quiet(
            """\
import keras

class Scores(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = 0.0

def train(model, x, y):
    model.fit(x, y, callbacks=[Scores(), keras.callbacks.EarlyStopping(patience=3)])
""",
            because="a callback of one's own may compute the metric",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the callback begins to act, on a metric of the training data",
    architect=Allowance(
        keywords={
            "validation_split": Number(0.05, 0.3),
            **{f"{name}:monitor": Choice(("'accuracy'", "'acc'", "'loss'")) for name in _EFFECTS},
        },
        advice=(
            "Hold out validation data with `validation_split` where the data are arrays that are not sorted; else let the callback "
            "monitor what `fit` computes."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_callback_monitors_missing_validation.py::"
        "test_early_stopping_on_val_loss_never_stops_without_validation_data"
    ),
    detect=detect,
)
