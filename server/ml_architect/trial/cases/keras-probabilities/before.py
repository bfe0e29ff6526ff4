"""Will a customer leave? A small network on a table of numbers."""

import keras
import numpy as np
from keras import layers

EPOCHS = 20
SEED = 3


def standardised(table):
    """Return the columns with mean 0 and variance 1, and what was used for it."""
    mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-7
    return (table - mean) / spread, mean, spread


def build(columns):
    model = keras.Sequential(
        [
            keras.Input((columns,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(16, activation="relu"),
            layers.Dense(1),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["auc"])
    return model


def train(table, left, epochs=EPOCHS):
    keras.utils.set_random_seed(SEED)
    features, mean, spread = standardised(np.asarray(table, dtype="float32"))
    model = build(features.shape[1])
    history = model.fit(features, left, epochs=epochs, batch_size=64, validation_split=0.2, verbose=0)
    return model, history.history, (mean, spread)
