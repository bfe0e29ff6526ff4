"""Layers are frozen or freed after compile, without compiling again."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, ModuleFacts, Site, dotted_name
from ml_architect.facts.keras import FITTING, KerasModels
from ml_architect.rewrite import insert_before
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
from ml_architect.syntax.nodes import Assign, Attribute, Expression, ExpressionStatement, For, Subscript


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``x.trainable = ...`` between two fits of one model in one block, without ``compile`` between them."""
    models = facts.group(KerasModels)
    fits = models.calls(*FITTING) if models.present else []
    if len(fits) < _TWO:
        return
    for site in facts.statements(Assign):
        changed = _changed(site)
        if changed is None:
            continue
        outer = next(iter(site.loops), site) if _is_over_layers(site) else site
        before = [fit for fit in fits if fit.site.block is outer.block and fit.site.order < outer.order]
        after = [fit for fit in fits if fit.site.block is outer.block and fit.site.order > outer.order]
        if not before or not after or not _is_part(facts, fits, changed, site, after[0]):
            continue
        if _same_model(facts, before[-1], after[0]) and not _is_compiled_between(facts, before[-1], after[0]):
            yield Finding(
                site.statement,
                "this has no effect on the next fit: its training step was built before the change",
                related=(Related(after[0].node, "still trains the layers of the last `compile`"),),
                fix=partial(_fix, facts, models, after[0]),
            )


def _changed(site: Site) -> Expression | None:
    """Return the model or layer whose ``trainable`` is assigned."""
    statement = site.statement
    if not isinstance(statement, Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    return target.value if isinstance(target, Attribute) and target.attr == "trainable" else None


def _is_over_layers(site: Site) -> bool:
    loop = next(iter(site.loops), None)
    return loop is not None and isinstance(loop.statement, For) and _layers_owner(loop.statement.iterable) is not None


def _layers_owner(expression: Expression) -> Expression | None:
    """Return ``model`` for ``model.layers`` and parts of that."""
    while isinstance(expression, Subscript):
        expression = expression.value
    return expression.value if isinstance(expression, Attribute) and expression.attr == "layers" else None


def _is_part(facts: ModuleFacts, fits: list[CallSite], changed: Expression, site: Site, fit: CallSite) -> bool:
    """Whether the change is about the fitted model, or about a part where only one model is fitted at all."""
    loop = next(iter(site.loops), None)
    owner = _layers_owner(changed)
    if owner is None and loop is not None and isinstance(loop.statement, For):
        owner = _layers_owner(loop.statement.iterable)
    owner = owner or changed
    if fit.receiver is None:
        return False
    if facts.same_object(owner, site, fit.receiver, fit) is Answer.YES:
        return True
    is_keras = facts.is_kind(owner, site, Kind.KERAS_MODEL, Kind.KERAS_LAYER) is Answer.YES
    return is_keras and all(_same_model(facts, other, fit) for other in fits)


def _same_model(facts: ModuleFacts, one: CallSite, other: CallSite) -> bool:
    if one.receiver is None or other.receiver is None:
        return False
    return facts.same_object(one.receiver, one, other.receiver, other) is Answer.YES


def _is_compiled_between(facts: ModuleFacts, before: CallSite, after: CallSite) -> bool:
    """Whether anything that may compile the model happens between: a compile, or a call that gets the model."""
    name = dotted_name(after.receiver)
    for call in facts.calls:
        if not before.site.order < call.site.order < after.site.order:
            continue
        if call.method == "compile" or any(dotted_name(argument.value) == name for argument in call.node.arguments):
            return True
        if facts.values.called(call) is not None:
            return True
    return False


def _fix(facts: ModuleFacts, models: KerasModels, fit: CallSite) -> Fix | None:
    compiled = models.compiled(fit.receiver, fit) if fit.receiver is not None else None
    if compiled is None or not isinstance(compiled.call.site.statement, ExpressionStatement):
        return None
    text = facts.text(compiled.call.node)
    if compiled.call.site.scope is not fit.site.scope or "\n" in text or "\r" in text:
        return None
    edit = insert_before(facts, fit.site, text)
    return Fix("compile again before this fit", (edit,), Safety.UNSAFE) if edit else None


_TWO = 2

RULE = Rule(
    name="trainable-changed-after-fit",
    summary="trainable is changed between two fits without compiling the model again",
    framework=Framework.KERAS,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "Keras decides which variables a step updates when the step is built, at the first `fit` after `compile`. A later "
        "change of `trainable` changes the attribute and nothing else: frozen layers go on training, freed ones stay as they are. "
        "Fine-tuning in two phases needs `compile` again after the change, usually with a much lower learning rate."
    ),
    tradeoffs={
        Cost.STABILITY: "compiling again starts a new optimizer without the moments of the first phase",
        Cost.COMPUTE: "the step is traced again once",
    },
    references=(
        Reference("Transfer learning and fine-tuning", "https://keras.io/guides/transfer_learning/"),
        Reference("Model.compile", "https://keras.io/api/models/model_training_apis/#compile-method"),
    ),
    fires=(
        Fires(
            """\
import keras

def fine_tune(data):
    base = keras.applications.MobileNetV2(include_top=False, pooling="avg")
    base.trainable = False
    model = keras.Sequential([base, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data, epochs=5)
    base.trainable = True
    model.fit(data, epochs=5)
""",
            """\
import keras

def fine_tune(data):
    base = keras.applications.MobileNetV2(include_top=False, pooling="avg")
    base.trainable = False
    model = keras.Sequential([base, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data, epochs=5)
    base.trainable = True
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(data, epochs=5)
""",
        ),
        Fires(
            """\
import tensorflow as tf

def train(model: tf.keras.Model, data):
    model.compile("sgd", "mse")
    model.fit(data)
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.fit(data)
""",
            """\
import tensorflow as tf

def train(model: tf.keras.Model, data):
    model.compile("sgd", "mse")
    model.fit(data)
    for layer in model.layers[:-1]:
        layer.trainable = False
    model.compile("sgd", "mse")
    model.fit(data)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

def train(model: keras.Model, data):
    model.compile("adam", "mse")
    model.fit(data)
    model.layers[0].trainable = False
    model.compile(keras.optimizers.Adam(1e-5), "mse")
    model.fit(data)
""",
            because="the model is compiled again",
        ),
        Quiet(
            """\
import keras

def train(model: keras.Model, data):
    model.compile("adam", "mse")
    model.trainable = False
    model.fit(data)
    model.fit(data)
""",
            because="a change before the first fit counts",
        ),
        Quiet(
            """\
import keras

def train(model: keras.Model, other: keras.Model, data):
    model.fit(data)
    other.trainable = False
    model.fit(data)
    other.fit(data)
""",
            because="the change is about another model",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="other layers are trained, and the optimizer starts anew",
    architect=Allowance(
        statements=("$model.compile($*arguments)",),
        exact=True,
        advice=(
            "Compile again between the change and the next fit, with the arguments of the first `compile`, so that the loss and the "
            "metrics stay what they were."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_trainable_changed_after_fit.py::test_layer_frozen_after_fit_keeps_training_until_compile"
    ),
    detect=detect,
)
