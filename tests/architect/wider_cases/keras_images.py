"""Train an image classifier in Keras with augmentation inside of the model."""

import keras
import numpy as np
import tensorflow as tf

SEED, CLASSES, SIZE = 11, 3, 24


def images(count: int, training: bool) -> tf.data.Dataset:
    """Coloured noise whose brightest channel is the class."""
    rng = np.random.default_rng(SEED + training)
    labels = rng.integers(0, CLASSES, count)
    pixels = rng.uniform(0, 0.5, (count, SIZE, SIZE, 3)).astype("float32")
    pixels[np.arange(count), :, :, labels] += 0.5
    data = tf.data.Dataset.from_tensor_slices((pixels, labels))
    if training:
        data = data.shuffle(count, seed=SEED)
    return data.batch(32).prefetch(tf.data.AUTOTUNE)


def build() -> keras.Model:
    """One convolution, pooled; raw scores come out, which the loss knows."""
    return keras.Sequential(
        [
            keras.Input(shape=(SIZE, SIZE, 3)),
            keras.layers.RandomFlip("horizontal", seed=SEED),
            keras.layers.Conv2D(8, 3, activation="relu", padding="same"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(CLASSES),
        ]
    )


def main() -> None:
    keras.utils.set_random_seed(SEED)
    model = build()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=3e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    history = model.fit(images(256, True), validation_data=images(96, False), epochs=2, verbose=0)
    print(f"validation accuracy {history.history['val_accuracy'][-1]:.3f}")


if __name__ == "__main__":
    main()
