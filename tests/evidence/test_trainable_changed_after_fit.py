import keras
import numpy as np
import pytest

pytestmark = pytest.mark.frameworks

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
y = X[:, :1]


def first_layer_moves(*, compile_again):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, y, verbose=0)

    model.layers[0].trainable = False
    if compile_again:
        model.compile("sgd", "mse")
    before = model.layers[0].get_weights()[0]
    model.fit(X, y, verbose=0)
    return not np.array_equal(before, model.layers[0].get_weights()[0])


def test_layer_frozen_after_fit_keeps_training_until_compile():
    """The compiled training step ignores a later trainable=False; after another compile the layer stays frozen."""
    assert first_layer_moves(compile_again=False)  # bad
    assert not first_layer_moves(compile_again=True)  # good
