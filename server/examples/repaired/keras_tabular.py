"""Predict machine failures from sensor readings with Keras and tf.data, then adapt the model to a new machine.

python keras_tabular.py --epochs 40 --out runs/sensors
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

FEATURES = 16


def make_readings(samples, seed, drift=0.0):
    """Readings (samples, FEATURES) and failure labels; one label in eight is wrong, as in real maintenance logs."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, FEATURES)).astype("float32")
    load = 1.3 * x[:, 0] * x[:, 1] + np.sin(x[:, 2]) + x[:, 3] - 0.7 * x[:, 4] + drift
    y = (load > 0).astype("float32")
    wrong = rng.random(samples) < 0.125
    return x, np.where(wrong, 1 - y, y).astype("float32")


def jitter(x, y):
    return x + tf.random.normal(tf.shape(x), stddev=0.2), y


def split(x, y, share, seed):
    """Shuffle once, and cut: (train x, train y), (validation x, validation y)."""
    order = np.random.default_rng(seed).permutation(len(x))
    n_val = int(share * len(x))
    train, val = order[n_val:], order[:n_val]
    return (x[train], y[train]), (x[val], y[val])


def make_datasets(x, y, batch_size, seed):
    train, val = split(x, y, 0.2, seed)
    train_ds = tf.data.Dataset.from_tensor_slices(train).shuffle(len(train[0]), seed=seed)
    train_ds = train_ds.map(jitter, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size).prefetch(tf.data.AUTOTUNE)
    val_ds = tf.data.Dataset.from_tensor_slices(val).batch(batch_size).cache()
    return train_ds, val_ds


def compile_model(model, learning_rate):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="binary_crossentropy", metrics=["accuracy"])


def build_model(learning_rate, width=128):
    backbone = keras.Sequential(
        [
            layers.Dense(width, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(width, activation="relu"),
            layers.Dropout(0.1),
        ],
        name="backbone",
    )
    model = keras.Sequential([keras.Input((FEATURES,)), backbone, layers.Dense(1, activation="sigmoid")])
    compile_model(model, learning_rate)
    return model


def build_baseline(learning_rate):
    model = keras.Sequential([keras.Input((FEATURES,)), layers.Dense(1, activation="sigmoid")])
    compile_model(model, learning_rate)
    return model


def write_history(history, path):
    """Write the curves as a small text table."""
    keys = list(history.history)
    rows = zip(*(history.history[key] for key in keys), strict=True)
    lines = ["\t".join(keys), *("\t".join(f"{value:.4f}" for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=0.003)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(args.seed)

    x, y = make_readings(args.samples, args.seed)
    train_ds, val_ds = make_datasets(x, y, args.batch_size, args.seed)
    baseline = build_baseline(args.learning_rate)
    baseline_history = baseline.fit(train_ds, validation_data=val_ds, epochs=max(1, args.epochs // 4), verbose=0)
    baseline_accuracy = baseline_history.history["val_accuracy"][-1]
    print(f"linear baseline: val accuracy {baseline_accuracy:.3f}")

    model = build_model(args.learning_rate)
    history = model.fit(
        train_ds,
        validation_data=val_ds,
        epochs=args.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.EarlyStopping(monitor="val_accuracy", mode="max", patience=8, restore_best_weights=True)
        ],
    )
    write_history(history, args.out / "history.tsv")
    val_accuracy = max(history.history["val_accuracy"])
    model.save(args.out / "model.keras")
    print(f"stage 1: {len(history.epoch)} epochs, val accuracy {val_accuracy:.3f}")

    x_new, y_new = make_readings(args.samples // 5, args.seed + 1, drift=1.0)
    new_train_ds, new_val_ds = make_datasets(x_new, y_new, args.batch_size, args.seed)
    model.get_layer("backbone").trainable = False
    compile_model(model, args.learning_rate / 10)
    adaptation = model.fit(
        new_train_ds,
        validation_data=new_val_ds,
        epochs=args.epochs // 2,
        verbose=0,
        callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
    )
    _, new_accuracy = model.evaluate(new_val_ds, verbose=0)
    model.save(args.out / "adapted.keras")
    metrics = {
        "baseline_accuracy": baseline_accuracy,
        "val_accuracy": val_accuracy,
        "new_machine_accuracy": new_accuracy,
    }
    (args.out / "metrics.json").write_text(json.dumps(metrics))
    print(f"stage 2: {len(adaptation.epoch)} epochs, accuracy on the new machine {new_accuracy:.3f}")


if __name__ == "__main__":
    main()
