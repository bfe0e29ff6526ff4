"""Two small models for the mail of a help desk: the topic of a message, and whether it is urgent."""

from tensorflow import keras
from tensorflow.keras import layers

EPOCHS = 7
WORDS = 2000


def reader():
    """Return the layers that both models have; each gets its own."""
    return [
        keras.Input((None,), dtype="int64"),
        layers.Embedding(WORDS, 16, mask_zero=True),
        layers.GlobalAveragePooling1D(),
    ]


def topic_model():
    model = keras.Sequential([*reader(), layers.Dense(3, activation="softmax", name="topic")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def urgency_model():
    model = keras.Sequential([*reader(), layers.Dense(1, activation="softmax", name="urgent")])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


def train(messages, topics, urgent, epochs=EPOCHS):
    by_topic, by_urgency = topic_model(), urgency_model()
    by_topic.fit(messages, topics, epochs=epochs, validation_split=0.1, verbose=0)
    by_urgency.fit(messages, urgent, epochs=epochs, validation_split=0.1, verbose=0)
    return by_topic, by_urgency
