"""Gradients are applied without their variables."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts, dotted_name
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
from ml_architect.syntax.nodes import Call, Expression

_TAPE = "tensorflow.GradientTape"


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``apply_gradients`` on what ``tape.gradient`` returned."""
    for call in facts.method_calls("apply_gradients"):
        passed = facts.passed(call, "grads_and_vars", 0)
        only = facts.origins(passed.value, call).only if passed.value is not None else None
        made = facts.call_at(only.node) if only is not None and not only.path and only.how == "value" else None
        if passed.value is None or made is None or made.method != "gradient" or not _is_tape(facts, made):
            continue
        yield Finding(
            passed.value,
            "`apply_gradients` takes pairs of gradient and variable, not the gradients alone",
            related=(Related(made.node, "the gradients come from here"),),
            fix=partial(_fix, facts, passed.value, call, made),
        )


def _is_tape(facts: ModuleFacts, gradient: CallSite) -> bool:
    if gradient.receiver is None:
        return False
    origins = facts.origins(gradient.receiver, gradient).items
    names = {facts.qualified(item.node.func, item.site) if isinstance(item.node, Call) else None for item in origins}
    return names == {_TAPE}


def _fix(facts: ModuleFacts, gradients: Expression, call: CallSite, made: CallSite) -> Fix | None:
    variables = facts.passed(made, "sources", 1).value
    if variables is None or dotted_name(variables) is None or call.scope is not made.scope:
        return None
    edit = replace(facts, gradients, f"zip({facts.text(gradients)}, {facts.text(variables)})")
    return Fix(f"pair the gradients with `{facts.text(variables)}`", (edit,), Safety.SAFE)


RULE = Rule(
    name="apply-gradients-without-zip",
    summary="apply_gradients gets the result of tape.gradient without the variables",
    framework=Framework.KERAS,
    category=Category.OPTIMIZER,
    severity=Severity.ERROR,
    why=(
        "`tape.gradient` returns one gradient per variable, and `apply_gradients` wants pairs of a gradient and its variable. The bare list "
        "raises an error that speaks of unpacking or iterating tensors, and no weight changes. "
        "`optimizer.apply(gradients, variables)` is the form of Keras 3 without pairs."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "`optimizer.apply(gradients, variables)` needs no `zip` but does not exist in Keras 2"
    },
    references=(
        Reference("Optimizer.apply_gradients", "https://keras.io/api/optimizers/"),
        Reference(
            "Writing a training loop from scratch",
            "https://keras.io/guides/writing_a_custom_training_loop_in_tensorflow/",
        ),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

def train_step(model, optimizer, loss_of, x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(gradients)
""",
            """\
import tensorflow as tf

def train_step(model, optimizer, loss_of, x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
""",
        ),
        Fires(
            """\
import tensorflow as tf

def step(optimizer, weights, loss_of):
    with tf.GradientTape() as tape:
        loss = loss_of(weights)
    optimizer.apply_gradients(tape.gradient(loss, weights))
""",
            """\
import tensorflow as tf

def step(optimizer, weights, loss_of):
    with tf.GradientTape() as tape:
        loss = loss_of(weights)
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

def step(optimizer, weights, loss_of):
    with tf.GradientTape() as tape:
        loss = loss_of(weights)
    gradients = tape.gradient(loss, weights)
    optimizer.apply_gradients(zip(gradients, weights))
""",
            because="gradients and variables are paired",
        ),
        Quiet(
            """\
import tensorflow as tf

def step(optimizer, weights, loss_of):
    with tf.GradientTape() as tape:
        loss = loss_of(weights)
    optimizer.apply(tape.gradient(loss, weights), weights)
""",
            because="`apply` takes the two apart",
        ),
        Quiet(
            """\
def update(optimizer, pairs):
    import tensorflow as tf

    optimizer.apply_gradients(pairs)
""",
            because="callers pass the pairs",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the call raises today, and the variables are those of the gradient call",
    evidence=Shown("tests/evidence/test_apply_gradients_without_zip.py::test_gradients_without_their_variables_raise"),
    detect=detect,
)
