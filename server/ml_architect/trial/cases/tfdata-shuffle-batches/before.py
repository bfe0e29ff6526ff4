"""Feed spectrograms of bird calls to a small network."""

import tensorflow as tf

BATCH = 16
BUFFER = 500
SEED = 11
EPOCHS = 6


def normalised(image, label):
    return tf.cast(image, tf.float32) / 255.0, label


def training_data(images, labels):
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    data = data.map(normalised, num_parallel_calls=tf.data.AUTOTUNE)
    return data.batch(BATCH).shuffle(BUFFER, seed=SEED).prefetch(tf.data.AUTOTUNE)


def validation_data(images, labels):
    data = tf.data.Dataset.from_tensor_slices((images, labels))
    return data.map(normalised).batch(BATCH).prefetch(tf.data.AUTOTUNE)


def build(classes):
    return tf.keras.Sequential(
        [
            tf.keras.layers.Conv2D(8, 3, activation="relu"),
            tf.keras.layers.GlobalAveragePooling2D(),
            tf.keras.layers.Dense(classes, activation="softmax"),
        ]
    )


def train(train_set, val_set, classes, epochs=EPOCHS):
    model = build(classes)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(training_data(*train_set), validation_data=validation_data(*val_set), epochs=epochs)
    return model
