"""An argument that needs worker processes is given to a loader that has none."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import DataLoader, ModuleFacts
from ml_architect.rewrite import remove_argument
from ml_architect.rules.api import (
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Safety,
    Severity,
    Shown,
    StartingValue,
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the first worker-only argument of a loader that certainly has no workers."""
    for loader in facts.data_loaders:
        if not _has_no_workers(facts, loader):
            continue
        for name in ("persistent_workers", "prefetch_factor"):
            passed = facts.passed(loader.call, name)
            known = facts.known(passed.value, loader.call) if passed.given else None
            if known is None or known.overridable or not known.value or passed.argument is None:
                continue
            yield Finding(
                passed.argument,
                f"`{name}` needs worker processes, but this loader has none, so the call raises",
                fix=partial(_fix, facts, loader, name),
            )
            break


def _has_no_workers(facts: ModuleFacts, loader: DataLoader) -> bool:
    passed = facts.passed(loader.call, "num_workers")
    known = facts.known(passed.value, loader.call) if passed.given else None
    return passed.absent or (known is not None and known.value == 0 and not known.overridable)


def _fix(facts: ModuleFacts, loader: DataLoader, name: str) -> Fix | None:
    argument = facts.passed(loader.call, name).argument
    edit = remove_argument(facts, loader.call, argument) if argument is not None else None
    return Fix(f"remove `{name}`", (edit,), Safety.SAFE) if edit else None


RULE = Rule(
    name="dataloader-worker-only-argument",
    summary="a DataLoader without workers gets an argument that needs them",
    framework=Framework.TORCH,
    category=Category.DATA_LOADING,
    severity=Severity.ERROR,
    why=(
        "`persistent_workers=True` and `prefetch_factor` describe worker processes. With `num_workers=0` (the default) there are none and the "
        "constructor raises `ValueError`. Either add workers or drop the argument."
    ),
    tradeoffs={
        Cost.LATENCY: "persistent workers save their start-up in every epoch",
        Cost.MEMORY: "each worker holds `prefetch_factor` batches and a copy of the dataset object",
    },
    starting_values=(
        StartingValue(
            "num_workers", "4", "2 to number of cores", "enough that the loader is never what the device waits for"
        ),
        StartingValue("prefetch_factor", "2", "2 to 8", "the default; more only where the time per batch varies much"),
    ),
    references=(
        Reference(
            "Multi-process data loading", "https://docs.pytorch.org/docs/stable/data.html#multi-process-data-loading"
        ),
    ),
    fires=(
        Fires(
            """\
from torch.utils.data import DataLoader

def make(dataset):
    return DataLoader(dataset, batch_size=64, shuffle=True, persistent_workers=True)
""",
            """\
from torch.utils.data import DataLoader

def make(dataset):
    return DataLoader(dataset, batch_size=64, shuffle=True)
""",
        ),
        Fires(
            """\
from torch.utils.data import DataLoader

WORKERS = 0

def make(dataset):
    return DataLoader(dataset, prefetch_factor=4, num_workers=WORKERS)
""",
            """\
from torch.utils.data import DataLoader

WORKERS = 0

def make(dataset):
    return DataLoader(dataset, num_workers=WORKERS)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch.utils.data import DataLoader

def make(dataset, workers):
    return DataLoader(dataset, num_workers=workers, persistent_workers=workers > 0)
""",
            because="persistent only where there are workers",
        ),
        Quiet(
            """\
from torch.utils.data import DataLoader

def make(dataset, options):
    return DataLoader(dataset, persistent_workers=True, **options)
""",
            because="the number of workers may come with the options",
        ),
        Quiet(
            """\
from torch.utils.data import DataLoader

def make(dataset):
    return DataLoader(dataset, num_workers=0, persistent_workers=False, prefetch_factor=None)
""",
            because="both are off",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the call raises as it stands",
    evidence=Shown(
        "tests/evidence/test_dataloader_worker_only_argument.py::test_worker_argument_raises_without_workers"
    ),
    detect=detect,
)
