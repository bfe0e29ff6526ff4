import keras
import numpy as np
import pytest

pytestmark = pytest.mark.frameworks

X, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


def fit_new_model(optimizer):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(X, y, verbose=0)


def test_one_optimizer_for_two_models_raises():
    """An optimizer belongs to the variables of its first model: the second fit raises, a new instance works."""
    shared = keras.optimizers.Adam()
    fit_new_model(shared)
    with pytest.raises(ValueError, match="Unknown variable"):
        fit_new_model(shared)  # bad

    fit_new_model(keras.optimizers.Adam())  # good
