"""A loader gets a sampler and is told to shuffle as well."""

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
)
from ml_architect.syntax.nodes import Call, Constant

_ORDERS = ("sampler", "batch_sampler")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``shuffle=True`` beside a sampler."""
    for loader in facts.data_loaders:
        shuffle = facts.passed(loader.call, "shuffle")
        if not isinstance(shuffle.value, Constant) or shuffle.value.value is not True or shuffle.argument is None:
            continue
        for name in _ORDERS:
            sampler = facts.passed(loader.call, name)
            if sampler.given and sampler.value is not None and _is_object(facts, loader, name):
                yield Finding(
                    shuffle.argument,
                    f"`shuffle=True` beside `{name}` raises: the sampler decides on the order",
                    fix=partial(_fix, facts, loader),
                )
                break


def _is_object(facts: ModuleFacts, loader: DataLoader, name: str) -> bool:
    """Whether a sampler is certainly there: it is constructed in every case."""
    value = facts.passed(loader.call, name).value
    origins = facts.origins(value, loader.call) if value is not None else None
    return origins is not None and bool(origins.items) and all(isinstance(i.node, Call) for i in origins.items)


def _fix(facts: ModuleFacts, loader: DataLoader) -> Fix | None:
    argument = facts.passed(loader.call, "shuffle").argument
    if argument is None or argument.keyword is None:
        return None
    edit = remove_argument(facts, loader.call, argument)
    return Fix("leave the order to the sampler", (edit,), Safety.SAFE) if edit else None


RULE = Rule(
    name="dataloader-sampler-shuffle-conflict",
    summary="a DataLoader gets a sampler together with `shuffle=True`",
    framework=Framework.TORCH,
    category=Category.DATA_LOADING,
    severity=Severity.ERROR,
    why=(
        "The sampler decides in which order samples come, so `DataLoader` refuses `shuffle=True` next to it with a `ValueError`. To shuffle, "
        "use a sampler that does (`RandomSampler`, `DistributedSampler(shuffle=True)`)."
    ),
    tradeoffs={Cost.MAINTENANCE: "one place decides on the order"},
    references=(
        Reference(
            "torch.utils.data.DataLoader", "https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader"
        ),
    ),
    fires=(
        Fires(
            """\
from torch.utils.data import DataLoader, WeightedRandomSampler

def make(dataset, weights):
    sampler = WeightedRandomSampler(weights, len(dataset))
    return DataLoader(dataset, batch_size=32, sampler=sampler, shuffle=True)
""",
            """\
from torch.utils.data import DataLoader, WeightedRandomSampler

def make(dataset, weights):
    sampler = WeightedRandomSampler(weights, len(dataset))
    return DataLoader(dataset, batch_size=32, sampler=sampler)
""",
        ),
        Fires(
            """\
import torch.utils.data as data
from torch.utils.data.distributed import DistributedSampler

def make(dataset):
    return data.DataLoader(
        dataset,
        shuffle=True,
        batch_size=32,
        sampler=DistributedSampler(dataset),
    )
""",
            """\
import torch.utils.data as data
from torch.utils.data.distributed import DistributedSampler

def make(dataset):
    return data.DataLoader(
        dataset,
        batch_size=32,
        sampler=DistributedSampler(dataset),
    )
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

def make(dataset, distributed):
    sampler = DistributedSampler(dataset) if distributed else None
    return DataLoader(dataset, batch_size=32, sampler=sampler, shuffle=(sampler is None))
""",
            because="shuffled only where there is no sampler",
        ),
        Quiet(
            """\
from torch.utils.data import DataLoader

def make(dataset):
    return DataLoader(dataset, batch_size=32, sampler=None, shuffle=True)
""",
            because="None is no sampler",
        ),
        Quiet(
            """\
from torch.utils.data import DataLoader

def make(dataset, sampler=None):
    return DataLoader(dataset, batch_size=32, sampler=sampler, shuffle=True)
""",
            because="the caller decides whether there is a sampler",
        ),
    ),
    fix=FixKind.SAFE,
    fix_safety="the call raises as it stands",
    evidence=Shown("tests/evidence/test_dataloader_sampler_shuffle_conflict.py::test_sampler_with_shuffle_raises"),
    detect=detect,
)
