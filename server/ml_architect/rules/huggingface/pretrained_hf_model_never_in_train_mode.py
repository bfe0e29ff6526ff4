"""A pretrained model is fine-tuned in evaluation mode."""

from collections.abc import Iterator
from functools import partial

from ml_architect.catalog import Kind
from ml_architect.facts import Answer, Event, EventKind, Loop, ModuleFacts
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
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)

_SWITCHING = ("lightning", "pytorch_lightning", "peft", "trl", "deepspeed", "setfit", "sentence_transformers")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a hand-written training loop on a ``from_pretrained`` model in a file that never calls ``train()``."""
    if not facts.imports("transformers") or facts.imports(*_SWITCHING) or facts.method_calls("train"):
        return
    for loop in facts.training_loops:
        if not loop.of(EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP):
            continue
        forward = next((event for event in loop.of(EventKind.FORWARD) if _is_pretrained(facts, event)), None)
        if forward is None or forward.target is None or _sees_trainer(facts):
            continue
        made = facts.construction(forward.target, forward.call or forward.site, forward.frame)
        yield Finding(
            forward.place,
            f"`{facts.text(forward.target)}` comes from `from_pretrained` in evaluation mode, and nothing calls `train()`",
            related=(Related(made.node, "loaded here, in evaluation mode"),) if made is not None else (),
            fix=partial(_fix, facts, loop, forward),
        )


def _is_pretrained(facts: ModuleFacts, event: Event) -> bool:
    if event.target is None:
        return False
    at = event.call or event.site
    if facts.is_kind(event.target, at, Kind.PRETRAINED, frame=event.frame) is not Answer.YES:
        return False
    call = facts.construction(event.target, at, event.frame)
    return call is not None and call.method == "from_pretrained"


def _sees_trainer(facts: ModuleFacts) -> bool:
    return bool(facts.calls_of(Kind.TRAINER))


def _fix(facts: ModuleFacts, loop: Loop, forward: Event) -> Fix | None:
    if forward.frame is not None or forward.target is None:
        return None
    edit = insert_before(facts, loop.site, f"{facts.text(forward.target)}.train()")
    return Fix("put the model into training mode", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="pretrained-hf-model-never-in-train-mode",
    summary="a pretrained transformers model is fine-tuned without `train()`",
    framework=Framework.TRANSFORMERS,
    category=Category.TRAINING_LOOP,
    severity=Severity.WARNING,
    why=(
        "`from_pretrained` returns the model in evaluation mode, unlike a module that you construct. A hand-written loop that never calls `model.train()` "
        "fine-tunes without dropout: the training loss looks good, and the model overfits small data sets sooner. `Trainer` switches the mode itself."
    ),
    tradeoffs={
        Cost.GENERALISATION: "dropout regularises, which small fine-tuning sets need",
        Cost.STABILITY: "training loss becomes noisier; evaluate in evaluation mode",
    },
    references=(
        Reference(
            "PreTrainedModel.from_pretrained",
            "https://huggingface.co/docs/transformers/main_classes/model#transformers.PreTrainedModel.from_pretrained",
        ),
    ),
    fires=(
        Fires(
            """\
import torch
from transformers import AutoModelForSequenceClassification

def finetune(loader):
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    for batch in loader:
        loss = model(**batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
""",
            """\
import torch
from transformers import AutoModelForSequenceClassification

def finetune(loader):
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model.train()
    for batch in loader:
        loss = model(**batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch
from transformers import AutoModelForSequenceClassification

def finetune(loader):
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased", num_labels=2)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    model.train()
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
""",
            because="the mode is set",
        ),
        Quiet(
            """\
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

def train(loader):
    model = AutoModelForSequenceClassification.from_config(AutoConfig.from_pretrained("bert-base-uncased"))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5)
    for batch in loader:
        optimizer.zero_grad()
        model(**batch).loss.backward()
        optimizer.step()
""",
            because="a model built from a configuration starts in training mode",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="dropout acts during training, so results change",
    architect=Allowance(
        statements=("$model.train()",),
        exact=True,
        advice="Call `train()` on the model before the training loop, or at the start of each epoch where the epoch also evaluates.",
    ),
    evidence=Shown(
        "tests/evidence/test_pretrained_hf_model_never_in_train_mode.py::test_fine_tuning_without_train_uses_no_dropout"
    ),
    detect=detect,
)
