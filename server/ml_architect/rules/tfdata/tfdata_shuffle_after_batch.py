"""Shuffling after batching only reorders batches."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.tfdata import Pipeline, TfData
from ml_architect.rewrite import swap_methods
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
    StartingValue,
)

_BATCHING = ("batch", "padded_batch", "ragged_batch")
_REARRANGING = ("unbatch", "flat_map", "interleave", "window", "apply", "rebatch", "group_by_window")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a ``shuffle`` of batches in a pipeline that never shuffles examples."""
    if not facts.method_calls("shuffle"):
        return
    data = facts.group(TfData)
    for shuffle in data.steps("shuffle"):
        batch = next(filter(None, (_batched(facts, item) for item in data.before(shuffle))), None)
        if batch is None or data.followed_by(shuffle, *_BATCHING, *_REARRANGING):
            continue
        yield Finding(
            shuffle.node,
            "shuffling comes after batching, so the same examples share a batch in every epoch",
            related=(Related(batch.node, "batches are made here"),),
            fix=partial(_fix, facts, batch, shuffle),
        )


def _batched(facts: ModuleFacts, pipeline: Pipeline) -> CallSite | None:
    """Return the step that batches, where nothing shuffled before it and nothing takes the batches apart behind it."""
    index = pipeline.last(*_BATCHING)
    if index is None or pipeline.has("shuffle", *_REARRANGING) or _is_shuffled(facts, pipeline.source):
        return None
    step = pipeline.steps[index]
    size = facts.known(facts.passed(step, "batch_size", 0).value, step)
    return None if size is not None and size.value == 1 else step


def _is_shuffled(facts: ModuleFacts, source: CallSite | None) -> bool:
    symbol = facts.symbol(source) if source is not None else None
    return symbol is not None and "shuffled" in symbol.traits


def _fix(facts: ModuleFacts, batch: CallSite, shuffle: CallSite) -> Fix | None:
    edits = swap_methods(facts, batch, shuffle)
    return Fix("shuffle examples before they are batched", edits, Safety.UNSAFE) if edits else None


RULE = Rule(
    name="tfdata-shuffle-after-batch",
    summary="a tf.data pipeline shuffles batches instead of examples",
    framework=Framework.TENSORFLOW,
    category=Category.DATA_LOADING,
    severity=Severity.WARNING,
    why=(
        "`shuffle` reorders the elements of the dataset, and after `batch` an element is a whole batch. The same examples stay "
        "together in each epoch; data that is sorted by class gives batches of one class. Its `buffer_size` counts batches, too, "
        "so it holds many times the memory that the number suggests."
    ),
    tradeoffs={
        Cost.GENERALISATION: "batches that are composed anew in each epoch give less correlated gradients",
        Cost.MEMORY: "the buffer then holds `buffer_size` examples instead of as many batches",
    },
    starting_values=(
        StartingValue(
            "buffer_size",
            "the number of examples",
            "1,000 to all",
            "a buffer below the size of the data only shuffles nearby examples",
        ),
    ),
    references=(
        Reference("Dataset.shuffle", "https://www.tensorflow.org/api_docs/python/tf/data/Dataset#shuffle"),
        Reference("tf.data: training workflows", "https://www.tensorflow.org/guide/data#randomly_shuffling_input_data"),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.batch(32).shuffle(1000).prefetch(tf.data.AUTOTUNE)
""",
            """\
import tensorflow as tf

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.shuffle(1000).batch(32).prefetch(tf.data.AUTOTUNE)
""",
        ),
        Fires(
            """\
import tensorflow as tf

files = tf.data.TFRecordDataset(["train.tfrecord"])
files = files.padded_batch(16, drop_remainder=True)
files = files.shuffle(buffer_size=512)
""",
            """\
import tensorflow as tf

files = tf.data.TFRecordDataset(["train.tfrecord"])
files = files.shuffle(buffer_size=512)
files = files.padded_batch(16, drop_remainder=True)
""",
        ),
        Fires(
            """\
import tensorflow_datasets as tfds

train, test = tfds.load("mnist", split=["train", "test"], as_supervised=True)
train = train.batch(64).map(lambda x, y: (x / 255, y)).shuffle(100)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

dataset = tf.data.Dataset.range(100).shuffle(100).batch(10).shuffle(10)
""",
            because="examples are shuffled before they are batched",
        ),
        Quiet(
            """\
import tensorflow as tf

text = tf.data.Dataset.from_tensor_slices([1, 2, 3])
sequences = text.batch(101, drop_remainder=True)
dataset = sequences.map(lambda t: (t[:-1], t[1:])).shuffle(10000).batch(64)
""",
            because="the first batch cuts text into sequences; these are the examples that are shuffled and batched",
        ),
        Quiet(
            """\
import tensorflow as tf

dataset = tf.data.Dataset.range(100).batch(10).unbatch().shuffle(100)
""",
            because="the batches are taken apart again",
        ),
        Quiet(
            """\
import keras

train = keras.utils.image_dataset_from_directory("images")
train = train.cache().shuffle(1000)
""",
            because="this source shuffles the files before it batches them",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the order of examples and the memory of the buffer change",
    architect=Allowance(
        rewrites={
            before: after
            for method in _BATCHING
            for before, after in (
                (f"$data.{method}($*size).shuffle($*order)", f"$data.shuffle($*order).{method}($*size)"),
                (
                    f"$data = $data.{method}($*size)\n$data = $data.shuffle($*order)",
                    f"$data = $data.shuffle($*order)\n$data = $data.{method}($*size)",
                ),
            )
        },
        advice="Shuffle before the step that batches; a buffer that counted batches may stay as it is.",
    ),
    evidence=Shown(
        "tests/evidence/test_tfdata_shuffle_after_batch.py::test_shuffle_after_batch_never_changes_who_is_in_a_batch"
    ),
    detect=detect,
)
