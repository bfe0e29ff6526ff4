"""Batches are prepared by the training process itself."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, Class, DataLoader, ModuleFacts
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Number,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
    StartingValue,
)
from ml_architect.syntax.nodes import Node

_SLOW = frozenset(
    {"open", "imread", "load", "read_csv", "read_image", "decode_image", "read", "imdecode", "default_loader"}
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report the training loaders without workers, once for the file.

    Only a hint where the project states that it has no GPU: workers and the training then share the same cores.
    """
    if not facts.data_loaders or not facts.training_loops:
        return
    slow = [loader for loader in facts.data_loaders if _waits(facts, loader)]
    if not slow:
        return
    first = slow[0]
    alone = facts.profile.without_gpu
    yield Finding(
        first.call.node.func,
        f"without workers the training process reads every sample itself{'' if alone else ' while the device waits'}",
        severity=Severity.HINT if alone else None,
        related=tuple(Related(other.call.node.func, "no workers here either") for other in slow[1:]),
        fix=partial(_fix, facts, first),
    )


def _waits(facts: ModuleFacts, loader: DataLoader) -> bool:
    if loader.trains is not Answer.YES or not facts.passed(loader.call, "num_workers").absent:
        return False
    dataset = facts.passed(loader.call, "dataset")
    if not dataset.given or dataset.value is None:
        return False
    items = facts.origins(dataset.value, loader.call).items
    return bool(items) and all(_reads_files(facts, item.node) for item in items)


def _reads_files(facts: ModuleFacts, node: Node) -> bool:
    """Whether a dataset is one that reads or decodes samples one by one: not tensors or lists that lie in memory."""
    call = facts.call_at(node)
    if call is None:
        return False
    name = facts.call_name(call)
    if name is not None:
        return facts.catalog.kind(name) is Kind.DATASET and name.startswith(("torchvision.", "torchaudio."))
    info = facts.names.definition(call.node.func, call.scope)
    return isinstance(info, Class) and _decodes(facts, info)


def _decodes(facts: ModuleFacts, info: Class) -> bool:
    item = facts.values.method(info, "__getitem__")
    inside = [call for call in facts.calls if call.scope.function is item] if item is not None else []
    return any((facts.call_name(call) or call.method or "").rpartition(".")[2] in _SLOW for call in inside)


def _fix(facts: ModuleFacts, loader: DataLoader) -> Fix | None:
    edit = set_keyword(facts, loader.call, "num_workers", "4")
    return Fix("read batches in 4 worker processes", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="dataloader-no-workers",
    summary="a training loader reads and decodes samples in the training process",
    framework=Framework.TORCH,
    category=Category.DATA_LOADING,
    severity=Severity.INFO,
    why=(
        "With `num_workers=0`, the default, `next(loader)` opens, decodes and transforms each sample of a batch before training goes on, and the "
        "device idles meanwhile. Worker processes prepare the next batches while the current one is used.\n\n"
        "For data that lies in memory, such as a `TensorDataset`, workers make loading slower: samples would be copied between processes for nothing."
    ),
    tradeoffs={
        Cost.LATENCY: "the time of a step becomes the larger of loading and computing instead of their sum",
        Cost.MEMORY: "each worker is a process with its own copy of the dataset object and of its queued batches",
        Cost.MAINTENANCE: 'with the spawn start method the script needs an `if __name__ == "__main__"` guard',
    },
    starting_values=(
        StartingValue("num_workers", "4", "2 to number of cores", "raise it until the step time no longer falls"),
        StartingValue(
            "pin_memory", "True", "True or False", "with a CUDA device, together with `non_blocking=True` copies"
        ),
        StartingValue(
            "persistent_workers", "True", "True or False", "where epochs are short, so that workers start only once"
        ),
    ),
    references=(
        Reference(
            "Multi-process data loading", "https://docs.pytorch.org/docs/stable/data.html#multi-process-data-loading"
        ),
        Reference("Performance tuning guide", "https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html"),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

def train(model, criterion, optimizer):
    images = datasets.ImageFolder("images", transforms.ToTensor())
    loader = DataLoader(images, batch_size=64, shuffle=True)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

def train(model, criterion, optimizer):
    images = datasets.ImageFolder("images", transforms.ToTensor())
    loader = DataLoader(images, batch_size=64, shuffle=True, num_workers=4)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader, TensorDataset

def train(model, inputs, targets, criterion, optimizer):
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=64, shuffle=True)
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
""",
            because="the data lies in memory, where workers only add copies",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

def train(model, criterion, optimizer):
    images = datasets.ImageFolder("images", transforms.ToTensor())
    loader = DataLoader(images, batch_size=64, shuffle=True, num_workers=0)
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="stated on purpose",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="starts processes; random augmentations draw other numbers than before",
    architect=Allowance(
        keywords={
            "torch.utils.data.DataLoader:num_workers": Number(2, 16, whole=True),
            "torch.utils.data.DataLoader:pin_memory": Choice(("True",)),
            "torch.utils.data.DataLoader:persistent_workers": Choice(("True",)),
        },
        advice="Give the training loader workers, and where it helps `pin_memory` and `persistent_workers`; leave batch size and order alone.",
    ),
    evidence=Shown(
        "tests/evidence/test_dataloader_no_workers.py::test_training_process_reads_every_sample_without_workers"
    ),
    detect=detect,
)
