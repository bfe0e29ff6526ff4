"""Training batches come in the order of the dataset, every epoch."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, DataLoader, ModuleFacts, Origin, dotted_name, speaks_of
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
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Call

_ORDERED = frozenset(
    {
        "sequence",
        "sequences",
        "series",
        "time",
        "temporal",
        "window",
        "windows",
        "text",
        "token",
        "tokens",
        "lm",
        "bptt",
        "stream",
        "corpus",
    }
    | {"video", "replay", "rollout", "buffer", "graph", "iterable", "streaming", "ordered"}
)
_SPLITS = frozenset({"torch.utils.data.random_split", "torch.utils.data.Subset"})
_NOISE = frozenset({"torch.randn", "torch.rand", "torch.randint", "torch.randn_like", "torch.rand_like"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a training loader of a map-style dataset that keeps the dataset's order."""
    for loader in facts.data_loaders:
        if loader.trains is not Answer.YES or not loader.named_for_training:
            continue
        if not all(facts.passed(loader.call, name).absent for name in ("shuffle", "sampler", "batch_sampler")):
            continue
        if not _is_unordered_map_style(facts, loader):
            continue
        yield Finding(
            loader.call.node.func,
            f"`{loader.name}` gives the samples in the order of the dataset in every epoch",
            related=tuple(Related(site.statement, "trained on here") for site in loader.consumers[:1]),
            fix=partial(_fix, facts, loader),
        )


def _is_unordered_map_style(facts: ModuleFacts, loader: DataLoader) -> bool:
    dataset = facts.passed(loader.call, "dataset")
    if not dataset.given or dataset.value is None or speaks_of(dotted_name(dataset.value), _ORDERED):
        return False
    items = facts.origins(dataset.value, loader.call).items
    return bool(items) and all(_keeps_order(facts, item) for item in items)


def _keeps_order(facts: ModuleFacts, item: Origin) -> bool:
    """Whether a dataset is certainly map-style and not shuffled already."""
    call = facts.call_at(item.node)
    if call is None or not isinstance(item.node, Call):
        return False
    name = facts.call_name(call)
    if item.path or name in _SPLITS or _is_noise(facts, item.node, item):
        return False
    spelled = name or dotted_name(item.node.func) or ""
    if speaks_of(spelled.rpartition(".")[2], _ORDERED) or (isinstance(item.node.func, Attribute) and name is None):
        return False
    return facts.kinds.of(item)[0] is Kind.DATASET


def _is_noise(facts: ModuleFacts, made: Call, item: Origin) -> bool:
    """Whether the first tensor of a ``TensorDataset`` is drawn at random: its order says nothing."""
    if not made.arguments or made.arguments[0].star:
        return False
    only = facts.origins(made.arguments[0].value, item.site, item.frame).only
    call = facts.call_at(only.node) if only is not None and only.how == "value" and not only.path else None
    return call is not None and facts.call_name(call) in _NOISE


def _fix(facts: ModuleFacts, loader: DataLoader) -> Fix | None:
    edit = set_keyword(facts, loader.call, "shuffle", "True")
    return Fix("shuffle the samples in every epoch", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="train-loader-not-shuffled",
    summary="a training loader keeps the order of the dataset in every epoch",
    framework=Framework.TORCH,
    category=Category.DATA_LOADING,
    severity=Severity.WARNING,
    why=(
        "Datasets are often sorted, by class as in an `ImageFolder` or by time of recording. Without shuffling each batch holds one kind of sample: the "
        "model forgets what it saw before, batch normalisation sees biased statistics, and the same batches come back in every epoch.\n\n"
        "Leave the order alone where it carries meaning, as in time series or language modelling with state."
    ),
    tradeoffs={
        Cost.GENERALISATION: "batches become samples of the whole distribution",
        Cost.STABILITY: "gradients of successive batches are no longer correlated",
        Cost.LATENCY: "random access is slower on spinning disks and remote storage; shuffle shards and use a buffer there",
    },
    references=(
        Reference(
            "torch.utils.data.DataLoader", "https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets

def train(model, criterion, optimizer, transform):
    train_loader = DataLoader(datasets.ImageFolder("train", transform), batch_size=64, num_workers=4)
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets

def train(model, criterion, optimizer, transform):
    train_loader = DataLoader(datasets.ImageFolder("train", transform), batch_size=64, num_workers=4, shuffle=True)
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
        ),
        Fires(
            """\
import torch
from torch.utils.data import DataLoader, TensorDataset

def train(model, inputs, targets, criterion, optimizer):
    train_dl = DataLoader(
        TensorDataset(inputs, targets),
        batch_size=64,
    )
    for x, y in train_dl:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
""",
            """\
import torch
from torch.utils.data import DataLoader, TensorDataset

def train(model, inputs, targets, criterion, optimizer):
    train_dl = DataLoader(
        TensorDataset(inputs, targets),
        batch_size=64,
        shuffle=True,
    )
    for x, y in train_dl:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader, random_split
from torchvision import datasets

def train(model, criterion, optimizer, transform):
    train_set, val_set = random_split(datasets.ImageFolder("all", transform), [0.9, 0.1])
    train_loader = DataLoader(train_set, batch_size=64)
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="the random split has already mixed the samples",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader, Dataset

class TimeSeriesDataset(Dataset):
    def __len__(self):
        return 100

def train(model, criterion, optimizer):
    train_loader = DataLoader(TimeSeriesDataset(), batch_size=64)
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="the order of a time series may carry meaning",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader
from torchvision import datasets

def evaluate(model, transform):
    train_loader = DataLoader(datasets.ImageFolder("train", transform), batch_size=64)
    model.eval()
    with torch.no_grad():
        return [model(x) for x, _ in train_loader]
""",
            because="nothing is trained on it",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader, TensorDataset

def noise(count, width):
    values = torch.randn(count, width)
    return TensorDataset(values, torch.empty(count, dtype=torch.long).random_(width))

def measure(model, criterion, optimizer):
    train_loader = DataLoader(noise(256, 16), batch_size=8)
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="samples that are drawn at random come in a random order already",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="batches and so results change",
    architect=Allowance(
        keywords={"torch.utils.data.DataLoader:shuffle": Choice(("True",))},
        advice="Shuffle the training loader only. Decline where the order of the samples carries meaning.",
    ),
    evidence=Shown(
        "tests/evidence/test_train_loader_not_shuffled.py::test_model_forgets_all_but_the_last_class_without_shuffling"
    ),
    detect=detect,
)
