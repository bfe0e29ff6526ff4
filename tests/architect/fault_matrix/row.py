"""One row of the fault matrix: a document, what the model answers, and the one end that this has to have."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from answering import SECTIONS, block, nonce_of
from endpoint import Behaviour, Exchange, says

SECRET = "hf_zecretzecretzecretzecret0123"
MARK = "qanary"
"""Stands in a comment of each document, and in nothing that we say."""
LOOP_CODE, LOADER_CODE = "missing-zero-grad", "dataloader-no-workers"
LOOP = f'''\
"""Train a model."""

import torch
from torch import nn


def fit(model, loader):
    # {MARK} ROW
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    model.push_to_hub("me/model", token="{SECRET}")
    return model, criterion
'''
LOADER = f'''\
"""Train a model."""

import os

import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

WORKERS = 4


def train(model, criterion, optimizer, workers=2):
    # {MARK} ROW
    images = datasets.ImageFolder("images", transforms.ToTensor())
    # the classes are sorted
    loader = DataLoader(images, batch_size=64, shuffle=True)  # keep
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    model.push_to_hub("me/model", token="{SECRET}")
    return model, criterion
'''
DEF = "\ndef "
BACK = "        loss.backward()\n"
STEP = "        optimizer.step()\n"
CLEAR = "        optimizer.zero_grad()\n"
RETURN = "    return model, criterion\n"
CALL = "    loader = DataLoader(images, batch_size=64, shuffle=True)  # keep\n"
WITH_WORKERS = "    loader = DataLoader(images, batch_size=64, shuffle=True, num_workers=4)  # keep\n"

Change = tuple[str, str]
GOOD: Change = (BACK, CLEAR + BACK)
GOOD_LOADER: Change = (CALL, WITH_WORKERS)

State = Literal["proposed", "explained", "declined", "failed", "cancelled"]
Event = Literal["cancel", "change", "close", "kill"]
_FINAL = {"capability", "freshness"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What happens, and how it has to end. A turn is a reply, with NONCE for the nonce, or a whole behaviour."""

    group: str
    name: str
    turns: tuple[str | Behaviour, ...]
    state: State
    code: str = LOOP_CODE
    document: str = field(default=LOOP, repr=False)
    task: Literal["fix", "explain"] = "fix"
    scope: Literal["finding", "loop", "file"] = "finding"
    tier: str | None = None
    rung: str | None = None
    """The check that refuses the reply."""
    requests: int = 1
    after: str | None = field(default=None, repr=False)
    """The whole document once the change is accepted, which the row then does."""
    words: str = ""
    """A part of the one line that the user reads."""
    shown: tuple[str, ...] = ()
    """What the explanation has to hold."""
    hidden: tuple[str, ...] = ()
    """What must be nowhere in the result, the proposed text aside."""
    event: Event | None = None
    at: float = 0.0
    """Characters of the reply that have to be sent before the event."""
    hangs: bool = False
    """Nothing but a limit of time, or the event, ends it: it is asked with short limits."""
    last: bool = False
    """It leaves something behind in the model process that other rows would notice."""

    @property
    def id(self) -> str:
        """The group and the name, as one word."""
        return f"{self.group}-" + re.sub(r"\W+", "-", self.name).strip("-")

    @property
    def text(self) -> str:
        """The document, which no other row has: replies are kept by what was asked."""
        return self.document.replace("ROW", self.id)

    @property
    def result(self) -> str | None:
        """What has to become of the document."""
        return None if self.after is None else self.after.replace("ROW", self.id)

    def behave(self, exchange: Exchange) -> None:
        """Answer a request of this row; the last turn stays."""
        turn = self.turns[min(exchange.attempt, len(self.turns) - 1)]
        if isinstance(turn, str):
            turn = says(turn.replace("NONCE", nonce_of(exchange)).replace("ROW", self.id))
        turn(exchange)


def envelope(*blocks: str, sections: str = SECTIONS, opener: str = "FIX", nonce: str = "NONCE") -> str:
    """Return a reply in the grammar."""
    return f"<<<{opener} {nonce}>>>\n{sections}{''.join(blocks)}<<<END {nonce}>>>\n"


def edits(document: str, *changes: Change) -> tuple[str, ...]:
    """Return a block for each change, with the region and the line that are right for `document`."""
    return tuple(_edit(document, old, new) for old, new in changes)


def _edit(document: str, old: str, new: str) -> str:
    """Return a block of whole lines, as a model would write it."""
    assert document.count(old) == 1, old
    start = document.rfind("\n", 0, document.index(old)) + 1
    end = document.index(old) + len(old)
    end = end if document[end - 1] == "\n" else document.index("\n", end) + 1
    new = document[start : document.index(old)] + new + document[document.index(old) + len(old) : end]
    old = document[start:end]
    functions = document.count(DEF, 0, start + len(DEF) - 1)
    region = f"R{functions or document.count(DEF) + 1}"  # the imports come last
    told = [text.replace(SECRET, "REDACTED_1") for text in (old, new)]
    return block(*told, line=document.count("\n", 0, start) + 1, region=region)


def changed(document: str, *changes: Change) -> str:
    """Return `document` with `changes`."""
    for old, new in changes:
        document = document.replace(old, new)
    return document


def code_of(document: str) -> str:
    """Return the rule that finds something in `document`."""
    return LOADER_CODE if "DataLoader(" in document else LOOP_CODE


def proven(group: str, name: str, *changes: Change, document: str = LOOP, **more) -> Row:
    """Return a row whose change is accepted at once, and leaves what it says."""
    reply = envelope(*edits(document, *changes))
    row = Row(
        group=group,
        name=name,
        turns=(reply,),
        state="proposed",
        tier="proven",
        code=code_of(document),
        document=document,
        after=changed(document, *changes),
        words="touches nothing else",
    )
    return replace(row, **more)


def structural(group: str, name: str, *changes: Change, document: str = LOADER, **more) -> Row:
    """Return a row whose change may be looked at only, after a second try that is no better."""
    row = proven(group, name, *changes, document=document, tier="structural", after=None, requests=2)
    return replace(row, **{"words": "repairs the finding, but", **more})


def refused(group: str, name: str, check: str, *changes: Change, document: str = LOOP, **more) -> Row:
    """Return a row whose change is refused: with a second try, unless there must be none."""
    rung = more.get("rung", check)
    reply = envelope(*edits(document, *changes))
    row = Row(
        group=group,
        name=name,
        turns=(reply,),
        state="failed" if rung == "protocol" else "explained",
        rung=rung,
        code=code_of(document),
        document=document,
        requests=1 if rung in _FINAL else 2,
        words=f"no change is offered: {{}}(check: {rung})",
    )
    return replace(row, **more)


def replied(row: Row, *turns: str | Behaviour) -> Row:
    """Return `row` with other replies."""
    return replace(row, turns=turns)
