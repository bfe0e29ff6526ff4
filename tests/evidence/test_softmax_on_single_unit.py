import keras
import numpy as np
import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore:You are using a softmax over axis -1")]


def predictions_after_training(activation):
    keras.utils.set_random_seed(0)
    X = np.random.normal(size=(64, 4)).astype("float32")
    y = (X[:, 0] > 0).astype("float32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation=activation)])
    model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    model.fit(X, y, epochs=10, verbose=0)
    return model(X).numpy()[:, 0], y


def test_softmax_over_one_unit_always_predicts_one():
    """A softmax over one unit is 1.0 for every row, so accuracy is the share of the positive class; sigmoid learns."""
    predictions, y = predictions_after_training("softmax")  # bad
    assert (predictions == 1.0).all()
    assert np.mean((predictions > 0.5) == y) == np.mean(y)

    predictions, y = predictions_after_training("sigmoid")  # good
    assert np.mean((predictions > 0.5) == y) > 0.9
