"""A custom training step runs its model in inference mode."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, ModuleFacts, Site
from ml_architect.facts.keras_modes import KerasModes
from ml_architect.rewrite import set_keyword
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
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Name, With

_TAPE = "tensorflow.GradientTape"
_VARIABLES = frozenset({"trainable_variables", "trainable_weights", "variables", "weights"})
_APPLYING = ("apply_gradients", "apply")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report model calls without ``training=`` on a tape whose gradients update that model."""
    for opened in facts.calls_to(_TAPE):
        if not isinstance(opened.site.statement, With) or not _is_applied(facts, opened.site):
            continue
        for call in facts.calls:
            if not call.site.inside(opened.site) or not _is_plain_forward(facts, call):
                continue
            gradient = _gradient(facts, call)
            if gradient is None or facts.group(KerasModes).mode_matters(call.node.func, call) is not Answer.YES:
                continue
            yield Finding(
                call.node,
                f"`{facts.text(call.node.func)}` runs in inference mode here: pass `training=True`",
                related=(Related(gradient.node, "this step trains the model"),),
                fix=partial(_fix, facts, call),
            )


def _is_applied(facts: ModuleFacts, tape: Site) -> bool:
    calls = facts.method_calls(*_APPLYING)
    return any(call.site.function is tape.function for call in calls)


def _is_plain_forward(facts: ModuleFacts, call: CallSite) -> bool:
    """Whether a model is called with its inputs and nothing else."""
    arguments = call.node.arguments
    if len(arguments) != 1 or arguments[0].star or not isinstance(call.node.func, (Name, Attribute)):
        return False
    if facts.call_name(call) is not None or arguments[0].keyword not in {None, "inputs"}:
        return False
    return facts.is_kind(call.node.func, call, Kind.KERAS_MODEL) is Answer.YES


def _gradient(facts: ModuleFacts, forward: CallSite) -> CallSite | None:
    """Return the gradient call of the same function that differentiates by the model's own variables."""
    for call in facts.method_calls("gradient"):
        sources = facts.passed(call, "sources", 1).value
        if call.site.function is not forward.site.function or not isinstance(sources, Attribute):
            continue
        same = facts.same_object(sources.value, call, forward.node.func, forward)
        if sources.attr in _VARIABLES and same is Answer.YES:
            return call
    return None


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    edit = set_keyword(facts, call, "training", "True")
    return Fix("pass `training=True`", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="custom-loop-without-training-flag",
    summary="a model with dropout or batch normalisation is trained on a GradientTape without training=True",
    framework=Framework.KERAS,
    category=Category.TRAINING_LOOP,
    severity=Severity.ERROR,
    why=(
        "Outside of `fit`, calling a Keras model means inference. On a `GradientTape` without `training=True` dropout drops nothing, "
        "random augmentation layers do nothing, and batch normalisation uses its moving statistics, which never leave their initial values. "
        "Training seems to work, without the regularisation that the model was given."
    ),
    tradeoffs={
        Cost.GENERALISATION: "dropout and augmentation act again; training loss rises and validation usually improves",
        Cost.STABILITY: "batch normalisation normalises with the batch and updates its moving statistics",
    },
    references=(
        Reference(
            "Writing a training loop from scratch",
            "https://keras.io/guides/writing_a_custom_training_loop_in_tensorflow/",
        ),
        Reference("What does the training argument do", "https://keras.io/getting_started/faq/"),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

model = tf.keras.Sequential([
    tf.keras.layers.Dense(64, activation="relu"),
    tf.keras.layers.Dropout(0.5),
    tf.keras.layers.Dense(10),
])
optimizer = tf.keras.optimizers.Adam()
loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
""",
            """\
import tensorflow as tf

model = tf.keras.Sequential([
    tf.keras.layers.Dense(64, activation="relu"),
    tf.keras.layers.Dropout(0.5),
    tf.keras.layers.Dense(10),
])
optimizer = tf.keras.optimizers.Adam()
loss_of = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
""",
        ),
        Fires(
            """\
import tensorflow as tf
from tensorflow.keras import Model, layers

class Net(Model):
    def __init__(self):
        super().__init__()
        self.norm = layers.BatchNormalization()
        self.out = layers.Dense(1)

    def call(self, x, training=None):
        return self.out(self.norm(x, training=training))

def train(data, optimizer):
    net = Net()
    for x, y in data:
        with tf.GradientTape() as tape:
            prediction = net(x)
            loss = tf.reduce_mean((prediction - y) ** 2)
        gradients = tape.gradient(loss, net.trainable_weights)
        optimizer.apply_gradients(zip(gradients, net.trainable_weights))
""",
            """\
import tensorflow as tf
from tensorflow.keras import Model, layers

class Net(Model):
    def __init__(self):
        super().__init__()
        self.norm = layers.BatchNormalization()
        self.out = layers.Dense(1)

    def call(self, x, training=None):
        return self.out(self.norm(x, training=training))

def train(data, optimizer):
    net = Net()
    for x, y in data:
        with tf.GradientTape() as tape:
            prediction = net(x, training=True)
            loss = tf.reduce_mean((prediction - y) ** 2)
        gradients = tape.gradient(loss, net.trainable_weights)
        optimizer.apply_gradients(zip(gradients, net.trainable_weights))
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(8), tf.keras.layers.Dense(1)])

def step(x, y, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
""",
            because="no layer of this model depends on the mode",
        ),
        Quiet(
            """\
import tensorflow as tf

model = tf.keras.applications.ResNet50()

def saliency(image):
    with tf.GradientTape() as tape:
        tape.watch(image)
        score = model(image)
    return tape.gradient(score, image)
""",
            because="inference mode is right for a saliency map",
        ),
        Quiet(
            """\
import tensorflow as tf

critic = tf.keras.applications.ResNet50(include_top=False)
painter = tf.keras.Sequential([tf.keras.layers.Dropout(0.1), tf.keras.layers.Dense(8)])

def step(x, optimizer):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(critic(painter(x, training=True)))
    gradients = tape.gradient(loss, painter.trainable_variables)
    optimizer.apply_gradients(zip(gradients, painter.trainable_variables))
""",
            because="the model that is trained gets the flag; the other one is fixed",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the forward pass changes",
    architect=Allowance(
        keywords={"training": Choice(("True",))},
        advice="Pass `training=True` to the model's call on the tape, and to no call outside of it.",
    ),
    evidence=Shown(
        "tests/evidence/test_custom_loop_without_training_flag.py::"
        "test_dropout_is_off_in_a_gradient_tape_without_the_training_flag"
    ),
    detect=detect,
)
