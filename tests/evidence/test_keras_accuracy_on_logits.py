import keras
import numpy as np
import pytest

pytestmark = pytest.mark.frameworks


def test_default_threshold_miscounts_logits():
    """Logits change sign at 0, but accuracy cuts at 0.5: logits between them count as the wrong class."""
    logits = np.array([[-2.0], [-0.1], [0.1], [0.4], [2.0]], "float32")
    y = (logits > 0).astype("float32")  # a model that is right on every row
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])

    def measured_accuracy(metric):
        model.compile("sgd", keras.losses.BinaryCrossentropy(from_logits=True), metrics=[metric])
        _, accuracy = model.evaluate(logits, y, verbose=0)
        return accuracy

    assert measured_accuracy("accuracy") == pytest.approx(3 / 5)  # bad
    assert measured_accuracy(keras.metrics.BinaryAccuracy(threshold=0.0)) == 1.0  # good
