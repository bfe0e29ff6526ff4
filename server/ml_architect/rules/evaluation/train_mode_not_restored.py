"""Evaluation inside the epoch loop leaves the model in evaluation mode."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
from ml_architect.facts.evaluation import Evaluations
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.optimizers import Optimizers
from ml_architect.rewrite import insert_before
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Place,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report an epoch loop that calls `eval()` on the model it trains and never `train()`."""
    if not facts.training_loops:
        return
    seen: set[int] = set()
    for loop in facts.loops:
        for event in _left_in_eval(facts, loop):
            if event.site.order in seen:
                continue
            seen.add(event.site.order)
            name = facts.text(event.target) if event.target else "the model"
            backward = loop.of(EventKind.BACKWARD)[0]
            yield Finding(
                event.place,
                f"`{name}` stays in evaluation mode: nothing in this loop calls `train()` before the next epoch",
                related=(Related(backward.place, "trained here, from the second epoch on in evaluation mode"),),
                fix=partial(_fix, facts, loop, backward),
            )


def _left_in_eval(facts: ModuleFacts, loop: Loop) -> Iterator[Event]:
    if loop.trains or not loop.of(EventKind.BACKWARD) or not loop.of(EventKind.EVAL_MODE):
        return
    evaluations = facts.group(Evaluations)
    restoring = loop.of(EventKind.TRAIN_MODE)
    trained = [event for event in loop.of(EventKind.FORWARD) if _is_trained(loop, event)]
    for event in loop.of(EventKind.EVAL_MODE):
        if not any(evaluations.about(event, forward) is Answer.YES for forward in trained):
            continue
        if not _is_optimized(facts, loop, event, trained):
            continue
        if any(evaluations.about(other, event) is not Answer.NO for other in restoring):
            continue
        if event.target is None or _mode_matters(facts, event) is Answer.NO:
            continue
        if not _hands_over_model(facts, loop):
            yield event


def _mode_matters(facts: ModuleFacts, event: Event) -> Answer:
    if event.target is None:
        return Answer.UNKNOWN
    return facts.group(ModuleClasses).mode_matters(event.target, event.call or event.site)


def _is_trained(loop: Loop, forward: Event) -> bool:
    """Whether a backward pass shares the innermost loop of a forward pass."""
    inner = forward.loops[-1] if forward.loops else None
    return any(event.loops and event.loops[-1] is inner for event in loop.of(EventKind.BACKWARD))


def _is_optimized(facts: ModuleFacts, loop: Loop, event: Event, trained: list[Event]) -> bool:
    """Whether an optimizer of the loop updates the model; where that is not known, whether there is only one model."""
    steps = loop.of(EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP)
    answers = {facts.group(Optimizers).same_parameters(step, event) for step in steps}
    if Answer.YES in answers:
        return True
    names = {facts.text(forward.target) for forward in trained if forward.target is not None}
    return answers == {Answer.UNKNOWN} and len(names) == 1


def _hands_over_model(facts: ModuleFacts, loop: Loop) -> bool:
    evaluations = loop.of(EventKind.EVAL_MODE)
    for event in loop.of(EventKind.UNSEEN):
        for argument in event.call.node.arguments if event.call else ():
            for mode in evaluations:
                if mode.target is None or argument.star:
                    return True
                frames = (event.frame, mode.frame)
                if facts.same_object(argument.value, event.site, mode.target, mode.site, frames=frames) is Answer.YES:
                    return True
    return False


def _fix(facts: ModuleFacts, loop: Loop, backward: Event) -> Fix | None:
    inner = backward.loops[-1] if backward.loops else None
    forward = next((e for e in loop.of(EventKind.FORWARD) if e.loops and e.loops[-1] is inner), None)
    if (
        inner is None
        or inner is loop.site
        or forward is None
        or forward.target is None
        or forward.site.loops[:1] != (inner,)
    ):
        return None
    edit = insert_before(facts, inner, f"{facts.text(forward.target)}.train()")
    return Fix("call `train()` before each training pass", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="train-mode-not-restored",
    summary="evaluation switches the model to evaluation mode and training goes on in it",
    framework=Framework.TORCH,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "`model.eval()` stays in force until `model.train()` is called. After the first evaluation, dropout drops nothing and "
        "batch normalisation neither uses nor updates batch statistics, so from the second epoch on another, unregularised "
        "model is trained, without any warning."
    ),
    tradeoffs={
        Cost.GENERALISATION: "dropout regularises in every epoch, not only in the first",
        Cost.STABILITY: "batch statistics keep following the weights",
        Cost.COMPUTE: "switching the mode costs nothing",
    },
    references=(
        Reference(
            "torch.nn.Module.eval",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.eval",
        ),
        Reference(
            "Evaluation mode", "https://docs.pytorch.org/docs/stable/notes/autograd.html#evaluation-mode-nn-module-eval"
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from torch import nn

def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)

def main(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    model.train()
    for epoch in range(10):
        for x, y in train_loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        print(evaluate(model, val_loader))
""",
            """\
import torch
from torch import nn

def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)

def main(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 2))
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    model.train()
    for epoch in range(10):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
        print(evaluate(model, val_loader))
""",
        ),
        Fires(
            """\
import torch
from torch import nn

def train_epoch(model, loader, optimizer):
    for x in loader:
        optimizer.zero_grad()
        model(x).mean().backward()
        optimizer.step()

def main(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        train_epoch(model, train_loader, optimizer)
        model.eval()
        with torch.no_grad():
            print(sum(model(x).sum() for x in val_loader))
""",
            """\
import torch
from torch import nn

def train_epoch(model, loader, optimizer):
    model.train()
    for x in loader:
        optimizer.zero_grad()
        model(x).mean().backward()
        optimizer.step()

def main(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        train_epoch(model, train_loader, optimizer)
        model.eval()
        with torch.no_grad():
            print(sum(model(x).sum() for x in val_loader))
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from torch import nn

def evaluate(model, loader):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        total = sum(model(x).sum() for x in loader)
    model.train(was_training)
    return total

def main(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x in train_loader:
            optimizer.zero_grad()
            model(x).mean().backward()
            optimizer.step()
        evaluate(model, val_loader)
""",
            because="the evaluation restores the mode that it found",
        ),
        Quiet(
            """\
import torch
from torch import nn

def main(train_loader, val_loader):
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        for x in train_loader:
            optimizer.zero_grad()
            model(x).mean().backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            print(sum(model(x).sum() for x in val_loader))
""",
            because="nothing in this model depends on its mode",
        ),
        Quiet(
            """\
import torch
from torch import nn

def main(train_loader, teacher: nn.Module):
    model = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(10):
        teacher.eval()
        for x in train_loader:
            optimizer.zero_grad()
            (model(x) - teacher(x)).square().mean().backward()
            optimizer.step()
""",
            because="the teacher is in evaluation mode on purpose and has no optimizer",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="dropout and batch normalisation act in every epoch, so results change",
    architect=Allowance(
        statements=("$model.train()",),
        places={"$model.train()": (Place(before_loop="$loss.backward($*options)"),)},
        advice="Put the model into training mode at the start of each training pass, before the loop over batches.",
    ),
    evidence=Shown(
        "tests/evidence/test_train_mode_not_restored.py::test_dropout_and_batch_norm_stop_after_the_first_epoch"
    ),
    detect=detect,
)
