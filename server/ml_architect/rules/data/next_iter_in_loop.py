"""A new iterator is made for every batch."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, CallSite, EventKind, ModuleFacts, Site
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Call, Expression

_COMPUTING = (EventKind.FORWARD, EventKind.LOSS, EventKind.BACKWARD, EventKind.ENGINE_BACKWARD)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``next(iter(loader))`` in the body of a loop that computes, for a loader that is made outside of it."""
    for call in facts.calls_to("builtins.next"):
        if not call.site.loops or not call.node.arguments:
            continue
        loader = _loader(facts, call)
        if loader is None or not _computes_again_and_again(facts, call.site.loops[0]):
            continue
        made = facts.construction(loader, call)
        if made is None or made.site.inside(call.site.loops[0]):
            continue
        yield Finding(
            call.node,
            f"each pass starts `{facts.text(loader)}` anew and takes its first batch only",
            related=(Related(made.node, "the loader is made here"),),
        )


def _loader(facts: ModuleFacts, call: CallSite) -> Expression | None:
    """Return the data loader in ``next(iter(loader))``."""
    inner = call.node.arguments[0].value
    if not isinstance(inner, Call) or facts.qualified(inner.func, call) != "builtins.iter" or not inner.arguments:
        return None
    loader = inner.arguments[0].value
    return loader if facts.is_kind(loader, call, Kind.DATA_LOADER) is Answer.YES else None


def _computes_again_and_again(facts: ModuleFacts, site: Site) -> bool:
    """Whether passes of the loop apply a model or train; one that only draws samples may want the same batch."""
    loop = next((loop for loop in facts.loops if loop.site is site), None)
    return loop is not None and not loop.leaves_at_once and bool(loop.of(*_COMPUTING))


RULE = Rule(
    name="next-iter-in-loop",
    summary="`next(iter(loader))` in a loop takes the first batch of a fresh iterator again and again",
    framework=Framework.TORCH,
    category=Category.DATA_LOADING,
    severity=Severity.WARNING,
    why=(
        "`iter(loader)` starts an epoch: it draws a new order and starts the worker processes. Taking one batch from it and dropping it costs all of that for "
        "every step; without shuffling it is always the same batch. Make one iterator before the loop, or iterate over the loader."
    ),
    tradeoffs={
        Cost.LATENCY: "workers start once instead of once for every batch",
        Cost.GENERALISATION: "all samples are seen, each once per epoch",
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

def train(model, dataset, criterion, optimizer):
    loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=4)
    for step in range(1000):
        inputs, targets = next(iter(loader))
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            """\
from itertools import chain, repeat

import torch
from torch.utils.data import DataLoader

def train(model, dataset, criterion, optimizer):
    loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=4)
    batches = chain.from_iterable(repeat(loader))
    for step in range(1000):
        inputs, targets = next(batches)
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
from torch.utils.data import DataLoader

def train(model, dataset, criterion, optimizer):
    loader = DataLoader(dataset, batch_size=64, shuffle=True, num_workers=4)
    batches = iter(loader)
    for step in range(1000):
        inputs, targets = next(batches)
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
""",
            because="one iterator gives batch after batch",
        ),
        Quiet(
            """\
from torch.utils.data import DataLoader

def show(datasets):
    for dataset in datasets:
        loader = DataLoader(dataset, batch_size=4)
        print(next(iter(loader)))
    sample = next(iter(DataLoader(datasets[0])))
    return sample
""",
            because="a look at the first batch of each of several loaders",
        ),
        Quiet(
            """\
import matplotlib.pyplot as plt
from torch.utils.data import DataLoader

def show_augmentation(dataset, draws=4):
    loader = DataLoader(dataset, batch_size=1)
    for column in range(draws):
        image, label = next(iter(loader))
        plt.subplot(1, draws, column + 1).imshow(image[0])
        plt.title(str(label))
""",
            because="nothing is computed with the batches; the same sample is wanted to see how its augmentation varies",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        imports=("itertools", "itertools.chain", "itertools.repeat"),
        calls=("iter", "next", "zip", "itertools.chain.from_iterable", "itertools.repeat"),
        may_remove_finding=True,
        structural=True,
        advice="Make one iterator before the loop, or iterate over the loader, and say what happens when it is used up.",
    ),
    evidence=Shown(
        "tests/evidence/test_next_iter_in_loop.py::test_only_the_first_batch_is_ever_seen_without_shuffling"
    ),
    detect=detect,
)
