import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


def batches(dataset):
    """The batches of one pass, each as the set of its elements."""
    return {frozenset(batch.numpy().tolist()) for batch in dataset}


def test_shuffle_after_batch_never_changes_who_is_in_a_batch():
    """After batch only whole batches move: neighbours stay together in every epoch; shuffle first mixes them anew."""
    tf.random.set_seed(0)
    elements = tf.data.Dataset.range(32)

    bad = elements.batch(4).shuffle(32)
    good = elements.shuffle(32).batch(4)

    neighbours = {frozenset(range(start, start + 4)) for start in range(0, 32, 4)}
    assert batches(bad) == batches(bad) == neighbours
    assert batches(good) != batches(good)
    assert not batches(good) & neighbours
