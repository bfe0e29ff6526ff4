"""A split with take and skip is drawn anew in each pass."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.tfdata import Pipeline, TfData
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

_SWITCH = "reshuffle_each_iteration"
_FREEZING = ("cache", "snapshot", "apply")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a reshuffling ``shuffle`` whose dataset is cut in two by ``take(n)`` and ``skip(n)``."""
    if not facts.method_calls("take") or not facts.method_calls("skip"):
        return
    data = facts.group(TfData)
    seen = set()
    takes = data.steps("take")
    for skip in data.steps("skip"):
        pipeline = _only(data, skip)
        shuffle = _reshuffling(facts, pipeline) if pipeline is not None else None
        if pipeline is None or shuffle is None or shuffle.node in seen:
            continue
        take = next((call for call in takes if _only(data, call) == pipeline and _same_count(facts, call, skip)), None)
        if take is None:
            continue
        seen.add(shuffle.node)
        yield Finding(
            shuffle.node,
            "the order changes in each pass, so examples move between the `take` and the `skip` part",
            related=(Related(take.node, "one part"), Related(skip.node, "the other part")),
            fix=partial(_fix, facts, shuffle),
        )


def _only(data: TfData, step: CallSite) -> Pipeline | None:
    found = data.before(step)
    return found[0] if len(found) == 1 else None


def _reshuffling(facts: ModuleFacts, pipeline: Pipeline) -> CallSite | None:
    """Return the last shuffle of a pipeline if it draws a new order in each pass and nothing freezes the order after it."""
    index = pipeline.last("shuffle")
    if any(step.method in _FREEZING for step in pipeline.steps[index or 0 :]):
        return None
    if index is not None:
        shuffle: CallSite | None = pipeline.steps[index]
        switch = _SWITCH
    else:
        symbol = facts.symbol(pipeline.source) if pipeline.source is not None else None
        shuffle = pipeline.source if symbol is not None and "shuffled" in symbol.traits else None
        switch = "shuffle"
    if shuffle is None:
        return None
    passed = facts.passed(shuffle, switch, 2 if switch == _SWITCH else None)
    if passed.absent:
        return shuffle
    known = facts.known(passed.value, shuffle)
    return shuffle if known is not None and known.value in {True, None} and not known.overridable else None


def _same_count(facts: ModuleFacts, take: CallSite, skip: CallSite) -> bool:
    one, other = facts.passed(take, "count", 0).value, facts.passed(skip, "count", 0).value
    if one is None or other is None:
        return False
    known, known_other = facts.known(one, take), facts.known(other, skip)
    if known is not None and known_other is not None:
        return known.value == known_other.value
    return facts.text(one) == facts.text(other) and take.scope is skip.scope


def _fix(facts: ModuleFacts, shuffle: CallSite) -> Fix | None:
    """Freeze the order of a ``shuffle``; a source that shuffles by itself has no such switch."""
    if shuffle.method != "shuffle":
        return None
    edit = set_keyword(facts, shuffle, _SWITCH, "False")
    return Fix("keep one order: `reshuffle_each_iteration=False`", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="tfdata-split-after-reshuffle",
    summary="take and skip split a dataset that is shuffled anew in each pass, so the parts share examples",
    framework=Framework.TENSORFLOW,
    category=Category.LEAKAGE,
    severity=Severity.ERROR,
    why=(
        "`shuffle` draws a new order each time that the dataset is iterated. `take(n)` and `skip(n)` cut that order at a place, so "
        "each epoch has another training part and another validation part: the model is validated on examples that it was trained on. "
        "A `seed=` does not help, it only makes the sequence of orders repeatable. `Dataset.list_files` and the `*_dataset_from_directory` functions shuffle in the same way by default.\n\n"
        "Split before shuffling, or freeze the order with `reshuffle_each_iteration=False` and shuffle the training part again."
    ),
    tradeoffs={
        Cost.GENERALISATION: "validation measures unseen examples again; its scores usually get worse and become true",
        Cost.MAINTENANCE: "the training part needs a `shuffle` of its own after the split to change its order in each epoch",
    },
    references=(
        Reference("Dataset.shuffle", "https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shuffle"),
        Reference(
            "Load and preprocess images",
            "https://www.tensorflow.org/tutorials/load_data/images#using_tfdata_for_finer_control",
        ),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

def split(features, labels, train_size):
    dataset = tf.data.Dataset.from_tensor_slices((features, labels))
    dataset = dataset.shuffle(10_000, seed=42)
    train = dataset.take(train_size).batch(32)
    validation = dataset.skip(train_size).batch(32)
    return train, validation
""",
            """\
import tensorflow as tf

def split(features, labels, train_size):
    dataset = tf.data.Dataset.from_tensor_slices((features, labels))
    dataset = dataset.shuffle(10_000, seed=42, reshuffle_each_iteration=False)
    train = dataset.take(train_size).batch(32)
    validation = dataset.skip(train_size).batch(32)
    return train, validation
""",
        ),
        Fires(
            """\
import tensorflow as tf

data = tf.data.TextLineDataset("data.csv").shuffle(1000).map(tf.strings.strip)
holdout = data.take(200)
rest = data.skip(200)
""",
            """\
import tensorflow as tf

data = tf.data.TextLineDataset("data.csv").shuffle(1000, reshuffle_each_iteration=False).map(tf.strings.strip)
holdout = data.take(200)
rest = data.skip(200)
""",
        ),
        Fires(
            """\
import tensorflow as tf

files = tf.data.Dataset.list_files("images/*/*.jpg")
held_out = files.take(500)
training = files.skip(500)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

data = tf.data.Dataset.range(100).shuffle(100, reshuffle_each_iteration=False)
train, validation = data.take(80), data.skip(80)
""",
            because="the order stays the same",
        ),
        Quiet(
            """\
import tensorflow as tf

files = tf.data.Dataset.list_files("images/*/*.jpg", shuffle=False)
files = files.shuffle(1000, reshuffle_each_iteration=False)
held_out, training = files.take(500), files.skip(500)
""",
            because="the files are listed in order and shuffled once",
        ),
        Quiet(
            """\
import tensorflow as tf

data = tf.data.Dataset.range(100)
train = data.take(80).shuffle(80)
validation = data.skip(80)
""",
            because="the split comes before the shuffle",
        ),
        Quiet(
            """\
import tensorflow as tf

data = tf.data.Dataset.range(100).shuffle(100).cache()
train, validation = data.take(80), data.skip(80)
""",
            because="the cache keeps the first order, once it was iterated as a whole",
        ),
        Quiet(
            """\
import tensorflow as tf

data = tf.data.Dataset.range(100).shuffle(100)
for element in data.take(1):
    print(element)
without_header = tf.data.TextLineDataset("data.csv").skip(1)
""",
            because="the two methods cut different datasets",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="which examples are trained on changes, and their order stays the same in each epoch",
    architect=Allowance(
        keywords={_SWITCH: Choice(("False",)), "tensorflow.data.Dataset.list_files:shuffle": Choice(("False",))},
        advice="Freeze the order with `reshuffle_each_iteration=False`; do not move the split.",
    ),
    evidence=Shown(
        "tests/evidence/test_tfdata_split_after_reshuffle.py::"
        "test_split_after_a_reshuffling_shuffle_leaks_validation_elements"
    ),
    detect=detect,
)
