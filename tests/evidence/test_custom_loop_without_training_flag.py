import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


def test_dropout_is_off_in_a_gradient_tape_without_the_training_flag():
    """Outside fit a model runs in inference mode: inside a tape dropout acts only with training=True."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((100,)), keras.layers.Dropout(0.5)])

    with tf.GradientTape():
        bad = model(tf.ones((1, 100)))
        good = model(tf.ones((1, 100)), training=True)

    assert np.count_nonzero(bad == 0.0) == 0
    assert np.count_nonzero(good == 0.0) > 20


def test_batch_normalization_never_updates_without_the_training_flag():
    """The moving mean stays at its initial zero over a whole loop without training=True."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization()])
    moving_mean = model.layers[0].moving_mean
    batch = tf.fill((8, 3), 5.0)

    with tf.GradientTape():
        model(batch)  # bad
    assert np.all(moving_mean == 0.0)

    with tf.GradientTape():
        model(batch, training=True)  # good
    assert np.all(moving_mean > 0.0)
