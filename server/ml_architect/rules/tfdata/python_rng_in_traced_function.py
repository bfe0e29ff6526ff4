"""Random numbers of Python or NumPy are drawn while TensorFlow traces, once."""

from collections.abc import Iterator

from ml_architect.facts import CallSite, Function, ModuleFacts
from ml_architect.facts.traced import Traced, TracedFunction
from ml_architect.rules.api import (
    Allowance,
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
from ml_architect.text.span import Span

_MODULES = ("numpy.random.", "random.")
_GENERATORS = frozenset(
    {"numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator", "random.Random"}
)
_NO_DRAW = _GENERATORS | {"numpy.random.seed", "random.seed", "random.getstate", "random.setstate"}


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report draws from Python's or NumPy's generators in functions that are traced."""
    if not facts.imports("numpy", "random"):
        return
    traced = facts.group(Traced)
    seen = set()
    for function in traced.functions:
        calls = list(traced.calls(function.function))
        if any(facts.call_name(call) == "tensorflow.inside_function" for call in calls):
            continue
        for call in calls:
            if call.node in seen or not _draws(facts, call):
                continue
            seen.add(call.node)
            yield _finding(facts, function, call)


def _draws(facts: ModuleFacts, call: CallSite) -> bool:
    name = facts.call_name(call)
    if name is not None:
        return name.startswith(_MODULES) and name not in _NO_DRAW
    if call.receiver is None or call.method == "seed":
        return False
    made = facts.construction(call.receiver, call)
    return made is not None and facts.call_name(made) in _GENERATORS


def _finding(facts: ModuleFacts, function: TracedFunction, call: CallSite) -> Finding:
    drawn = f"`{facts.text(call.node.func)}` runs once, while the function is traced, so every"
    if function.step is None:
        where = _graph_function(facts, function)
        return Finding(call.node, f"{drawn} call gets the same number", related=where)
    related = (Related(function.step.node, f"`{function.step.method}` traces the function here"),)
    return Finding(call.node, f"{drawn} element gets the same number", related=related)


def _graph_function(facts: ModuleFacts, function: TracedFunction) -> tuple[Related, ...]:
    """Point at the name of a ``tf.function``."""
    if not isinstance(function.function, Function):
        return ()
    node = function.function.node
    start = facts.span(node).start + node.name_start - node.start
    return (Related(Span(start, start + len(node.name)), f"`{node.name}` is traced as a `tf.function`"),)


_UNIFORM, _NORMAL = "tensorflow.random.uniform((), ", "tensorflow.random.normal((), "
_WHOLE = f"{_UNIFORM}$low, $high, dtype=tensorflow.int64)"
_BELOW = f"{_UNIFORM}0, $high, dtype=tensorflow.int64)"
_IN_GRAPH = {
    "numpy.random.randint($low, $high)": _WHOLE,
    "random.randrange($low, $high)": _WHOLE,
    "$generator.integers($low, $high)": _WHOLE,
    "numpy.random.randint($high)": _BELOW,
    "$generator.integers($high)": _BELOW,
    "numpy.random.uniform($*limits)": f"{_UNIFORM}$*limits)",
    "random.uniform($*limits)": f"{_UNIFORM}$*limits)",
    "$generator.uniform($*limits)": f"{_UNIFORM}$*limits)",
    "numpy.random.rand()": f"{_UNIFORM})",
    "numpy.random.random()": f"{_UNIFORM})",
    "random.random()": f"{_UNIFORM})",
    "$generator.random()": f"{_UNIFORM})",
    "numpy.random.randn()": f"{_NORMAL})",
    "numpy.random.normal($*shape)": f"{_NORMAL}$*shape)",
    "random.gauss($*shape)": f"{_NORMAL}$*shape)",
    "$generator.normal($*shape)": f"{_NORMAL}$*shape)",
}
"""Draws of one number, and the operation of the graph that draws the same."""

RULE = Rule(
    name="python-rng-in-traced-function",
    summary="a function that TensorFlow traces draws random numbers from Python or NumPy",
    framework=Framework.TENSORFLOW,
    category=Category.DATA_LOADING,
    severity=Severity.ERROR,
    why=(
        "A function given to `Dataset.map`, or decorated with `tf.function`, runs as Python only while it is traced. What `numpy.random` or "
        "`random` give at that moment becomes a constant of the graph: an augmentation has the same angle, crop or flip for every "
        "element of every epoch.\n\n"
        "`tf.random`, `tf.image.random_*` and the `Random*` layers of Keras are operations of the graph and draw anew for each element. "
        "Code that must stay Python goes into `tf.numpy_function` or `tf.py_function`."
    ),
    tradeoffs={
        Cost.GENERALISATION: "random operations of the graph give each example another variant in each epoch",
        Cost.COMPUTE: "`tf.numpy_function` keeps Python's random numbers but holds the interpreter lock for each element",
    },
    references=(
        Reference(
            "Better performance with tf.function",
            "https://www.tensorflow.org/guide/function#executing_python_side_effects",
        ),
        Reference("Data augmentation", "https://www.tensorflow.org/tutorials/images/data_augmentation"),
    ),
    fires=(
        Fires(
            """\
import numpy as np
import tensorflow as tf

def augment(image, label):
    angle = np.random.uniform(-0.2, 0.2)
    return tf.image.adjust_brightness(image, angle), label

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE).batch(32)
""",
            """\
import numpy as np
import tensorflow as tf

def augment(image, label):
    angle = tf.random.uniform((), -0.2, 0.2)
    return tf.image.adjust_brightness(image, angle), label

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.map(augment, num_parallel_calls=tf.data.AUTOTUNE).batch(32)
""",
        ),
        Fires(
            """\
import random

import tensorflow as tf

@tf.function
def train_step(model, batch):
    scale = random.random()
    return model(batch * scale, training=True)
""",
            """\
import random

import tensorflow as tf

@tf.function
def train_step(model, batch):
    scale = tf.random.uniform(())
    return model(batch * scale, training=True)
""",
        ),
        Fires(
            """\
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
dataset = tf.data.Dataset.range(10).map(lambda x: x + rng.integers(5))
""",
            """\
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(0)
dataset = tf.data.Dataset.range(10).map(lambda x: x + tf.random.uniform((), 0, 5, dtype=tf.int64))
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import numpy as np
import tensorflow as tf

def augment(image):
    return image + tf.random.uniform([], -0.2, 0.2)

dataset = tf.data.Dataset.from_tensor_slices(np.random.rand(8, 4)).map(augment)
""",
            because="the graph draws for each element; NumPy only makes the data",
        ),
        Quiet(
            """\
import numpy as np
import tensorflow as tf

def noise(x):
    return x + np.random.normal()

dataset = tf.data.Dataset.range(8)
dataset = dataset.map(lambda x: tf.numpy_function(noise, [x], tf.float64))
dataset = dataset.map(lambda x: tf.py_function(lambda y: y + np.random.normal(), [x], tf.float64))
""",
            because="these functions run as Python for each element",
        ),
        Quiet(
            """\
import numpy as np
import tensorflow as tf

@tf.py_function(Tout=tf.float32)
def jitter(signal):
    return signal * np.random.uniform(0.9, 1.1)

def prepare(signal, label):
    return jitter(signal), label

def make_dataset(signals, labels):
    return tf.data.Dataset.from_tensor_slices((signals, labels)).map(prepare)
""",
            because="the decorator makes the function run as Python for each element",
        ),
        Quiet(
            """\
import random

import tensorflow as tf

tf.config.run_functions_eagerly(True)

@tf.function
def step(x):
    return x * random.random()
""",
            because="functions run eagerly",
        ),
        Quiet(
            """\
import random

import pandas as pd

frame = pd.read_csv("data.csv")
frame["noise"] = frame["x"].map(lambda x: x + random.random())
""",
            because="pandas runs the function for each row",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        rewrites=_IN_GRAPH,
        imports=("tensorflow",),
        may_remove_finding=True,
        advice=(
            "Draw the same distribution with `tf.random`, of shape `()`, where Python or NumPy drew one number. The rest of the function "
            "stays as it is."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_python_rng_in_traced_function.py::"
        "test_python_random_numbers_are_frozen_in_a_mapped_function"
    ),
    detect=detect,
)
