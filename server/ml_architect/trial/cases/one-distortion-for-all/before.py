"""Make copies of a test set, each with one distortion, to see how much a model can stand."""

import random

import tensorflow as tf

COPIES = 5
BATCH = 32


def distorted(images, labels):
    """Return the data set with one change of brightness, the same for every image."""

    def shift(image, label):
        # Drawn once, while tf.data traces this function, and then fixed. This is what makes it ONE distortion for the
        # whole copy; a draw for each image (tf.random) would mix all strengths, and the curve could not be plotted.
        strength = random.uniform(-0.3, 0.3)
        return tf.image.adjust_brightness(image, strength), label

    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.map(shift, num_parallel_calls=tf.data.AUTOTUNE).batch(BATCH)


def robustness(model, images, labels, copies=COPIES):
    """Return the accuracy on each copy."""
    return [model.evaluate(distorted(images, labels), verbose=0)[1] for _ in range(copies)]


def spread(scores):
    return max(scores) - min(scores)
