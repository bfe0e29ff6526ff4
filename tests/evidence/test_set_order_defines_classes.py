import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.frameworks

LABELS = "labels = ['cat', 'dog', 'bird', 'fish', 'horse', 'mouse', 'sheep', 'snake', 'dog', 'cat']; "
BAD = "print({name: index for index, name in enumerate(set(labels))})"
GOOD = "print({name: index for index, name in enumerate(sorted(set(labels)))})"


def class_indices_in_new_process(code, hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}  # what every run draws for itself by default
    return subprocess.run(
        [sys.executable, "-c", LABELS + code], env=environment, capture_output=True, check=True
    ).stdout


def test_class_indices_from_a_set_change_between_runs():
    """Numbering the names of a set gives other class indices in another run; sorted first, they stay."""
    assert len({class_indices_in_new_process(BAD, seed) for seed in range(4)}) > 1
    assert len({class_indices_in_new_process(GOOD, seed) for seed in range(4)}) == 1
