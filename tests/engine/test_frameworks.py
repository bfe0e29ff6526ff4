"""A file that imports a framework is never passed over."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.catalog.load import load_catalog
from ml_architect.engine import Settings, analyze, imports_framework
from ml_architect.engine.frameworks import FRAMEWORKS
from ml_architect.facts.environment import Environment
from ml_architect.text import Source

IMPORTING = [
    "import torch",
    "import torch.nn as nn",
    "import os, torch",
    "import os as o,torch as t",
    "import os; import torch",
    "x = 1;import torch",
    "from torch import nn",
    "from torch.utils.data import (\n    DataLoader,\n)",
    "from torch.nn import *",
    "def f():\n    import torch\n",
    "\timport\ttorch",
    "\x0cimport torch",
    "try: import torch\nexcept ImportError: torch = None",
    "if True: from tensorflow import keras",
    "import \\\n    torch",
    "import os, \\\r\n    sys, \\\r\n    torch",
    "from \\\n torch \\\n import nn",
    "from \\\r torch import nn",
    "x = 'torch'\nimport torch",
    "torch = 1\n\n\nimport torch",
    "# torch \\\nimport torch",
    "import a\r\nimport torch\r\n",
    "import a\rimport torch\r",
    "from sklearn.svm import SVC",
    "import pytorch_lightning as pl",
    "import lightning.pytorch as pl",
    "from transformers import Trainer",
    "import tf_keras",
    "from tensorflow.keras import layers  # \u2028 ünïcode",
]


@pytest.mark.parametrize("text", IMPORTING)
def test_every_form_of_import_is_seen(text):
    assert imports_framework(text)


@pytest.mark.parametrize(
    "text",
    ["", "import os", "torch = 1", "import torch_utils", "import mytorch", "x = 'torch'\nimport os", "\\", "torch\\"],
)
def test_files_without_a_framework_are_answered_at_once(text):
    assert not imports_framework(text)
    analysis = analyze(Source(text), Settings(), Environment())
    assert analysis.module is None
    assert analysis.facts is None
    assert analysis.diagnostics == ()


@given(st.sampled_from(FRAMEWORKS), st.text(alphabet="torch import\\\n\r;# x.", max_size=40), st.text(max_size=10))
def test_an_import_line_is_seen_behind_anything(framework, before, after):
    assert imports_framework(f"{before}\n\nimport {framework}\n{after}")
    assert imports_framework(f"{before}\n\nfrom {framework}.x import y\n{after}")


def test_every_library_of_the_catalogue_counts():
    everyday = {*sys.stdlib_module_names, "numpy", "tqdm"}
    known = {name.partition(".")[0] for name in (*load_catalog().symbols, *load_catalog().aliases)}
    assert known - everyday <= set(FRAMEWORKS)


@pytest.mark.parametrize("line", ["torch\\\n", "torch ", "torch\n", "\\\n"])
def test_odd_texts_take_linear_time(line):
    assert not imports_framework(line * 50_000)
