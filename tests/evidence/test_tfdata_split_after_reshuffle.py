import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


def shared_elements(dataset):
    """Elements that a training pass and a validation pass over the two parts have in common."""
    validation, training = dataset.take(20), dataset.skip(20)
    return {int(x) for x in validation} & {int(x) for x in training}


def test_split_after_a_reshuffling_shuffle_leaks_validation_elements():
    """take and skip after shuffle cut a new order in every pass, so most validation elements are trained on."""
    tf.random.set_seed(0)
    elements = tf.data.Dataset.range(100)

    bad = elements.shuffle(100)
    good = elements.shuffle(100, reshuffle_each_iteration=False)

    assert len(shared_elements(bad)) > 5
    assert not shared_elements(good)


def test_a_seed_does_not_repair_the_split():
    """shuffle(seed=...) still draws a new order in each pass; only reshuffle_each_iteration=False holds it."""
    elements = tf.data.Dataset.range(100)

    assert len(shared_elements(elements.shuffle(100, seed=1))) > 5
    assert not shared_elements(elements.shuffle(100, seed=1, reshuffle_each_iteration=False))


def test_split_before_the_shuffle_does_not_leak():
    """Near miss: cut first, then shuffle the training part."""
    elements = tf.data.Dataset.range(100)
    validation, training = elements.take(20), elements.skip(20).shuffle(80)

    assert not {int(x) for x in validation} & {int(x) for x in training}
