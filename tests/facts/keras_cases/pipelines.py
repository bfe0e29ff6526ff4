import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

data = tf.data.Dataset.from_tensor_slices(np.arange(9)).shuffle(9)  # fact: steps=from_tensor_slices shuffle; dataset=yes
data = data.map(abs)
data = data.batch(3)  # fact: steps=from_tensor_slices shuffle map batch; dataset=yes
train, test = tfds.load("mnist", split=["train", "test"])
x = train.cache().prefetch(1)  # fact: steps=load cache prefetch; dataset=yes


def prepare(ds, training=False):
    ds = ds.map(abs, num_parallel_calls=tf.data.AUTOTUNE)  # fact: steps=? map; dataset=yes
    if training:
        ds = ds.shuffle(9)
    ds = ds.batch(3)  # fact: steps=? map batch | ? map shuffle batch; dataset=yes
    return ds


def untyped(frame):
    frame = frame.map(abs)  # fact: steps=? map; dataset=unknown
    return frame


def typed(ds: tf.data.Dataset):
    ds = ds.repeat()  # fact: steps=? repeat; dataset=yes
    return ds


def source():
    return tf.data.TFRecordDataset("x").repeat()


def use():
    y = source().take(3)  # fact: steps=TFRecordDataset repeat take; dataset=yes
    return y
