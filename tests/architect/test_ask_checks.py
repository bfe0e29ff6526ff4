"""What the checks of a whole file find, and what they let pass."""

import ast
from pathlib import Path

import pytest

from ml_architect.architect.answers import FaultKind
from ml_architect.architect.reply.packages import is_known_install, is_known_requirement, unknown_imports
from ml_architect.architect.wider.inspection import inspected
from ml_architect.architect.wider.placeholders import placeholders
from ml_architect.architect.wider.python_text import parsed, undefined_names
from ml_architect.facts.environment import Environment, LibraryVersion

PROGRAMS = Path(__file__).parents[2] / "server"


def kinds(text: str, name: str = "train.py") -> list[FaultKind]:
    return list(dict.fromkeys(fault.kind for fault in inspected(name, text, Environment()).faults))


@pytest.mark.parametrize(
    "text",
    [
        "import torch\nprint(torch.ones(nope))\n",
        "def f():\n    return later\n\n\nprint(f())\n",
        "class A:\n    size = 3\n\n    def get(self):\n        return size\n\n\nprint(A().get())\n",
        "from torch import *\nprint(ones(3))\n",
        "print([x for x in range(3)], x)\n",
    ],
)
def test_names_without_a_meaning_are_found(text):
    assert kinds(text) == [FaultKind.NAMES]


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    global made\n    made = 1\n\n\nf()\nprint(made)\n",
        "try:\n    import torch\nexcept ImportError as error:\n    print(error)\n",
        "for index, (a, b) in enumerate([(1, 2)]):\n    print(index, a, b, __file__, __name__)\n",
        "if (size := len('ab')) > 1:\n    print(size)\n",
        "match [1, 2]:\n    case [first, *rest]:\n        print(first, rest)\n",
        "class A:\n    def f(self):\n        return __class__\n\n\nprint(A().f(), [y for y in range(3) if (z := y)], z)\n",
        "import os.path\nimport numpy as np\nprint(os.path.join('a', 'b'), np.ones(3))\n",
    ],
)
def test_names_with_a_meaning_are_not(text):
    assert kinds(text) == []


def test_no_name_of_our_own_source_is_without_a_meaning():
    """Some four hundred real files of which all names are known to have a meaning."""
    paths = list(PROGRAMS.rglob("*.py"))
    assert len(paths) > 300
    for path in paths:
        text = path.read_text(encoding="utf-8")
        tree = parsed(text)
        assert isinstance(tree, ast.Module)
        assert list(undefined_names(text, tree)) == [], path


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    pass\n",
        "def f():\n    ...\n",
        'def f():\n    """Do it."""\n',
        "async def f():\n    raise NotImplementedError('later')\n",
        "class A:\n    pass\n",
        "import torch\n...\nprint(torch.ones(2))\n",
        "if True:\n    ...\n",
        "print(1)  # TODO: the real thing\n",
        "print(1)\n# ... rest of the training loop\n",
        "# your code here\nprint(1)\n",
        "def f(x):\n    # implement the loss here\n    return x\n",
        "print(1)  # remaining layers omitted for brevity\n",
        "# same as before ...\nprint(2)\n",
        "# add your augmentation here\nprint(1)\n",
        "# the training loop goes here\nprint(1)\n",
        "class A:\n    def f(self):\n        raise NotImplementedError\n\n\nprint(A())\n",
        'def f():\n    """Nothing yet."""\n    ...\n',
    ],
)
def test_placeholders_are_found(text):
    assert FaultKind.PLACEHOLDER in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "class BadDataError(ValueError):\n    pass\n\n\nprint(BadDataError)\n",
        "from abc import ABC, abstractmethod\n\n\nclass A(ABC):\n    @abstractmethod\n    def f(self):\n        ...\n\n\nprint(A)\n",
        "try:\n    print(1)\nexcept OSError:\n    pass\n",
        "x = 1  # build the model here so that the seed controls its weights\nprint(x)\n",
        "# the data here is scaled already\n# insert a batch axis here, since the layer wants one\nprint(1)\n",
        "print(1)  # other layers keep their weights here and there\n",
        "from typing import Protocol\n\n\nclass S(Protocol):\n    def f(self) -> int: ...\n\n\nprint(S)\n",
        (
            "class A:\n    def f(self):\n        raise NotImplementedError\n\n\n"
            "class B(A):\n    def f(self):\n        return 1\n\n\nprint(B().f())\n"
        ),
        'class Quiet:\n    def log(self, x):\n        """Do nothing with `x`."""\n\n\nQuiet().log(1)\n',
        "class Quiet:\n    def log(self, x):\n        pass  # a no-op\n\n\nQuiet().log(1)\n",
        "class T:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, *error):\n        pass\n\n\nprint(T)\n",
        "import numpy as np\nprint(np.ones((2, 3))[..., 0])\n",
        "# the data comes from here, see the readme\nprint('TODO list')\n",
        "# add dropout only when the model overfits\nprint(1)\n",
        "# the rest of the rows are for validation\nprint(1)\n",
    ],
)
def test_what_is_complete_is_not_a_placeholder(text):
    assert kinds(text) == []


def test_the_bundled_programs_hold_no_placeholder():
    for path in (PROGRAMS / "examples").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert list(placeholders(text, ast.parse(text))) == [], path


@pytest.mark.parametrize(
    "line",
    [
        "import os\nos.system('ls')",
        "from os import system as run\nrun('ls')",
        "import subprocess\nsubprocess.run(['ls'])",
        "print(eval('1'))",
        "exec('x = 1')",
        "import builtins\nbuiltins.exec('1')",
        "import os\nprint(getattr(os, 'sys' + 'tem'))",
        "__import__('os').remove('x')",
        "import importlib\nimportlib.import_module('os')",
        "print(().__class__.__bases__[0].__subclasses__())",
        "import torch\ntorch.load('m.pt', weights_only=False)",
        "import torch\ntorch.load('m.pt')",
        "import torch as t\nt.hub.load('a/b', 'c')",
        "import pickle\npickle.load(open('x', 'rb'))",
        "from joblib import load\nload('x')",
        "import numpy as np\nnp.load('x.npy', allow_pickle=True)",
        "import yaml\nyaml.load(open('x'))",
        "import requests\nrequests.get('http://x')",
        "from urllib.request import urlopen\nurlopen('http://x')",
        "import socket\nsocket.create_connection(('x', 1))",
        "import shutil\nshutil.rmtree('x')",
        "import shutil as s\nprint(s)",
        "import shutil\nprint(shutil.copy, shutil)",
        "import shutil\nprint(shutil.copy.__globals__.items())",
        "import urllib.parse\nurllib.request.urlopen('http://x')",
        "import random\nrandom._os.system('ls')",
        "import tempfile\ntempfile._os.system('ls')",
        "from random import _os\nprint(_os)",
        "import os\nos.remove('x')",
        "from pathlib import Path\nPath('x').unlink()",
        "import ctypes\nctypes.CDLL('x')",
        "from transformers import AutoModel\nAutoModel.from_pretrained('a/b', trust_remote_code=True)",
        "import tensorflow as tf\ntf.keras.models.load_model('x', safe_mode=False)",
        "import wandb\nwandb.init()",
        "open('/etc/passwd', 'a')",
        "open('../other.txt', mode='w')",
        "password = 'correct-horse-battery'\nprint(password)",
        "import os\nprint(os.environ, 'hf_zecretzecretzecretzecret0123')",
        "print('a\u202eb')",
    ],
)
def test_dangers_are_found(line):
    assert FaultKind.UNSAFE in kinds(f"{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "import torch\nmodel = torch.nn.Linear(2, 2)\nmodel.eval()\nmodel.load_state_dict(torch.load('m.pt', weights_only=True))",
        "import numpy as np\nnp.save('x.npy', np.ones(2))\nprint(np.load('x.npy'))",
        "import os\nworkers = min(8, os.cpu_count() or 1)\nprint(workers, os.environ.get('RANK'))",
        "with open('log.txt', 'w', encoding='utf-8') as file:\n    file.write('x')",
        "from pathlib import Path\nPath('out').mkdir(exist_ok=True)\nPath('out/x.txt').write_text('x', encoding='utf-8')",
        "import torch\nlayer = getattr(torch.nn, 'ReLU')()\nprint(layer)",
        "import yaml\nprint(yaml.safe_load('a: 1'))",
        "import shutil\nshutil.copy('a', 'b')\nprint(shutil.disk_usage('.').free)",
        "import socket\nprint(socket.gethostname())",
        "import urllib.parse\nprint(urllib.parse.quote('a b'))",
        "import keras\nmodel = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\nmodel.compile(optimizer='adam', loss='mse')",
        "from torchvision import datasets\nprint(datasets.CIFAR10('data', download=True))",
        "from transformers import AutoTokenizer\ntokenizer = AutoTokenizer.from_pretrained('a/b')\nprint(tokenizer.pad_token)",
        "import pandas as pd\nprint(pd.DataFrame({'a': [1]}).rename(columns={'a': 'b'}))",
        "def evaluate(model):\n    return model.eval()\n\n\nprint(evaluate)",
    ],
)
def test_usual_things_are_no_danger(line):
    assert FaultKind.UNSAFE not in kinds(f"{line}\n")


OLD = "from transformers import Trainer, TrainingArguments\n\nprint(TrainingArguments('out', evaluation_strategy='epoch'))\n"


@pytest.mark.parametrize(("version", "fits"), [("4.40.0", True), ("5.0.0", False), (None, False)])
def test_an_argument_that_only_newer_versions_lack_is_right_for_an_older_project(version, fits):
    known = {"transformers": LibraryVersion(f"transformers {version} from uv.lock", exact=version)} if version else {}
    faults = inspected("train.py", OLD, Environment(known)).faults
    assert (FaultKind.ARGUMENTS not in {fault.kind for fault in faults}) == fits


def test_secrets_and_hidden_characters_are_not_shown():
    file = inspected("a.py", "key = 'sk-aVerySecretKey1234567890'\nprint(key, 'x\u200by')\n", Environment())
    assert "sk-aVery" not in file.text and "\u200b" not in file.text and file.is_unsafe


def test_a_comment_hides_no_finding():
    kind = kinds(
        "import torch\nimport torch.nn.functional as F\nprint(F.softmax(torch.ones(2)))  # ml-architect: ignore\n"
    )
    assert kind == [FaultKind.FINDING]


@pytest.mark.parametrize(
    "text", ["def f(:\n", "return 1\n", "x = (\n", "await f()\n", "\0", "", "   \n# nothing\n", '"""Only words."""\n']
)
def test_what_is_no_program_is_a_fault_and_no_crash(text):
    assert kinds(text)


def test_deep_nesting_is_a_fault_and_no_crash():
    assert kinds("x = " + "-" * 20000 + "1\n") and kinds("x = " + "(" * 5000 + ")" * 5000 + "\n")


def test_files_of_settings_bring_no_commands_and_addresses():
    assert kinds("torch==2.6.0\nscikit-learn\n", "requirements.txt") == []
    for line in ("--extra-index-url http://x", "git+https://x/y", "curl http://x | sh"):
        assert kinds(f"torch\n{line}\n", "requirements.txt") == [FaultKind.UNSAFE]


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("pip install torch==2.6.0 scikit-learn", True),
        ('python -m pip install -U "transformers>=4.40"', True),
        ("pip install torch torchh", False),
        ("pip install --index-url http://x torch", False),
        ("pip install git+https://x/y", False),
        ("pip install torch; rm -rf x", False),
        ("pip install torch && curl x", False),
        ("pip install ./here", False),
        ("pip install", False),
    ],
)
def test_only_known_packages_are_installed(line, known):
    assert is_known_install(line) is known


def test_packages_are_known_by_their_own_or_their_modules_name():
    assert is_known_requirement("torch==2.6.0") and not is_known_requirement("torch @ http://x")
    assert unknown_imports({"torch", "sklearn", "cv2", "os", "torchh_utils", "PIL"}) == ["torchh_utils"]
