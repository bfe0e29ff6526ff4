"""A distributed sampler repeats one order in every epoch."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import (
    EVALUATION,
    Answer,
    DataLoader,
    EventKind,
    Loop,
    ModuleFacts,
    Site,
    dotted_name,
    speaks_of,
)
from ml_architect.facts.structure import CallSite
from ml_architect.rewrite import body_start
from ml_architect.rules.api import (
    Allowance,
    Category,
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
from ml_architect.syntax.nodes import Assign, Expression, For, Name

_CALLERS = ("lightning", "pytorch_lightning", "accelerate", "transformers", "ignite", "composer", "deepspeed")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a shuffling DistributedSampler whose loader is trained on in an epoch loop, in a file without ``set_epoch``."""
    samplers = facts.calls_of(Kind.DISTRIBUTED_SAMPLER)
    if not samplers or facts.method_calls("set_epoch") or facts.imports(*_CALLERS):
        return
    for loader in facts.data_loaders:
        sampler = _sampler(facts, loader)
        if sampler is None or loader.trains is not Answer.YES or not _shuffles(facts, sampler):
            continue
        if speaks_of(loader.name, EVALUATION):
            continue
        epoch = _epoch_loop(facts, loader)
        if epoch is None:
            continue
        yield Finding(
            sampler.node,
            "nothing calls `set_epoch` on this sampler, so every epoch has the same order",
            related=(Related(epoch.statement, "the epochs are counted here"),),
            fix=partial(_fix, facts, loader, sampler, epoch),
        )


def _sampler(facts: ModuleFacts, loader: DataLoader) -> CallSite | None:
    passed = facts.passed(loader.call, "sampler")
    if not passed.given or passed.value is None:
        return None
    for item in facts.origins(passed.value, loader.call).items:
        call = facts.call_at(item.node)
        if call is not None and call in facts.calls_of(Kind.DISTRIBUTED_SAMPLER):
            return call
    return None


def _shuffles(facts: ModuleFacts, sampler: CallSite) -> bool:
    passed = facts.passed(sampler, "shuffle")
    known = facts.known(passed.value, sampler) if passed.given else None
    return passed.absent or (known is not None and known.value is True)


def _epoch_loop(facts: ModuleFacts, loader: DataLoader) -> Site | None:
    """Return the loop over epochs around the training on `loader`; a loop of one pass does not count."""
    for loop in facts.training_loops:
        if loop.site in loader.consumers and loop.of(EventKind.BACKWARD, EventKind.ENGINE_BACKWARD):
            return next(iter(_around(facts, loop)), None)
    return None


def _around(facts: ModuleFacts, loop: Loop) -> Iterator[Site]:
    for site in facts.loops_around(loop):
        if isinstance(site.statement, For):
            yield site


def _fix(facts: ModuleFacts, loader: DataLoader, sampler: CallSite, epoch: Site) -> Fix | None:
    statement = sampler.site.statement
    target: Expression | None = statement.targets[0] if isinstance(statement, Assign) and statement.targets else None
    counter = epoch.statement.target if isinstance(epoch.statement, For) else None
    name = dotted_name(target)
    same_scope = sampler.scope.function in {epoch.function, None}
    if name is None or not isinstance(counter, Name) or not same_scope or not loader.consumers:
        return None
    if not isinstance(statement, Assign) or statement.value is not sampler.node:
        return None
    edit = body_start(facts, epoch, f"{name}.set_epoch({counter.id})")
    return Fix("tell the sampler the epoch", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="sampler-set-epoch-missing",
    summary="`set_epoch` is never called on a shuffling DistributedSampler",
    framework=Framework.TORCH,
    category=Category.DISTRIBUTED,
    severity=Severity.WARNING,
    why=(
        "All processes have to agree on one order, so `DistributedSampler` shuffles with a generator seeded by `seed + epoch`. The epoch is 0 until "
        "`set_epoch` is called: without it every epoch repeats the same order and the same split between processes, and batches never mix anew."
    ),
    tradeoffs={
        Cost.GENERALISATION: "each epoch sees other batches, and each process all of the data over time",
        Cost.COMPUTE: "none",
    },
    references=(
        Reference(
            "torch.utils.data.distributed.DistributedSampler",
            "https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.distributed.DistributedSampler",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

def train(model, dataset, criterion, optimizer, epochs):
    sampler = DistributedSampler(dataset)
    loader = DataLoader(dataset, batch_size=64, sampler=sampler)
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            """\
import torch
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

def train(model, dataset, criterion, optimizer, epochs):
    sampler = DistributedSampler(dataset)
    loader = DataLoader(dataset, batch_size=64, sampler=sampler)
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
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
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

def train(model, dataset, criterion, optimizer, epochs):
    loader = DataLoader(dataset, batch_size=64, sampler=DistributedSampler(dataset))
    for epoch in range(epochs):
        loader.sampler.set_epoch(epoch)
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="set through the loader",
        ),
        Quiet(
            """\
import torch
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

def train(model, dataset, criterion, optimizer, epochs):
    sampler = DistributedSampler(dataset, shuffle=False)
    loader = DataLoader(dataset, batch_size=64, sampler=sampler)
    for epoch in range(epochs):
        for inputs, targets in loader:
            optimizer.zero_grad()
            criterion(model(inputs), targets).backward()
            optimizer.step()
""",
            because="a sampler that does not shuffle ignores the epoch",
        ),
        Quiet(
            """\
from torch.utils.data import DataLoader
from torch.utils.data.distributed import DistributedSampler

def make(dataset):
    sampler = DistributedSampler(dataset)
    return DataLoader(dataset, batch_size=64, sampler=sampler), sampler
""",
            because="the caller may set the epoch",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the order changes from epoch to epoch",
    architect=Allowance(
        statements=("$sampler.set_epoch($epoch)",),
        exact=True,
        advice="Call `set_epoch` with the counter of the epoch loop, as the first statement of that loop.",
    ),
    evidence=Shown(
        "tests/evidence/test_sampler_set_epoch_missing.py::test_order_is_identical_in_every_epoch_without_set_epoch"
    ),
    detect=detect,
)
