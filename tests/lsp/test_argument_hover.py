"""The hover on the keyword of an argument of a known call; everywhere else other servers are to be heard alone."""

import re

import pytest

from ml_architect.engine import Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.rules.arguments import argument_at
from ml_architect.text import Source

TEXT = """\
import keras
import tensorflow as tf
import torch
from sklearn.model_selection import train_test_split as split
from torch.utils.data import DataLoader
from transformers import TrainingArguments

name = "🧪"; loader = DataLoader(data, batch_size=4, num_workers=2, pin_memory=True, prefetch_factor=2)
optimizer = torch.optim.AdamW(
    model.parameters(),
    lr = 3e-4,
    weight_decay=0.01,
)
plain = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loss = keras.losses.BinaryCrossentropy(from_logits=True)
dataset = tf.data.Dataset.from_tensor_slices(x).shuffle(buffer_size=1000).batch(32, drop_remainder=True)
network = keras.Sequential([keras.layers.Dense(1)])
network.fit(dataset, epochs=3)
train, test = split(x, test_size=0.2, stratify=y)
options = TrainingArguments("out", learning_rate=2e-5, bf16=True)
unknown = make_loader(data, num_workers=2)
num_workers = 4
wrapped = dict(lr=0.1)
something.shuffle(buffer_size=3)
"""
KNOWN = [
    ("batch_size=4", "torch.utils.data.DataLoader"),
    ("num_workers=2, pin", "torch.utils.data.DataLoader"),
    ("pin_memory", "torch.utils.data.DataLoader"),
    ("prefetch_factor", "torch.utils.data.DataLoader"),
    ("lr = 3e-4", "torch.optim.AdamW"),
    ("weight_decay", "torch.optim.AdamW"),
    ("lr=0.1, mom", "torch.optim.SGD"),
    ("momentum", "torch.optim.SGD"),
    ("from_logits", "keras.losses.BinaryCrossentropy"),
    ("buffer_size=1000", "tensorflow.data.Dataset.shuffle"),
    ("drop_remainder", "tensorflow.data.Dataset.batch"),
    ("epochs", "keras.Model.fit"),
    ("test_size", "sklearn.model_selection.train_test_split"),
    ("stratify", "sklearn.model_selection.train_test_split"),
    ("learning_rate", "transformers.TrainingArguments"),
    ("bf16", "transformers.TrainingArguments"),
]
SILENT = [
    "num_workers=2)\nnum",
    "num_workers = 4",
    "lr=0.1)\nsome",
    "buffer_size=3",
    "2, pin",
    "DataLoader(",
    "data, batch",
]


@pytest.fixture(scope="module")
def facts():
    return analyze(Source(TEXT), Settings(), Environment()).facts


@pytest.mark.parametrize(("needle", "callee"), KNOWN)
def test_the_argument_is_that_of_the_callee(facts, needle, callee):
    start = TEXT.index(needle)
    word = re.match(r"\w+", needle)[0]
    for offset in (start, start + 1, start + len(word)):
        found = argument_at(facts, offset)
        assert (found.symbol.name, found.argument.parameter) == (callee, word)
        assert TEXT[slice(*found.span)] == word


@pytest.mark.parametrize("needle", SILENT)
def test_elsewhere_nothing_is_said(facts, needle):
    assert argument_at(facts, TEXT.index(needle)) is None


def hover(client, uri, needle, skip=0):
    before = TEXT[: TEXT.index(needle) + skip]
    row = before.count("\n")
    column = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    return client.result("textDocument/hover", textDocument={"uri": uri}, position={"line": row, "character": column})


def test_over_the_wire(client):
    client.start({"textDocument": {"hover": {"contentFormat": ["markdown"]}}})
    uri = client.open(TEXT)
    found = hover(client, uri, "num_workers=2, pin", 3)
    text = found["contents"]["value"]
    assert text.startswith("**num_workers**")
    assert "start with `4`, range 2 to number of cores" in text, "the figures of the rule"
    assert "dataloader-no-workers" in text
    assert "Default of `torch.utils.data.DataLoader`" in text
    assert "https://docs.pytorch.org/" in text
    line = TEXT[: TEXT.index("num_workers=2, pin")].rpartition("\n")[2]
    start = len(line.encode("utf-16-le")) // 2
    assert found["range"]["start"]["character"] == start
    assert found["range"]["end"]["character"] == start + len("num_workers")
    adam, sgd = (hover(client, uri, needle)["contents"]["value"] for needle in ("lr = 3e-4", "lr=0.1, mom"))
    assert "`3e-4`" in adam and "SGD with momentum" not in adam
    assert "SGD with momentum" in sgd and "`3e-4`" not in sgd
    for needle in SILENT:
        assert hover(client, uri, needle) is None
    assert client.stop() == 0


def test_plain_text_has_no_marks(client):
    client.start({"textDocument": {"hover": {"contentFormat": ["plaintext"]}}})
    contents = hover(client, client.open(TEXT), "momentum")["contents"]
    assert contents["kind"] == "plaintext"
    assert "`" not in contents["value"] and "**" not in contents["value"]
    assert "start with 0.9" in contents["value"]


def test_what_cannot_be_read_at_the_moment_is_not_explained_in_the_wrong_place(client):
    client.start()
    uri = client.open(TEXT)
    client.published(uri, 1)
    broken = TEXT.replace("loader = DataLoader(data, ", "loader = DataLoader(data data, ")
    client.change(uri, 2, {"text": broken})
    row = TEXT[: TEXT.index("num_workers=2, pin")].count("\n")
    for column in range(len(broken.splitlines()[row])):
        place = {"line": row, "character": column}
        found = client.result("textDocument/hover", textDocument={"uri": uri}, position=place)
        if found is not None and found["range"]["start"]["line"] == row and "Default of" in found["contents"]["value"]:
            units = broken.splitlines()[row].encode("utf-16-le")
            start, end = (found["range"][side]["character"] * 2 for side in ("start", "end"))
            assert found["contents"]["value"].startswith(units[start:end].decode("utf-16-le"))
