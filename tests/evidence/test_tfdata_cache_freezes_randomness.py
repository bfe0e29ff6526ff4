import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


def one_epoch(dataset):
    return [float(element) for element in dataset]


def test_cache_after_shuffle_repeats_one_order():
    """cache after shuffle replays the order of the first epoch; cache before shuffle gives a new order each epoch."""
    tf.random.set_seed(0)
    elements = tf.data.Dataset.range(20)

    bad = elements.shuffle(20).cache()
    good = elements.cache().shuffle(20)

    assert one_epoch(bad) == one_epoch(bad)
    assert one_epoch(good) != one_epoch(good)


def test_cache_after_random_augmentation_repeats_one_augmentation():
    """cache after a random map stores the first draws for good; cache before it draws again in each epoch."""
    elements = tf.data.Dataset.range(20)
    generator = tf.random.Generator.from_seed(0)

    def augment(_):
        return generator.uniform([])

    bad = elements.map(augment).cache()
    good = elements.cache().map(augment)

    assert one_epoch(bad) == one_epoch(bad)
    assert one_epoch(good) != one_epoch(good)


def test_a_global_seed_freezes_tf_random_in_a_map_even_without_a_cache():
    """After tf.random.set_seed a mapped tf.random op repeats its draws in each epoch; a Generator goes on."""
    tf.random.set_seed(0)
    elements = tf.data.Dataset.range(20)
    generator = tf.random.Generator.from_seed(0)

    bad = elements.map(lambda _: tf.random.uniform([]))
    good = elements.map(lambda _: generator.uniform([]))

    assert one_epoch(bad) == one_epoch(bad)
    assert one_epoch(good) != one_epoch(good)
