"""A dataset method is called and its result dropped."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts, dotted_name
from ml_architect.facts.tfdata import TRANSFORMATIONS, TfData
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
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Call, Expression, ExpressionStatement
from ml_architect.text.edit import Edit
from ml_architect.text.span import Span


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report statements that only call a transformation of a dataset."""
    data = facts.group(TfData)
    if not data.present:
        return
    for call in facts.method_calls(*sorted(TRANSFORMATIONS)):
        statement = call.site.statement
        if not isinstance(statement, ExpressionStatement) or statement.value is not call.node or call.receiver is None:
            continue
        before = data.before(call)
        if not before:
            continue
        yield Finding(
            call.node,
            f"`{call.method}` returns a new dataset, which is dropped here; the old one stays as it was",
            fix=partial(_fix, facts, call),
        )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    name = dotted_name(_root(call.node))
    if name is None:
        return None
    start = facts.span(call.node).start
    return Fix(f"assign the result to `{name}`", (Edit(Span(start, start), f"{name} = "),), Safety.SAFE)


def _root(expression: Expression) -> Expression:
    """Return what a chain of method calls starts from."""
    while isinstance(expression, Call) and isinstance(expression.func, Attribute):
        expression = expression.func.value
    return expression


RULE = Rule(
    name="tfdata-result-discarded",
    summary="the result of a tf.data transformation is not assigned, so it has no effect",
    framework=Framework.TENSORFLOW,
    category=Category.DATA_LOADING,
    severity=Severity.ERROR,
    why=(
        "A `tf.data.Dataset` never changes. `batch`, `map`, `shuffle` and the like return a new dataset that reads from the old one; as a "
        "statement of its own such a call does nothing. The model is then fed unshuffled, unbatched or unprepared examples."
    ),
    tradeoffs={Cost.MAINTENANCE: "one chain of calls per pipeline leaves no place to forget an assignment"},
    references=(
        Reference("tf.data.Dataset", "https://www.tensorflow.org/api_docs/python/tf/data/Dataset"),
        Reference("tf.data: build input pipelines", "https://www.tensorflow.org/guide/data"),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    dataset.shuffle(1000)
    return dataset.batch(32)
""",
            """\
import tensorflow as tf

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    dataset = dataset.shuffle(1000)
    return dataset.batch(32)
""",
        ),
        Fires(
            """\
import tensorflow as tf

class Data:
    def __init__(self, files):
        self.train = tf.data.TFRecordDataset(files)
        self.train.map(self.parse).prefetch(tf.data.AUTOTUNE)

    def parse(self, record):
        return record
""",
            """\
import tensorflow as tf

class Data:
    def __init__(self, files):
        self.train = tf.data.TFRecordDataset(files)
        self.train = self.train.map(self.parse).prefetch(tf.data.AUTOTUNE)

    def parse(self, record):
        return record
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

dataset = tf.data.Dataset.range(10)
dataset = dataset.shuffle(10)
for element in dataset.batch(2):
    print(element)
""",
            because="each result is used",
        ),
        Quiet(
            """\
import tensorflow as tf

def work(pool, items):
    pool.map(print, items)
""",
            because="nothing says that this is a dataset",
        ),
        Quiet(
            """\
import tensorflow as tf

dataset = tf.data.Dataset.range(10)
dataset.save("numbers")
""",
            because="`save` is called for its effect",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the call has no effect today, and its result can only be meant for the same name",
    evidence=Shown(
        "tests/evidence/test_tfdata_result_discarded.py::test_dataset_method_without_assignment_changes_nothing"
    ),
    no_effect=True,
    detect=detect,
)
