"""A small Keras network on a table, with normalisation inside and early stopping."""

import keras
import numpy as np
import tensorflow as tf

SEED = 5


def dataset(rows: int, batch: int, training: bool) -> tf.data.Dataset:
    """Synthetic rows whose sum decides the class, as batches."""
    rng = np.random.default_rng(SEED + training)
    features = rng.normal(size=(rows, 4)).astype("float32")
    labels = (features.sum(axis=1) > 0).astype("float32")
    data = tf.data.Dataset.from_tensor_slices((features, labels))
    if training:
        data = data.shuffle(rows, seed=SEED)
    return data.batch(batch).prefetch(tf.data.AUTOTUNE)


def build() -> keras.Model:
    """Two hidden layers; the last layer gives a probability."""
    inputs = keras.Input(shape=(4,))
    hidden = keras.layers.Dense(16, activation="relu")(inputs)
    hidden = keras.layers.Dropout(0.1)(hidden)
    outputs = keras.layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=1e-2), loss="binary_crossentropy", metrics=["accuracy"]
    )
    return model


def main() -> None:
    keras.utils.set_random_seed(SEED)
    train, valid = dataset(512, 32, True), dataset(128, 32, False)
    model = build()
    stopping = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    history = model.fit(train, validation_data=valid, epochs=3, callbacks=[stopping], verbose=0)
    print(f"validation accuracy {max(history.history['val_accuracy']):.3f}")
    model.save("model.keras")


if __name__ == "__main__":
    main()
