"""Group W: several findings of one loop, or of the whole file, that one reply is to repair together."""

from dataclasses import replace

from answering import block
from endpoint import hangs

from .row import (
    BACK,
    CALL,
    CLEAR,
    GOOD,
    GOOD_LOADER,
    LOADER_CODE,
    LOOP_CODE,
    MARK,
    RETURN,
    SECRET,
    STEP,
    WITH_WORKERS,
    Change,
    Row,
    changed,
    edits,
    envelope,
    proven,
    refused,
    replied,
    structural,
)

TWO = f'''\
"""Train a model."""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


def train(model):
    # {MARK} ROW
    images = datasets.ImageFolder("images", transforms.ToTensor())
    # the classes are sorted
    loader = DataLoader(images, batch_size=64, shuffle=True)  # keep
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    model.push_to_hub("me/model", token="{SECRET}")
    return model, criterion
'''
"""A loop with two findings: its loader has no workers, and its gradients are never cleared."""

LOAD = '    model.load_state_dict(torch.load("weights.pt", weights_only=False))\n'
GOOD_LOAD: Change = (LOAD, LOAD.replace("False", "True"))
FILE = f"{TWO}\n\ndef restore(model):\n{LOAD}    return model\n"
"""A third finding, in another function."""

RESTORED = "    return model\n"
DECLINE = "<<<DECLINE NONCE>>>\nIt is so on purpose.\n<<<END NONCE>>>\n"

LATE = """\


def tune(model, loader):
    chosen = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        model(inputs).sum().backward()
        chosen.zero_grad()
        chosen.step()
"""
OTHERWISE = f"{TWO}{LATE}"
"""A third finding, in another function: gradients are cleared before they are used."""

SECOND = "        model(inputs).sum().backward()\n        chosen.zero_grad()\n        chosen.step()\n"
GOOD_SECOND: Change = (
    SECOND,
    "        chosen.zero_grad()\n        model(inputs).sum().backward()\n        chosen.step()\n",
)
MANY = TWO + "".join(
    f"\n\ndef restore_{number}(model):\n{LOAD.replace('.pt', f'{number}.pt')}" for number in range(1, 5)
)
"""Findings in five functions, and a reply is about three places at most."""

GOOD_OF: dict[int, Change] = {
    number: (text, text.replace("False", "True"))
    for number in range(1, 5)
    for text in [LOAD.replace(".pt", f"{number}.pt")]
}
BOTH = (GOOD_LOADER, GOOD)
ALL = (*BOTH, GOOD_LOAD)
BODY = TWO[TWO.index(CALL) : TWO.index("    model.push")]
"""All lines of the loop's function that a repair of both findings changes, and those between them."""


def loop(name: str, *changes: Change, document: str = TWO, **more) -> Row:
    """Return a row about the findings of a loop, all repaired."""
    words = "repairs 2 findings and touches nothing else"
    given = {"scope": "loop", "code": LOOP_CODE, "words": words, **more}
    return proven("W", name, *changes, document=document, **given)


def file(name: str, *changes: Change, document: str = FILE, **more) -> Row:
    """Return a row about the findings of a file, all repaired."""
    words = "repairs 3 findings and touches nothing else"
    return loop(name, *changes, document=document, **{"scope": "file", "words": words, **more})


def bad(name: str, check: str, *changes: Change, document: str = TWO, **more) -> Row:
    """Return a row whose change is refused as a whole, whatever is good in it."""
    scope = "loop" if document is TWO else "file"
    return refused("W", name, check, *changes, document=document, **{"scope": scope, "code": LOOP_CODE, **more})


def sneaky(name: str, *changes: Change, document: str = TWO, **more) -> Row:
    """Return a row whose change repairs everything, and changes more than that."""
    scope = "loop" if document is TWO else "file"
    words = f"repairs {2 if document is TWO else 3} findings, but"
    return structural("W", name, *changes, document=document, scope=scope, code=LOOP_CODE, words=words, **more)


def with_loader(**keywords: object) -> Change:
    """Return a change that gives the loader workers, and these arguments."""
    given = {"batch_size": 64, "shuffle": True, "num_workers": 4, **keywords}
    words = ", ".join(f"{name}={value}" for name, value in given.items())
    return CALL, f"    loader = DataLoader(images, {words})  # keep\n"


def whole(text: str) -> str:
    """Return a reply that writes the function of a loop anew."""
    return envelope(f"<<<REGION R1>>>\n{text[text.index('def train') :]}<<<DONE>>>\n".replace(SECRET, "REDACTED_1"))


REPAIRED = (
    loop("all of a loop", *BOTH),
    loop("all of a loop, the blocks in another order", *BOTH[::-1]),
    loop("all of a loop, in one block", (BODY, changed(BODY, *BOTH))),
    loop("all of a loop, with more that the rules allow", with_loader(pin_memory=True), GOOD),
    replied(loop("all of a loop, the region as a whole", *BOTH), whole(changed(TWO, *BOTH))),
    replied(
        loop(
            "all of a loop, Windows line ends",
            document=TWO.replace("\n", "\r\n"),
            after=changed(TWO, *BOTH).replace("\n", "\r\n"),
        ),
        envelope(*edits(TWO, *BOTH)),
    ),
    loop(
        "the loop of a single finding", GOOD_LOADER, document=changed(TWO, GOOD), code=LOADER_CODE, words="the finding"
    ),
    loop("the loop of a file that holds more", *BOTH, document=FILE),
    file("all of a file", *ALL),
    file("all of a file, cleared late elsewhere", *BOTH, GOOD_SECOND, document=OTHERWISE),
    file(
        "as much of a file as fits into one question",
        *BOTH,
        *(GOOD_OF[number] for number in (1, 2)),
        document=MANY,
        words="repairs 4 findings and touches nothing else; 2 more did not fit into one question",
    ),
    replied(loop("the rest when told", *BOTH, requests=2), envelope(*edits(TWO, GOOD)), envelope(*edits(TWO, *BOTH))),
    replied(
        loop("all of a loop, narrowed when told", *BOTH, requests=2),
        envelope(*edits(TWO, *BOTH, ("lr=0.1", "lr=0.01"))),
        envelope(*edits(TWO, *BOTH)),
    ),
)
REFUSED = (
    bad("the first of two only", "reanalysis", GOOD_LOADER),
    bad("the second of two only", "reanalysis", GOOD),
    bad("two of three only", "reanalysis", *BOTH, document=FILE),
    replied(
        bad("a good block, and one that is nowhere", "apply"),
        envelope(*edits(TWO, GOOD), block("    loader = DataLoader(pictures)\n", WITH_WORKERS)),
    ),
    replied(
        bad("a good block, and one of another function", "apply", scope="loop", document=FILE),
        envelope(*edits(FILE, *BOTH), block(*GOOD_LOAD)),
    ),
    bad("a good block, and one that does not parse", "parse", GOOD, (CALL, CALL.replace("True)", "True"))),
    bad("a good block, and an absurd value", "values", GOOD, with_loader(num_workers=4096)),
    bad("a good block, and an undefined name", "names", GOOD, with_loader(num_workers="cores")),
    bad("a good block, and an unknown keyword", "signatures", GOOD, with_loader(workers=4)),
    bad("a good block, and a suppression", "shape", GOOD, (CALL, CALL.replace("# keep", "# ml-architect: ignore"))),
    bad("a good block, and a finding deleted", "shape", GOOD_LOADER, (STEP, "")),
    bad("a good block, and a call of eval", "capability", GOOD, with_loader(num_workers="eval('4')")),
    bad("all of a loop, and an upload", "capability", *BOTH, (RETURN, f'    model.push_to_hub("me/b")\n{RETURN}')),
    bad("all of a file, and a call", "capability", *ALL, (RESTORED, "    return model.eval()\n"), document=FILE),
    bad("two blocks that overlap", "apply", *BOTH, (BODY, changed(BODY, *BOTH))),
    bad("one block twice", "apply", *BOTH, GOOD),
    bad("one repair brings another finding", "reanalysis", GOOD_LOADER, (STEP, CLEAR + STEP)),
    bad(
        "one repair brings back the other finding",
        "reanalysis",
        GOOD_LOADER,
        (STEP, CLEAR + STEP),
        GOOD_SECOND,
        document=OTHERWISE,
    ),
)
BESIDES = (
    sneaky("all of a loop, and another learning rate", *BOTH, ("lr=0.1", "lr=0.01")),
    sneaky("all of a loop, and another order", with_loader(shuffle=False), GOOD),
    sneaky("all of a loop, cleared twice", GOOD_LOADER, (BACK, CLEAR + CLEAR + BACK)),
    sneaky(
        "all of a file, and a clearing elsewhere", *ALL, (RESTORED, f"    model.zero_grad()\n{RESTORED}"), document=FILE
    ),
    sneaky("all of a file, and another return", *ALL, (RESTORED, "    return restore\n"), document=FILE),
)
ENDED = (
    Row(
        group="W",
        name="the finding of a loop was gone",
        turns=(),
        state="failed",
        requests=0,
        document=changed(TWO, *BOTH),
        scope="loop",
        words="no longer there",
    ),
    replace(
        loop("all of a loop, declined"), turns=(DECLINE,), state="declined", tier=None, after=None, words="on purpose"
    ),
    replace(
        loop("edited while a loop is repaired"),
        turns=(hangs,),
        state="cancelled",
        tier=None,
        after=None,
        event="change",
        words="changed",
    ),
)
ROWS = (*REPAIRED, *REFUSED, *BESIDES, *ENDED)
