"""What is stated of data: every word is what the code says, and what it leaves open is not said."""

LOADERS = """\
import torch
from torch.utils.data import DataLoader, WeightedRandomSampler

def loaders(data, weights, workers, batch=64, fast=False):
    first = DataLoader(data)
    second = DataLoader(data, 32, True, num_workers=4, pin_memory=True, drop_last=True)
    third = DataLoader(data, batch_size=batch, shuffle=fast, num_workers=workers)
    fourth = DataLoader(data, batch_size=8, sampler=WeightedRandomSampler(weights, 10))
    fifth = DataLoader(data, batch_sampler=weights)
    return first, second, third, fourth, fifth
"""


def test_loaders(said):
    quiet = "no worker processes (the default), memory not pinned (the default)"
    assert said("data", LOADERS) == [
        f"a `DataLoader` (`first`): batch size 1 (the default), not shuffled (the default), {quiet}",
        (
            "a `DataLoader` (`second`): batch size 32, shuffled, worker processes 4, pinned memory, "
            "the last incomplete batch dropped"
        ),
        (
            "a `DataLoader` (`third`): batch size 64 by default, not shuffled by default, worker processes `workers`, "
            "memory not pinned (the default)"
        ),
        "a `DataLoader` (`fourth`): batch size 8, order from the sampler `WeightedRandomSampler(weights, 10)`, "
        + quiet,
        f"a `DataLoader` (`fifth`): batches from a batch sampler, {quiet}",
        "draws examples by weight (`WeightedRandomSampler`)",
    ]


def test_an_unknown_value_is_open_and_a_passed_dict_is_not_guessed(noted):
    code = "from torch.utils.data import DataLoader\n\ndef f(data, workers, **more):\n"
    notes = noted(f"{code}    return DataLoader(data, num_workers=workers), DataLoader(data, **more)\n")
    assert [item.text for item in notes.opens] == [
        "the worker processes of `DataLoader`: `workers` is not a fixed value"
    ]
    assert [item.text for item in notes.statements][1] == "a `DataLoader`"


def test_a_flag_that_depends_is_said_as_it_stands(said):
    code = "from torch.utils.data import DataLoader\n\ndef f(data, train):\n    return DataLoader(data, shuffle=train == 1)\n"
    assert "shuffled if `train == 1`" in said("data", code)[0]


SPLITS = """\
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from torch.utils.data import random_split

def load(path, data):
    table = pd.read_csv("rows.csv").dropna().drop_duplicates()
    other = pd.read_parquet(path).fillna(0)
    parts = train_test_split(table, other, test_size=0.2, stratify=other, random_state=1)
    rest = train_test_split(table, shuffle=False)
    halves = random_split(data, [0.8, 0.2])
    return SimpleImputer(strategy="median"), parts, rest, halves
"""


def test_sources_splits_and_missing_values(said):
    assert said("data", SPLITS) == [
        "reads data with `pandas.read_csv`: `'rows.csv'`",
        "reads data with `pandas.read_parquet`",
        "divides rows with `train_test_split`: test share or size 0.2, seed 1, stratified by `other`",
        "divides rows with `train_test_split`: no seed, not shuffled, not stratified",
        "divides a dataset with `random_split` into `[0.8, 0.2]`, no generator is given",
        "drops what has missing values with `dropna`",
        "fills missing values with `fillna`",
        "drops duplicates with `drop_duplicates`",
        "fills or marks missing values: `SimpleImputer`: strategy `'median'`",
    ]


TFDATA = """\
import tensorflow as tf

def make(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1000).batch(32).prefetch(tf.data.AUTOTUNE)
    x.batch(7)
    return data
"""


def test_tf_data_steps_of_what_is_a_dataset(said):
    assert said("data", TFDATA) == [
        "a tf.data step `batch`: size 32",
        "a tf.data step `shuffle`: buffer 1000",
        "a tf.data step `prefetch`: buffer `tf.data.AUTOTUNE`",
    ]


def test_a_dataset_class_and_weights_of_classes(said):
    code = """\
from sklearn.svm import SVC
from torch.utils.data import Dataset

class Rows(Dataset):
    pass

class Other:
    pass

model = SVC(class_weight="balanced")
"""
    assert said("data", code) == ["defines the dataset class `Rows`", 'weights classes: `class_weight` is `"balanced"`']
