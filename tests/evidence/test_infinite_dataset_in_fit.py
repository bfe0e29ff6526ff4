import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore:`shuffle=True` was passed")]


class EpochTooLong(Exception):
    """The first epoch went on far beyond the data."""


class Count(keras.callbacks.Callback):
    """Counts batches, and gives up when one epoch has taken 50 of them."""

    def __init__(self):
        super().__init__()
        self.batches = 0

    def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002 - Keras passes logs by name
        self.batches += 1
        if batch == 50:
            raise EpochTooLong


def test_fit_never_ends_an_epoch_of_a_repeated_dataset():
    """With repeat() and no steps_per_epoch the first epoch of two batches never ends; fit repeats by itself."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    two_batches = tf.data.Dataset.from_tensor_slices((np.ones((8, 2)), np.ones((8, 1)))).batch(4)

    with pytest.raises(EpochTooLong):
        model.fit(two_batches.repeat(), epochs=3, callbacks=[Count()], verbose=0)  # bad

    count = Count()
    model.fit(two_batches, epochs=3, callbacks=[count], verbose=0)  # good
    assert count.batches == 6

    count = Count()
    model.fit(two_batches.repeat(), steps_per_epoch=2, epochs=3, callbacks=[count], verbose=0)  # good too
    assert count.batches == 6
