"""Compiled execution is switched off for the whole program."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts, speaks_of
from ml_architect.facts.keras import KerasModels
from ml_architect.rewrite import delete, remove_argument
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
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import ExpressionStatement, If

_SWITCHES = ("tensorflow.config.run_functions_eagerly", "tensorflow.config.experimental_run_functions_eagerly")
_DEBUG_MODE = "tensorflow.data.experimental.enable_debug_mode"
_DEBUG = frozenset({"debug", "debugging", "test", "tests", "conftest"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report switches to eager execution that no condition guards."""
    if not facts.imports("tensorflow", "keras"):
        return
    for call in facts.calls_to(*_SWITCHES, _DEBUG_MODE):
        is_on = facts.call_name(call) == _DEBUG_MODE or _is_true(facts, call, "run_eagerly", 0)
        if is_on and not _is_debugging(facts, call) and not _is_switched_back(facts):
            message = "every function now runs as plain Python; keep this behind a debug flag"
            yield Finding(call.node, message, fix=partial(_fix_switch, facts, call))
    for call in facts.group(KerasModels).calls("compile"):
        passed = facts.passed(call, "run_eagerly")
        if passed.argument is None or not _is_true(facts, call, "run_eagerly", None) or _is_debugging(facts, call):
            continue
        message = "`run_eagerly=True` runs each step as plain Python instead of a compiled graph"
        yield Finding(passed.argument, message, fix=partial(_fix_argument, facts, call))


def _is_true(facts: ModuleFacts, call: CallSite, parameter: str, position: int | None) -> bool:
    known = facts.known(facts.passed(call, parameter, position).value, call)
    return known is not None and known.value is True and not known.overridable


def _is_debugging(facts: ModuleFacts, call: CallSite) -> bool:
    path = facts.module.source.path
    function = call.scope.function
    names = [
        path.stem if path else "",
        function.name if function else "",
        function.owner.name if function and function.owner else "",
    ]
    return any(speaks_of(name, _DEBUG) for name in names) or any(call.site.enclosing(If))


def _is_switched_back(facts: ModuleFacts) -> bool:
    return any(not _is_true(facts, call, "run_eagerly", 0) for call in facts.calls_to(*_SWITCHES))


def _fix_switch(facts: ModuleFacts, call: CallSite) -> Fix | None:
    statement = call.site.statement
    edit = delete(facts, call.site) if isinstance(statement, ExpressionStatement) else None
    return Fix("remove the switch", (edit,), Safety.UNSAFE) if edit else None


def _fix_argument(facts: ModuleFacts, call: CallSite) -> Fix | None:
    argument = facts.passed(call, "run_eagerly").argument
    edit = remove_argument(facts, call, argument) if argument is not None else None
    return Fix("remove `run_eagerly=True`", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="eager-mode-left-on",
    summary="eager execution, a debugging aid, is on unconditionally",
    framework=Framework.KERAS,
    category=Category.TRAINING_LOOP,
    severity=Severity.WARNING,
    why=(
        "Keras compiles a training step into a graph once and runs that for each batch. `run_eagerly=True`, "
        "`tf.config.run_functions_eagerly(True)` and the debug mode of tf.data run the Python code of every layer and map function again for "
        "each batch. That is right for a debugger or a print, and several times slower for training."
    ),
    tradeoffs={
        Cost.COMPUTE: "a compiled step saves the Python work of every layer in every batch",
        Cost.MAINTENANCE: "eager execution lets a debugger stop inside a layer; a flag can switch it on when it is needed",
    },
    references=(
        Reference("Model.compile", "https://keras.io/api/models/model_training_apis/#compile-method"),
        Reference(
            "tf.config.run_functions_eagerly",
            "https://www.tensorflow.org/api_docs/python/tf/config/run_functions_eagerly",
        ),
    ),
    fires=(
        Fires(
            """\
import keras

def prepare(model):
    model.compile(optimizer="adam", loss="mse", run_eagerly=True)
    return model
""",
            """\
import keras

def prepare(model):
    model.compile(optimizer="adam", loss="mse")
    return model
""",
        ),
        Fires(
            """\
import tensorflow as tf

tf.config.run_functions_eagerly(True)
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
""",
            """\
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import argparse

import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--debug", action="store_true")
args = parser.parse_args()
if args.debug:
    tf.config.run_functions_eagerly(True)
""",
            because="a flag switches it on",
        ),
        Quiet(
            """\
import keras

def prepare(model, debug=False):
    model.compile(optimizer="adam", loss="mse", run_eagerly=debug)
""",
            because="callers decide",
        ),
        Quiet(
            """\
import tensorflow as tf

tf.config.run_functions_eagerly(True)
print("one eager step")
tf.config.run_functions_eagerly(False)
""",
            because="it is switched off again",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="Python code in layers then runs only while it is traced",
    architect=Allowance(
        keywords={"run_eagerly": Choice(("False",))},
        statements=(
            "tensorflow.config.run_functions_eagerly(True)",
            "tensorflow.config.experimental_run_functions_eagerly(True)",
            "tensorflow.data.experimental.enable_debug_mode()",
        ),
        may_remove_finding=True,
        advice="Remove the switch. Where the program has a debug flag already, let that decide.",
    ),
    evidence=Shown("tests/evidence/test_eager_mode_left_on.py::test_run_eagerly_runs_the_python_code_for_every_batch"),
    detect=detect,
)
