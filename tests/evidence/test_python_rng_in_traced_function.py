import random

import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("python_rng", [np.random.rand, random.random])
def test_python_random_numbers_are_frozen_in_a_mapped_function(python_rng):
    """Dataset.map traces its function once: NumPy and random draw one number for all elements, tf.random draws each."""
    tf.random.set_seed(0)
    elements = tf.data.Dataset.range(10)

    bad = [float(value) for value in elements.map(lambda _: python_rng())]
    good = [float(value) for value in elements.map(lambda _: tf.random.uniform([]))]

    assert len(set(bad)) == 1
    assert len(set(good)) == 10


def test_python_random_numbers_are_frozen_in_a_tf_function():
    """A tf.function returns the number drawn at tracing on every call; tf.random draws a new one."""
    tf.random.set_seed(0)

    @tf.function
    def bad():
        return tf.constant(1.0) * np.random.rand()

    @tf.function
    def good():
        return tf.random.uniform([])

    assert len({float(bad()) for _ in range(5)}) == 1
    assert len({float(good()) for _ in range(5)}) == 5


def test_python_random_numbers_stay_random_inside_numpy_function():
    """Near miss: tf.numpy_function runs Python for each element, so its random numbers differ."""
    np.random.seed(0)

    def draw(_):
        return tf.numpy_function(lambda: np.float64(np.random.rand()), [], tf.float64)

    assert len({float(value) for value in tf.data.Dataset.range(10).map(draw)}) == 10
