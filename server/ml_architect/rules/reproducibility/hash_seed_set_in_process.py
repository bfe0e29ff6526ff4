"""PYTHONHASHSEED is set by a program that has long been started."""

from collections.abc import Iterator

from ml_architect.facts import ModuleFacts, Site
from ml_architect.rules.api import (
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Assign, Constant, Subscript

_RELAUNCHES = (
    "os.execv",
    "os.execve",
    "os.execl",
    "os.execvp",
    "subprocess.run",
    "subprocess.Popen",
    "subprocess.call",
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``os.environ["PYTHONHASHSEED"] = ...`` in a program that does not start another one."""
    if "os.environ" not in facts.structure.item_stores and "environ" not in facts.structure.item_stores:
        return
    if facts.calls_to(*_RELAUNCHES):
        return
    for site in facts.statements(Assign):
        target = _target(site)
        if target is not None and facts.qualified(target.value, site) == "os.environ":
            yield Finding(
                target, "hashing was seeded when this interpreter started; set PYTHONHASHSEED before starting it"
            )


def _target(site: Site) -> Subscript | None:
    statement = site.statement
    target = statement.targets[0] if isinstance(statement, Assign) and len(statement.targets) == 1 else None
    if not isinstance(target, Subscript) or len(target.index) != 1:
        return None
    key = target.index[0]
    return target if isinstance(key, Constant) and key.value == "PYTHONHASHSEED" else None


RULE = Rule(
    name="hash-seed-set-in-process",
    summary="`PYTHONHASHSEED` is set inside the program, where it comes too late",
    framework=Framework.ANY,
    category=Category.REPRODUCIBILITY,
    severity=Severity.INFO,
    why=(
        "Python reads `PYTHONHASHSEED` once, at start-up. Setting it in the running program changes nothing there: the order of sets of strings still differs from run to "
        "run. Processes that are started later do inherit it."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "sort what comes out of a set, or set the variable in the command that starts the program"
    },
    references=(
        Reference("PYTHONHASHSEED", "https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED"),
        Reference("Reproducibility", "https://docs.pytorch.org/docs/stable/notes/randomness.html"),
    ),
    fires=(
        Fires(
            """\
import os
import torch

def seed_everything(seed):
    os.environ["PYTHONHASHSEED"] = str(seed)
    torch.manual_seed(seed)
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import os
import torch

def seed_everything(seed):
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    torch.manual_seed(seed)
""",
            because="this variable is read later, by the library",
        ),
        Quiet(
            """\
import os
import sys
import torch

if os.environ.get("PYTHONHASHSEED") != "0":
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable, *sys.argv])
torch.manual_seed(0)
""",
            because="the program starts itself anew",
        ),
    ),
    fix=FixKind.NONE,
    evidence=Shown(
        "tests/evidence/test_hash_seed_set_in_process.py::test_hash_seed_set_inside_the_program_comes_too_late"
    ),
    detect=detect,
)
