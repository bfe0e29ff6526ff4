import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    ("loss", "label", "raw_output"),
    [
        (keras.losses.BinaryCrossentropy, [[1.0]], [[-3.0]]),
        (keras.losses.CategoricalCrossentropy, [[1.0, 0.0]], [[-3.0, 2.0]]),
        (keras.losses.SparseCategoricalCrossentropy, [0], [[-3.0, 2.0]]),
    ],
)
def test_raw_output_read_as_probability_gives_a_wrong_answer_no_gradient(loss, label, raw_output):
    """A confident wrong raw output is clipped to probability 0 and gets no gradient; with from_logits=True it does."""
    output = tf.Variable(raw_output)

    def gradient_at_the_true_class(criterion):
        with tf.GradientTape() as tape:
            value = criterion(tf.constant(label), output)
        return float(tape.gradient(value, output)[0, 0])

    bad = gradient_at_the_true_class(loss())  # what the string name means: from_logits=False
    good = gradient_at_the_true_class(loss(from_logits=True))

    assert bad == 0.0
    assert good < -0.9


def test_model_without_activation_does_not_learn_under_the_string_loss():
    """A linear model that starts on the wrong side stays at chance with the string loss, and learns from logits."""
    X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    y = (X[:, 0] > 0).astype("float32")

    def accuracy_after_training(loss):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.5), loss)
        model.set_weights([np.array([[-1.0], [0.0], [0.0], [0.0]]), np.zeros(1)])
        model.fit(X, y, batch_size=64, epochs=12, shuffle=False, verbose=0)
        kernel, bias = model.get_weights()
        return np.mean((X @ kernel + bias > 0)[:, 0] == y)

    assert accuracy_after_training("binary_crossentropy") < 0.65  # bad
    assert accuracy_after_training(keras.losses.BinaryCrossentropy(from_logits=True)) > 0.9  # good
