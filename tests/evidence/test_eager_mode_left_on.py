import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks

X, y = np.ones((64, 2), "float32"), np.ones((64, 1), "float32")


class CountedDense(keras.layers.Dense):
    """A Dense layer that counts how often its Python code runs."""

    runs = 0

    def call(self, inputs):
        self.runs += 1
        return super().call(inputs)


def python_runs_in_fit(**compile_arguments):
    layer = CountedDense(1)
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", "mse", **compile_arguments)
    layer.runs = 0  # building the model does not count
    model.fit(X, y, batch_size=1, epochs=1, verbose=0)
    return layer.runs


def test_run_eagerly_runs_the_python_code_for_every_batch():
    """compile(run_eagerly=True) runs each layer's Python code once per batch, a compiled step only while tracing."""
    assert python_runs_in_fit(run_eagerly=True) == 64  # bad
    assert python_runs_in_fit() <= 4  # good


def test_run_functions_eagerly_switches_every_tf_function_off():
    """tf.config.run_functions_eagerly(True) makes the body of a tf.function run on every call."""
    runs = []

    @tf.function
    def step(x):
        runs.append(1)
        return x + 1

    for _ in range(10):
        step(tf.constant(1.0))  # good
    assert len(runs) == 1

    runs.clear()
    tf.config.run_functions_eagerly(True)  # bad
    try:
        for _ in range(10):
            step(tf.constant(1.0))
    finally:
        tf.config.run_functions_eagerly(False)
    assert len(runs) == 10
