import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


def test_gradients_without_their_variables_raise():
    """apply_gradients takes pairs of gradient and variable: the bare list raises, the zip updates the weights."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(0.1)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model(tf.ones((2, 4))) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    before = model.get_weights()[0]

    with pytest.raises(ValueError, match="unpack"):
        optimizer.apply_gradients(gradients)  # bad
    np.testing.assert_array_equal(model.get_weights()[0], before)

    optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))  # good
    assert not np.array_equal(model.get_weights()[0], before)
