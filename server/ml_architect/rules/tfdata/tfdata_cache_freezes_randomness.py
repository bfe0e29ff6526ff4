"""A cache keeps one random order or one augmentation for all epochs."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.facts.tfdata import Pipeline, TfData
from ml_architect.facts.traced import Traced
from ml_architect.facts.words import EVALUATION, speaks_of
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
)
from ml_architect.syntax.nodes import Collection

_SPLITTING = ("take", "skip", "shard", "filter")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a ``cache`` behind a shuffle or a random map, unless the dataset is shuffled again behind it."""
    if not facts.method_calls("cache"):
        return
    data = facts.group(TfData)
    for cache in data.steps("cache"):
        if _is_for_evaluation(cache):
            continue
        frozen, what = next(filter(None, (_frozen(facts, item) for item in data.before(cache))), (None, ""))
        if frozen is None or (what == "order" and data.followed_by(cache, "shuffle")):
            continue
        yield Finding(
            cache.node,
            f"the cache keeps the {what} of the first epoch for all epochs",
            related=(Related(frozen.node, "random, but only run until the cache is filled"),),
            fix=partial(_fix, facts, frozen, cache),
        )


def _is_for_evaluation(cache: CallSite) -> bool:
    return any(speaks_of(bound.name, EVALUATION) for bound in cache.site.summary.bindings)


def _frozen(facts: ModuleFacts, pipeline: Pipeline) -> tuple[CallSite, str] | None:
    """Return the last random step of a pipeline and what of it a cache keeps."""
    index = pipeline.last("cache", "snapshot", *_SPLITTING)
    for step in reversed(pipeline.steps[index + 1 if index is not None else 0 :]):
        if step.method == "map" and _is_random(facts, step):
            return step, "augmentation"
        if step.method == "shuffle" and facts.passed(step, "reshuffle_each_iteration", 2).absent:
            return step, "order"
    return None


def _is_random(facts: ModuleFacts, step: CallSite) -> bool:
    argument = next((a for a in step.node.arguments if not a.star and a.keyword in {None, "map_func"}), None)
    traced = facts.group(Traced)
    function = traced.resolved(argument.value, step) if argument is not None else None
    return function is not None and any(_draws(facts, call) for call in traced.calls(function))


def _draws(facts: ModuleFacts, call: CallSite) -> bool:
    symbol = facts.symbol(call)
    if symbol is not None:
        is_operation = symbol.kind in {Kind.TENSOR_FUNCTION, Kind.TENSOR_FACTORY}
        return is_operation and "random" in symbol.traits and "stateless" not in symbol.traits
    if facts.call_name(call) is not None:
        return False
    layer = facts.construction(call.node.func, call)
    return layer is not None and _is_random_layer(facts, layer)


def _is_random_layer(facts: ModuleFacts, layer: CallSite) -> bool:
    symbol = facts.symbol(layer)
    if symbol is None:
        return False
    if symbol.name != "keras.Sequential":
        return symbol.kind is Kind.KERAS_LAYER and "random" in symbol.traits
    listed = facts.passed(layer, "layers", 0).value
    parts = listed.elements if isinstance(listed, Collection) else ()
    made = [facts.construction(part, layer) for part in parts]
    return any(part is not None and _is_random_layer(facts, part) for part in made)


def _fix(facts: ModuleFacts, frozen: CallSite, cache: CallSite) -> Fix | None:
    edits = swap_methods(facts, frozen, cache)
    return Fix(f"cache before `{frozen.method}`", edits, Safety.UNSAFE) if edits else None


RULE = Rule(
    name="tfdata-cache-freezes-randomness",
    summary="cache comes after a shuffle or a random augmentation, so every epoch repeats the first one",
    framework=Framework.TENSORFLOW,
    category=Category.DATA_LOADING,
    severity=Severity.WARNING,
    why=(
        "`cache` stores the elements that the first epoch produces and replays them. A shuffle before it has run once, so every "
        "epoch has the same order; a random augmentation before it gives each example one fixed variant.\n\n"
        "What is deterministic and expensive belongs before the cache, what is random behind it. Beside that, after "
        "`tf.random.set_seed` or `keras.utils.set_random_seed` the operations of `tf.random` and `tf.image` in a map repeat their draws in each "
        "epoch even without a cache; a `tf.random.Generator` and the `Random*` layers of Keras go on."
    ),
    tradeoffs={
        Cost.GENERALISATION: "a new order and new variants in each epoch are what shuffling and augmentation are for",
        Cost.COMPUTE: "the random steps then run in each epoch instead of once",
    },
    references=(
        Reference("Dataset.cache", "https://www.tensorflow.org/api_docs/python/tf/data/Dataset#cache"),
        Reference("Better performance with tf.data", "https://www.tensorflow.org/guide/data_performance#caching"),
    ),
    fires=(
        Fires(
            """\
import tensorflow as tf

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.shuffle(10_000).cache().batch(32)
""",
            """\
import tensorflow as tf

def make_dataset(images, labels):
    dataset = tf.data.Dataset.from_tensor_slices((images, labels))
    return dataset.cache().shuffle(10_000).batch(32)
""",
        ),
        Fires(
            """\
import tensorflow as tf

def augment(image, label):
    return tf.image.random_flip_left_right(image), label

train = tf.data.TFRecordDataset(["train.tfrecord"])
train = train.map(augment)
train = train.cache()
train = train.shuffle(1000).batch(32)
""",
            """\
import tensorflow as tf

def augment(image, label):
    return tf.image.random_flip_left_right(image), label

train = tf.data.TFRecordDataset(["train.tfrecord"])
train = train.cache()
train = train.map(augment)
train = train.shuffle(1000).batch(32)
""",
        ),
        Fires(
            """\
import keras
import tensorflow as tf

augment = keras.Sequential([keras.layers.RandomFlip(), keras.layers.RandomRotation(0.1)])
images = tf.data.Dataset.from_tensor_slices(tf.zeros((8, 32, 32, 3)))
images = images.map(lambda image: augment(image, training=True)).batch(4).cache()
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import tensorflow as tf

dataset = tf.data.Dataset.range(100).shuffle(100).cache().shuffle(100)
""",
            because="the order is drawn again behind the cache",
        ),
        Quiet(
            """\
import tensorflow as tf

shuffled = tf.data.Dataset.range(100).shuffle(100)
train = shuffled.take(80).cache().shuffle(80)
validation = tf.data.Dataset.range(100).shuffle(100).batch(10).cache()
""",
            because="the cache fixes a split; validation data needs no new order",
        ),
        Quiet(
            """\
import tensorflow as tf

dataset = tf.data.Dataset.range(100).map(lambda x: tf.cast(x, tf.float32) / 255).cache()
dataset = dataset.map(lambda x: x + tf.random.normal([]))
""",
            because="only the deterministic map is cached",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="what is stored and what is drawn in each epoch change",
    architect=Allowance(
        rewrites={
            "$data.shuffle($*order).cache($*file)": "$data.cache($*file).shuffle($*order)",
            "$data.map($*function).cache($*file)": "$data.cache($*file).map($*function)",
            "$data = $data.shuffle($*order)\n$data = $data.cache($*file)": (
                "$data = $data.cache($*file)\n$data = $data.shuffle($*order)"
            ),
            "$data = $data.map($*function)\n$data = $data.cache($*file)": (
                "$data = $data.cache($*file)\n$data = $data.map($*function)"
            ),
        },
        advice="Move `cache` in front of the first random step, or the random steps behind it; change no argument.",
    ),
    evidence=Shown(
        "tests/evidence/test_tfdata_cache_freezes_randomness.py::test_cache_after_shuffle_repeats_one_order"
    ),
    detect=detect,
)
