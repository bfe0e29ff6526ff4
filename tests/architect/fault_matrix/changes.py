"""Groups H, K and M: changes of the wrong shape, changes that hide beside a good one, and wrong repairs."""

from dataclasses import replace

from answering import SECTIONS

from .row import (
    BACK,
    CALL,
    CLEAR,
    GOOD,
    GOOD_LOADER,
    LOADER,
    LOOP,
    RETURN,
    STEP,
    WITH_WORKERS,
    Row,
    edits,
    envelope,
    proven,
    refused,
    replied,
    structural,
)

HEAD = "def fit(model, loader):\n"
LOSS = "        loss = criterion(model(inputs), targets)\n"
OPTIMIZER = "    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
ANOTHER = LOOP.replace("    for inputs", "    other = torch.optim.SGD(model.parameters(), lr=0.1)\n    for inputs")
COMMENTED = LOOP.replace(LOSS, f"        # the loss of one batch\n{LOSS}")


def loader(**keywords: object) -> str:
    given = {"batch_size": 64, "shuffle": True, "num_workers": 4, **keywords}
    words = ", ".join(f"{name}={value}" for name, value in given.items() if value is not None)
    return f"    loader = DataLoader(images, {words})  # keep\n"


def shape(name: str, *changes: tuple[str, str], document: str = LOOP, **more) -> Row:
    return refused("H", name, "shape", *changes, document=document, **more)


SHAPE = (
    shape("the flagged call deleted", (CALL, "    loader = images  # keep\n"), document=LOADER),
    shape("the flagged line deleted", (STEP, "")),
    shape("the finding suppressed", (STEP, STEP.replace("\n", "  # ml-architect: ignore[missing-zero-grad]\n"))),
    shape("all findings suppressed", (HEAD, f"# ml-architect: ignore-file\n{HEAD}")),
    shape("a noqa beside a good repair", GOOD, (STEP, STEP.replace("\n", "  # noqa\n"))),
    shape("a type ignore beside a good repair", GOOD, (STEP, STEP.replace("\n", "  # type: ignore\n"))),
    shape("comments only", (BACK, f"        # gradients are cleared elsewhere\n{BACK}")),
    shape("layout only", (OPTIMIZER, OPTIMIZER.replace("lr=0.1", "lr = 0.1"))),
    shape("a neighbour dropped", GOOD, ("    criterion = nn.CrossEntropyLoss()\n", "")),
    shape("the return dropped", GOOD, (RETURN, "")),
    shape("the signature changed", GOOD, (HEAD, "def fit(model, loader, clear=True):\n")),
    shape("a default changed", GOOD_LOADER, ("workers=2", "workers=4"), document=LOADER),
    shape("a comment of the user deleted", (CALL, WITH_WORKERS.replace("  # keep", "")), document=LOADER),
    shape("a line of comment deleted", GOOD, ("        # the loss of one batch\n", ""), document=COMMENTED),
    shape("a comment reworded", GOOD, ("the loss of one batch", "its loss"), document=COMMENTED),
    shape("sixty lines more", GOOD, (RETURN, "".join(f"    x{n} = {n}\n" for n in range(60)) + RETURN)),
)


def sneaky(name: str, *changes: tuple[str, str], document: str = LOADER, **more) -> Row:
    return structural("K", name, *changes, document=document, **more)


SNEAKY = (
    sneaky("shuffling turned off", (CALL, loader(shuffle=False))),
    sneaky("another batch size", (CALL, loader(batch_size=32))),
    sneaky("an argument more", (CALL, loader(drop_last=True))),
    sneaky("another data set", (CALL, WITH_WORKERS.replace("images,", "workers,"))),
    sneaky("the order of what is returned", GOOD_LOADER, (RETURN, "    return criterion, model\n")),
    sneaky("another learning rate", GOOD, ("lr=0.1", "lr=0.01"), document=LOOP),
    sneaky("arguments swapped", GOOD, ("model(inputs), targets", "targets, model(inputs)"), document=LOOP),
    sneaky("a comment added", GOOD, (STEP, f"        # clear, then step\n{STEP}"), document=LOOP),
    sneaky(
        "statements in another order",
        GOOD,
        (OPTIMIZER + "    criterion = nn.CrossEntropyLoss()\n", "    criterion = nn.CrossEntropyLoss()\n" + OPTIMIZER),
        document=LOOP,
    ),
    sneaky("cleared twice", (BACK, CLEAR + CLEAR + BACK), document=LOOP),
    sneaky("something else cleared instead", (BACK, f"        criterion.zero_grad()\n{BACK}"), document=LOOP),
    proven("K", "the whole model cleared instead", (BACK, f"        model.zero_grad()\n{BACK}")),
    sneaky("a step that is never taken", GOOD, (STEP, f"        if False:\n    {STEP}"), document=LOOP),
    sneaky("an assertion", GOOD, (STEP, f"{STEP}        assert False\n"), document=LOOP),
    sneaky(
        "a constant changed",
        GOOD_LOADER,
        ("WORKERS = 4", "WORKERS = 8"),
        rung="apply",
        state="explained",
        tier=None,
        words="(check: apply)",
    ),
    replied(
        proven("K", "narrowed when told", GOOD, requests=2),
        envelope(*edits(LOOP, GOOD, ("lr=0.1", "lr=0.01"))),
        envelope(*edits(LOOP, GOOD)),
    ),
)


def wrong(name: str, check: str, *changes: tuple[str, str], document: str = LOADER, **more) -> Row:
    return refused("M", name, check, *changes, document=document, **more)


def says(name: str, old: str, new: str, document: str = LOADER, **more) -> Row:
    """Return a row whose change is good, and whose explanation is not."""
    change = GOOD_LOADER if document is LOADER else GOOD
    row = proven("M", name, change, document=document)
    assert old in SECTIONS
    return replace(row, turns=(envelope(*edits(document, change), sections=SECTIONS.replace(old, new)),), **more)


MEANING = (
    wrong("an undefined name", "names", (BACK, f"        optimiser.zero_grad()\n{BACK}"), document=LOOP),
    wrong(
        "a name before its definition",
        "names",
        GOOD,
        (OPTIMIZER, f"    optimizer.zero_grad()\n{OPTIMIZER}"),
        document=LOOP,
    ),
    wrong("an undefined value", "names", (CALL, loader(num_workers="cores"))),
    wrong("an import that is missing", "names", (CALL, loader(num_workers="multiprocessing"))),
    wrong("a keyword that does not exist", "signatures", (CALL, loader(workers=4))),
    wrong("a keyword of another function", "signatures", (CALL, loader(epochs=4))),
    wrong(
        "a keyword twice", "signatures", (CALL, WITH_WORKERS.replace("num_workers=4", "num_workers=4, num_workers=8"))
    ),
    wrong("an absurd value", "values", (CALL, loader(num_workers=4096))),
    wrong("a negative value", "values", (CALL, loader(num_workers=-1))),
    wrong("a fraction", "values", (CALL, loader(num_workers=2.5))),
    wrong("a truth value for a number", "values", (CALL, loader(num_workers=True))),
    wrong("a string for a number", "capability", (CALL, loader(num_workers="'4'"))),
    wrong("another choice", "values", (CALL, loader(persistent_workers=False))),
    wrong("the finding is still there", "reanalysis", (CALL, loader(num_workers=None, pin_memory=True))),
    wrong("an unrelated change", "reanalysis", (CALL, loader(num_workers=None, batch_size=32))),
    wrong(
        "the wrong place",
        "reanalysis",
        ("    for inputs, targets", f"{CLEAR[4:]}    for inputs, targets"),
        document=LOOP,
    ),
    wrong("a new finding", "reanalysis", (STEP, CLEAR + STEP), document=LOOP),
    wrong("the wrong optimizer", "reanalysis", (BACK, f"        other.zero_grad()\n{BACK}"), document=ANOTHER),
    says(
        "a number out of range",
        "none\n",
        "num_workers = 512 | 256 to 1024 | more is better\n",
        shown=("| `num_workers` | `4` |",),
        hidden=("512", "1024"),
    ),
    says("a number without a range", "none\n", "num_workers is 512\n", hidden=("512",)),
    says(
        "a setting that the rule does not know", "none\n", "wd_magic = 7 | 1 to 99 | trust me\n", hidden=("trust me",)
    ),
    says(
        "an API that does not exist",
        "Clear the",
        "Use `torch.utils.data.TurboLoader`. Clear the",
        shown=("~~torch.utils.data.TurboLoader~~",),
    ),
    says("no words on what it costs", "maintenance: one more line\n", "\n", shown=("memory",)),
)
