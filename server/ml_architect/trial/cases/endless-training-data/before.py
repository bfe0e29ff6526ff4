"""Predict the demand for bicycles from the weather."""

import tensorflow as tf

BATCH = 32
EPOCHS = 10
SEED = 2


def training(weather, demand):
    data = tf.data.Dataset.from_tensor_slices((weather, demand))
    data = data.shuffle(1000).repeat()
    return data.batch(BATCH).prefetch(tf.data.AUTOTUNE)


def validation(weather, demand):
    data = tf.data.Dataset.from_tensor_slices((weather, demand))
    return data.batch(BATCH).prefetch(tf.data.AUTOTUNE)


def network(columns):
    model = tf.keras.Sequential(
        [
            tf.keras.Input((columns,)),
            tf.keras.layers.Dense(16, activation="relu"),
            tf.keras.layers.Dense(1),  # a number of rides, so no activation
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    return model


def train(known, held_out, epochs=EPOCHS):
    tf.keras.utils.set_random_seed(SEED)
    model = network(known[0].shape[1])
    history = model.fit(training(*known), epochs=epochs, validation_data=validation(*held_out), verbose=0)
    return model, history.history
