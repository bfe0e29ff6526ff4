import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.frameworks

PRINT_HASH = "print(hash('label'))"
SET_SEED_FIRST = "import os; os.environ['PYTHONHASHSEED'] = '0'; "


def hash_in_new_process(code, **environment):
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=clean | environment, capture_output=True, check=True).stdout


def test_hash_seed_set_inside_the_program_comes_too_late():
    """Python reads PYTHONHASHSEED at start: set in the code, string hashes still differ from run to run."""
    bad = {hash_in_new_process(SET_SEED_FIRST + PRINT_HASH) for _ in range(3)}
    good = {hash_in_new_process(PRINT_HASH, PYTHONHASHSEED="0") for _ in range(3)}

    assert len(bad) == 3
    assert len(good) == 1


def test_a_child_process_inherits_the_hash_seed():
    """Near miss: what the program starts afterwards does get the seed."""
    start_child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {PRINT_HASH!r}], check=True)"

    assert len({hash_in_new_process(SET_SEED_FIRST + start_child) for _ in range(3)}) == 1
