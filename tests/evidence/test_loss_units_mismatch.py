import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore:In loss categorical_crossentropy")]

X = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
INTEGERS = (X[:, 0] > 0).astype("int32")
ONE_HOT = np.eye(2, dtype="float32")[INTEGERS]


def losses_of_fit(units, activation, loss, labels):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation=activation)])
    model.compile(keras.optimizers.SGD(0.5), loss)
    return model.fit(X, labels, epochs=3, verbose=0).history["loss"]


@pytest.mark.parametrize(
    ("labels", "wrong", "right"),
    [
        (INTEGERS, "categorical_crossentropy", "sparse_categorical_crossentropy"),
        (ONE_HOT, "sparse_categorical_crossentropy", "categorical_crossentropy"),
    ],
    ids=["integer labels", "one-hot labels"],
)
def test_label_format_that_the_loss_does_not_take_raises(labels, wrong, right):
    """Integer labels need the sparse loss and one-hot labels the other one; the wrong pair raises ValueError."""
    with pytest.raises(ValueError, match="rank"):
        losses_of_fit(2, "softmax", wrong, labels)  # bad

    losses = losses_of_fit(2, "softmax", right, labels)  # good
    assert losses[-1] < losses[0]


def test_categorical_loss_over_one_unit_is_always_zero():
    """One sigmoid unit under categorical_crossentropy has loss 0 however wrong it is; the binary loss falls."""
    labels = INTEGERS[:, None].astype("float32")

    for any_labels in (labels, 1 - labels):
        losses = losses_of_fit(1, "sigmoid", "categorical_crossentropy", any_labels)  # bad
        assert losses == pytest.approx([0.0] * 3, abs=1e-6)

    losses = losses_of_fit(1, "sigmoid", "binary_crossentropy", labels)  # good
    assert losses[0] > losses[-1] > 0.1


def test_sparse_loss_over_one_unit_rejects_class_one():
    """With one unit the sparse loss knows only class 0, so a label 1 is out of range on the CPU; two units take it."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="outside the valid range"):
        losses_of_fit(1, "sigmoid", "sparse_categorical_crossentropy", INTEGERS)  # bad

    losses = losses_of_fit(2, "softmax", "sparse_categorical_crossentropy", INTEGERS)  # good
    assert losses[-1] < losses[0]
