"""The ladder without a model: a document, what a reply made of it, and what becomes of that."""

import hashlib

import pytest

from ml_architect.architect.checks.judge import judge_text
from ml_architect.architect.values import Brief, Region, Rung, Target, Task, Tier, Verdict
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules.allowance import Allowance, Choice, Free, Number
from ml_architect.text import Source, Span, apply_edits

LOADER = '''\
import os
import torch
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

WORKERS = 4

def train(model, criterion, optimizer, workers=2):
    """Train."""
    images = datasets.ImageFolder("images", transforms.ToTensor())
    # shuffled, as the classes are sorted
    loader = DataLoader(images, batch_size=64, shuffle=True)  # keep
    for inputs, targets in loader:
        optimizer.zero_grad()
        criterion(model(inputs), targets).backward()
        optimizer.step()
    return model, criterion
'''
ZERO = """\
import torch
from torch import nn

def train(model: nn.Module, loader, criterion):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    for inputs, targets in loader:
        # forward
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return model
"""
GRAD = """\
import torch
from torch import nn

def evaluate(model: nn.Module, loader):
    model.eval()
    right = 0
    for inputs, targets in loader:
        outputs = model(inputs)
        right += (outputs.argmax(1) == targets).sum().item()
    return right
"""
SOFTMAX = """\
import torch.nn.functional as F
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)

def loss_of(batch, labels):
    net = Net()
    output = net(batch)
    return F.cross_entropy(output, labels)
"""
LOAD = """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=False))
    return model
"""
DOCUMENTS = {
    "dataloader-no-workers": LOADER,
    "missing-zero-grad": ZERO,
    "missing-no-grad-in-eval": GRAD,
    "softmax-before-cross-entropy": SOFTMAX,
    "torch-load-allows-code-execution": LOAD,
}
ALLOWANCES = {
    "dataloader-no-workers": Allowance(
        keywords={
            "torch.utils.data.DataLoader:num_workers": Number(1, 16, whole=True),
            "torch.utils.data.DataLoader:persistent_workers": Choice(("True",)),
            "torch.utils.data.DataLoader:prefetch_factor": Free(),
        },
    ),
    "missing-zero-grad": Allowance(statements=("$optimizer.zero_grad($*rest)",)),
    "missing-no-grad-in-eval": Allowance(headers=("torch.no_grad()", "@torch.no_grad()"), imports=("torch",)),
    "softmax-before-cross-entropy": Allowance(
        rewrites={"torch.nn.functional.softmax($x, $*rest)": "$x", "$x.softmax($*rest)": "$x"}
    ),
    "torch-load-allows-code-execution": Allowance(
        keywords={"torch.load:weights_only": Choice(("True",)), "torch.load:map_location": Free()}
    ),
}


def analysis_of(text: str) -> Analysis:
    return analyze(Source(text), Settings(), Environment())


def brief_of(analysis: Analysis, code: str, *regions: tuple[int, int]) -> Brief:
    found = [item for item in analysis.diagnostics if item.code == code]
    assert found, [item.code for item in analysis.diagnostics]
    targets = tuple(Target(item.fingerprint, item.code, item.message, item.span) for item in found)
    spans = [Span(*pair) for pair in regions] or [Span(0, len(analysis.source.text))]
    placed = tuple(Region(f"R{number}", span, "code") for number, span in enumerate(spans, start=1))
    digest = hashlib.sha256(analysis.source.text.encode()).hexdigest()
    return Brief(Task.FIX, targets, placed, (), "n0nce", digest)


def judged(code: str, *changes: tuple[str, str], before: str | None = None) -> Verdict:
    before = DOCUMENTS[code] if before is None else before
    text = before
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    analysis = analysis_of(before)
    verdict = judge_text(analysis, brief_of(analysis, code), text, (ALLOWANCES[code],))
    assert bool(verdict.edits) == (verdict.tier in (Tier.PROVEN, Tier.STRUCTURAL))
    if verdict.edits:
        assert apply_edits(before, verdict.edits).split() == text.split()
    return verdict


W, Z, G, S, L = DOCUMENTS
CALL = "shuffle=True)  # keep"
STEP = "        loss.backward()\n        optimizer.step()\n"
BODY = """\
    for inputs, targets in loader:
        outputs = model(inputs)
        right += (outputs.argmax(1) == targets).sum().item()
"""
HEAD = "def evaluate(model: nn.Module, loader):\n"


def indented(text: str, by: str = "    ") -> str:
    return "".join(by + line for line in text.splitlines(keepends=True))


PROVEN = {
    "a keyword": (W, (CALL, "shuffle=True, num_workers=4)  # keep")),
    "a keyword in the middle": (W, ("batch_size=64, ", "batch_size=64, num_workers=4, ")),
    "two keywords": (W, (CALL, "shuffle=True, num_workers=8, persistent_workers=True)  # keep")),
    "on lines of its own": (
        W,
        (
            "DataLoader(images, batch_size=64, shuffle=True)",
            "DataLoader(\n        images,\n        batch_size=64,\n        shuffle=True,\n        num_workers=4,\n    )",
        ),
    ),
    "a constant of the document": (W, (CALL, "shuffle=True, num_workers=WORKERS)  # keep")),
    "zero_grad before backward": (Z, (STEP, f"        optimizer.zero_grad()\n{STEP}")),
    "zero_grad first": (Z, ("        # forward\n", "        optimizer.zero_grad()\n        # forward\n")),
    "zero_grad after the step": (Z, (STEP, f"{STEP}        optimizer.zero_grad()\n")),
    "zero_grad with an argument": (Z, (STEP, f"        optimizer.zero_grad(set_to_none=True)\n{STEP}")),
    "zero_grad on the same line": (
        Z,
        ("        loss.backward()\n", "        optimizer.zero_grad(); loss.backward()\n"),
    ),
    "a decorator": (G, (HEAD, f"@torch.no_grad()\n{HEAD}")),
    "a context around the loop": (G, (BODY, f"    with torch.no_grad():\n{indented(BODY)}")),
    "a context by two blanks": (G, (BODY, f"    with torch.no_grad():\n{indented(BODY, '  ')}")),
    "a context in the loop": (
        G,
        (BODY.partition("\n")[2], f"        with torch.no_grad():\n{indented(BODY.partition(chr(10))[2])}"),
    ),
    "a softmax away": (S, ("F.softmax(self.fc(x), dim=1)", "self.fc(x)")),
    "safe loading": (L, ("weights_only=False", "weights_only=True")),
    "safe loading on lines of its own": (
        L,
        (
            'path, map_location="cpu", weights_only=False',
            '\n        path,\n        map_location="cpu",\n        weights_only=True,\n    ',
        ),
    ),
}


@pytest.mark.parametrize(("code", "change"), PROVEN.values(), ids=PROVEN)
def test_a_good_repair_is_proven(code, change):
    verdict = judged(code, change)
    assert (verdict.tier, verdict.refusal, verdict.also) == (Tier.PROVEN, None, ())


@pytest.mark.parametrize(("code", "change"), PROVEN.values(), ids=PROVEN)
@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_a_good_repair_is_proven_whatever_the_line_ends(code, change, ending):
    before = DOCUMENTS[code].replace("\n", ending)
    analysis = analysis_of(before)
    text = DOCUMENTS[code].replace(*change).replace("\n", ending)
    verdict = judge_text(analysis, brief_of(analysis, code), text, (ALLOWANCES[code],))
    assert verdict.tier is Tier.PROVEN
    assert apply_edits(before, verdict.edits) == text


@pytest.mark.parametrize(("code", "change"), PROVEN.values(), ids=PROVEN)
def test_a_good_repair_is_proven_with_tabs(code, change):
    before, text = DOCUMENTS[code], DOCUMENTS[code].replace(*change)
    tabbed = [value.replace("    ", "\t").replace("\t  ", "\t\t") for value in (before, text)]
    analysis = analysis_of(tabbed[0])
    verdict = judge_text(analysis, brief_of(analysis, code), tabbed[1], (ALLOWANCES[code],))
    assert verdict.tier is Tier.PROVEN


NO_GRAD_ALIAS = GRAD.replace("import torch\n", "import torch as th\n")


@pytest.mark.parametrize(
    ("code", "before", "changes"),
    [
        (G, NO_GRAD_ALIAS, [(HEAD, f"@th.no_grad()\n{HEAD}")]),
        (G, GRAD.replace("import torch\n", ""), [("from torch", "import torch\nfrom torch"), (HEAD, f"@torch.no_grad()\n{HEAD}")]),
        (G, GRAD.replace("import torch\n", ""), [("from torch", "from torch import no_grad\nfrom torch"), (HEAD, f"@no_grad()\n{HEAD}")]),
        (W, LOADER.replace("from torch.utils.data import DataLoader", "from torch.utils import data").replace("DataLoader(", "data.DataLoader("), [(CALL, "shuffle=True, num_workers=4)  # keep")]),
        (S, SOFTMAX.replace("import torch.nn.functional as F", "import torch\nimport torch.nn.functional as F").replace("F.softmax(self.fc(x), dim=1)", "torch.nn.functional.softmax(self.fc(x) / 2, dim=1)"), [("torch.nn.functional.softmax(self.fc(x) / 2, dim=1)", "self.fc(x) / 2")]),
    ],
    ids=["module alias", "import added", "name imported", "module of the callee", "full name and a quotient"],
)  # fmt: skip
def test_names_count_by_what_they_stand_for(code, before, changes):
    verdict = judged(code, *changes, before=before)
    assert (verdict.tier, verdict.refusal, verdict.also) == (Tier.PROVEN, None, ())


GOOD = "shuffle=True, num_workers=4)  # keep"
LINE = "    loader = DataLoader(images, batch_size=64, shuffle=True)  # keep\n"
GOOD_LINE = "    loader = DataLoader(images, batch_size=64, shuffle=True, num_workers=4)  # keep\n"

REFUSED = {
    # text
    "a syntax error": (Rung.PARSE, W, [(CALL, "shuffle=True, num_workers=)  # keep")]),
    "a placeholder for code": (Rung.PARSE, W, [(LINE, "    ... rest of the code\n")]),
    "smart quotes": (Rung.PARSE, W, [('"images"', "“images”"), (CALL, GOOD)]),
    "a fence": (Rung.PARSE, W, [(LINE, f"```python\n{GOOD_LINE}```\n")]),
    "a wrong indentation": (Rung.PARSE, W, [(LINE, f"  {GOOD_LINE}")]),
    "a lost indentation": (Rung.PARSE, W, [(LINE, GOOD_LINE.lstrip())]),
    "nothing": (Rung.APPLY, W, []),
    # shape
    "the flagged call is gone": (Rung.SHAPE, W, [(LINE, "    loader = images  # keep\n")]),
    "the finding suppressed": (Rung.SHAPE, W, [(LINE, f"{LINE.rstrip()}  # ml-architect: ignore[all]\n")]),
    "the finding suppressed anew": (Rung.SHAPE, W, [("    # shuffled", "    # ml-architect: ignore[dataloader-no-workers]\n    # shuffled")]),
    "noqa beside a good repair": (Rung.SHAPE, W, [(CALL, GOOD), ("loader:\n", "loader:  # noqa\n")]),
    "type ignore beside a good repair": (Rung.SHAPE, W, [(CALL, GOOD), ("loader:\n", "loader:  # type: ignore\n")]),
    "a comment only": (Rung.SHAPE, W, [("    for inputs", "    # uses workers\n    for inputs")]),
    "layout only": (Rung.SHAPE, W, [("batch_size=64, ", "batch_size = 64,")]),
    "a neighbour dropped": (Rung.SHAPE, W, [(CALL, GOOD), ("        optimizer.step()\n", "")]),
    "a return dropped": (Rung.SHAPE, W, [(CALL, GOOD), ("    return model, criterion\n", "")]),
    "a signature changed": (Rung.SHAPE, W, [(CALL, GOOD), ("workers=2", "workers=2, seed=0")]),
    "a default changed": (Rung.SHAPE, W, [(CALL, GOOD), ("workers=2", "workers=4")]),
    "a comment deleted": (Rung.SHAPE, W, [(CALL, "shuffle=True, num_workers=4)")]),
    "a line of comment deleted": (Rung.SHAPE, W, [(CALL, GOOD), ("    # shuffled, as the classes are sorted\n", "")]),
    "a comment reworded": (Rung.SHAPE, W, [(CALL, GOOD), ("are sorted", "are ordered")]),
    "sixty lines": (Rung.SHAPE, W, [(CALL, GOOD), ("    return", "".join(f"    x{n} = {n}\n" for n in range(60)) + "    return")]),
    "the flagged statement dropped": (Rung.SHAPE, L, [('    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=False))\n', "")]),
    # capability
    "a shell": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", '    os.system("true")\n    return')]),
    "a shell in the keyword": (Rung.CAPABILITY, W, [(CALL, 'shuffle=True, num_workers=os.system("true"))  # keep')]),
    "exec": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", '    exec("1")\n    return')]),
    "eval in the keyword": (Rung.CAPABILITY, W, [(CALL, 'shuffle=True, num_workers=eval("4"))  # keep')]),
    "__import__": (Rung.CAPABILITY, W, [(CALL, 'shuffle=True, num_workers=__import__("os").getpid())  # keep')]),
    "a getattr chain": (Rung.CAPABILITY, W, [(CALL, 'shuffle=True, num_workers=getattr(os, "sys" + "tem")("4"))  # keep')]),
    "a dunder walk": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=().__class__.__base__.__subclasses__()[0]())  # keep")]),
    "a lambda": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=4, worker_init_fn=lambda n: n)  # keep")]),
    "a walrus": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=(model := 4))  # keep")]),
    "an f-string": (Rung.CAPABILITY, W, [(CALL, GOOD), ('"images"', 'f"{os.getcwd()}"')]),
    "an environment variable": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", '    os.environ["A"] = "b"\n    return')]),
    "a patched library": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    torch.load = model\n    return")]),
    "a patched object": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    model.forward = criterion\n    return")]),
    "a builtin rebound": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    len = model\n    return")]),
    "a name rebound": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    model = criterion\n    return")]),
    "a name of a module rebound": (Rung.CAPABILITY, W, [("import os\n", "import os as torch\n"), (CALL, GOOD)]),
    "a hub": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", '    torch.hub.load("a/b", "c")\n    return')]),
    "an unsafe load": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", '    torch.load("x")\n    return')]),
    "a download": (Rung.CAPABILITY, W, [(CALL, GOOD), ('"images", transforms', '"images", download=True, transform=transforms')]),
    "a file written": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", '    open("x", "w").write("y")\n    return')]),
    "an import": (Rung.CAPABILITY, W, [("import os\n", "import os\nimport subprocess\n"), (CALL, GOOD)]),
    "a package that does not exist": (Rung.CAPABILITY, W, [("import os\n", "import os\nimport torchfast\n"), (CALL, GOOD)]),
    "a star import": (Rung.CAPABILITY, W, [("import os\n", "import os\nfrom os import *\n"), (CALL, GOOD)]),
    "a relative import": (Rung.CAPABILITY, W, [("import os\n", "import os\nfrom . import helpers\n"), (CALL, GOOD)]),
    "a local import": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    from shutil import rmtree\n    return")]),
    "a module shadowed": (Rung.CAPABILITY, W, [("import torch\n", "import evil as torch\n"), (CALL, GOOD)]),
    "a callee shadowed": (Rung.SHAPE, W, [("import DataLoader", "import TensorDataset as DataLoader"), (CALL, GOOD)]),
    "a callable as a value": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=4, collate_fn=eval)  # keep")]),
    "a function of the library as a value": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=4, worker_init_fn=os.kill)  # keep")]),
    "an own function as a callback": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=4, worker_init_fn=train)  # keep")]),
    "a builtin for a free value": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=4, prefetch_factor=exec)  # keep")]),
    "an address": (Rung.CAPABILITY, W, [(CALL, GOOD), ('"images"', '"https://example.org/x"')]),
    "a docstring changed": (Rung.CAPABILITY, W, [(CALL, GOOD), ('"""Train."""', '"""Train fast."""')]),
    "a helper": (Rung.CAPABILITY, W, [(CALL, GOOD), ("def train", "def help():\n    return 1\n\ndef train")]),
    "a class": (Rung.CAPABILITY, W, [(CALL, GOOD), ("def train", "class Help:\n    x = 1\n\ndef train")]),
    "a try": (Rung.CAPABILITY, W, [(LINE, f"    try:\n    {GOOD_LINE}    except OSError:\n        return\n")]),
    "a with": (Rung.CAPABILITY, W, [(LINE, f"    with images:\n    {GOOD_LINE}")]),
    "a while": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    while model:\n        model.x\n    return")]),
    "a global": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    images =", "    global WORKERS\n    images =")]),
    "a del": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    del images\n    return")]),
    "a decorator of its own": (Rung.CAPABILITY, W, [(CALL, GOOD), ("def train", "@torch.jit.script\ndef train")]),
    "a star argument": (Rung.CAPABILITY, W, [(CALL, "shuffle=True, num_workers=4, **model)  # keep")]),
    "a yield": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    yield\n    return")]),
    "an item stored": (Rung.CAPABILITY, W, [(CALL, GOOD), ("    return", "    model[0] = criterion\n    return")]),
    "a second backward": (Rung.CAPABILITY, Z, [(STEP, f"        optimizer.zero_grad()\n{STEP}"), ("    return", "    model.backward()\n    return")]),
    "a call inside an allowed call": (Rung.CAPABILITY, Z, [(STEP, f"        optimizer.zero_grad(set_to_none=exec('1'))\n{STEP}")]),
    "a call as the receiver": (Rung.CAPABILITY, Z, [(STEP, f"        optimizer.zero_grad()\n        torch.hub.load('a', 'b').zero_grad()\n{STEP}")]),
    "another context": (Rung.CAPABILITY, G, [(BODY, f"    with torch.autograd.profiler.profile():\n{indented(BODY)}")]),
    "remote code": (Rung.CAPABILITY, L, [("weights_only=False", "weights_only=True, trust_remote_code=True")]),
    # names, signatures, values
    "an undefined name": (Rung.NAMES, W, [(CALL, "shuffle=True, num_workers=cores)  # keep")]),
    "a name of a comprehension": (Rung.NAMES, Z, [(STEP, f"        optimizer.zero_grad()\n{STEP}"), ("    return model", "    return [x for x in model], x")]),
    "a name before its definition": (Rung.NAMES, Z, [(STEP, f"        optimizer.zero_grad()\n{STEP}"), ("    optimizer =", "    optimizer.zero_grad()\n    optimizer =")]),
    "a missing import": (Rung.NAMES, G, [("import torch\n", ""), (HEAD, f"@torch.no_grad()\n{HEAD}")]),
    "a keyword that does not exist": (Rung.SIGNATURES, W, [(CALL, "shuffle=True, num_workers=4, workers=4)  # keep")]),
    "a keyword twice": (Rung.SIGNATURES, W, [(CALL, "shuffle=True, num_workers=4, num_workers=4)  # keep")]),
    "a parameter twice": (Rung.SIGNATURES, W, [(CALL, "shuffle=True, num_workers=4, dataset=images)  # keep")]),
    "an absurd value": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=4096)  # keep")]),
    "a negative value": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=-1)  # keep")]),
    "a fraction": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=2.5)  # keep")]),
    "a truth value for a number": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=True)  # keep")]),
    "None": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=None)  # keep")]),
    "another choice": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=4, persistent_workers=False)  # keep")]),
    "an own function for a free value": (Rung.VALUES, W, [(CALL, "shuffle=True, num_workers=4, prefetch_factor=train)  # keep")]),
    # analysis
    "an unrelated change": (Rung.REANALYSIS, W, [("batch_size=64", "batch_size=32")]),
    "the wrong place": (Rung.REANALYSIS, Z, [("    for inputs", "    optimizer.zero_grad()\n    for inputs")]),
    "a new finding": (Rung.REANALYSIS, Z, [("        optimizer.step()\n", "        optimizer.zero_grad()\n        optimizer.step()\n")]),
    "not everything repaired": (Rung.REANALYSIS, G, [("        outputs = model(inputs)\n", "        with torch.no_grad():\n            pass\n        outputs = model(inputs)\n")]),
}  # fmt: skip


@pytest.mark.parametrize(("rung", "code", "changes"), REFUSED.values(), ids=REFUSED)
def test_a_bad_repair_is_refused(rung, code, changes):
    verdict = judged(code, *changes)
    assert verdict.refusal is not None, verdict
    assert (verdict.refusal.rung, verdict.tier) == (rung, Tier.EXPLAINED), verdict.refusal.message
    assert verdict.refusal.final == (rung is Rung.CAPABILITY)
    assert "\n" not in verdict.refusal.message


STRUCTURAL = {
    "a needless pass": (Z, [(STEP, f"        optimizer.zero_grad()\n        pass\n{STEP}")]),
    "a comment moved": (Z, [("        # forward\n        loss", "        optimizer.zero_grad()\n        loss"), (STEP, f"        # forward\n{STEP}")]),
    "a comment moved to the end of a line": (Z, [("        # forward\n        loss", "        optimizer.zero_grad()\n        loss"), ("targets)\n", "targets)  # forward\n")]),
    "an owned value changed without need": (L, [("weights_only=False", "weights_only=True"), ('map_location="cpu"', "map_location=path")]),
    "an owned keyword taken away without need": (L, [("weights_only=False", "weights_only=True"), (', map_location="cpu"', "")]),
    "the wrong object": (Z, [(STEP, f"        criterion.zero_grad()\n{STEP}")]),
    "shuffle flipped": (W, [(CALL, "shuffle=False, num_workers=4)  # keep")]),
    "batch size changed": (W, [(CALL, GOOD), ("batch_size=64", "batch_size=32")]),
    "another argument": (W, [("DataLoader(images, batch_size=64, shuffle=True)", "DataLoader(model, batch_size=64, shuffle=True, num_workers=4)")]),
    "order of what is returned": (W, [(CALL, GOOD), ("return model, criterion", "return criterion, model")]),
    "statements reordered": (Z, [(STEP, f"        optimizer.zero_grad()\n{STEP}"), ("    for inputs, targets in loader:\n        # forward\n", "    for inputs, targets in loader:\n        # forward\n"), ("        loss = criterion(model(inputs), targets)\n", "        loss = criterion(targets, model(inputs))\n")]),
    "a comment added": (W, [(CALL, GOOD), ("    for inputs", "    # workers read ahead\n    for inputs")]),
    "another learning rate": (Z, [(STEP, f"        optimizer.zero_grad()\n{STEP}"), ("3e-4", "3e-3")]),
    "a new variable": (W, [(LINE, f"    count = 4\n{GOOD_LINE.replace('=4)', '=count)')}")]),
    "one part too many": (Z, [(STEP, f"        optimizer.zero_grad()\n{STEP}        optimizer.zero_grad()\n")]),
    "a part that does nothing": (G, [(HEAD, f"@torch.no_grad()\n{HEAD}"), (BODY, f"    with torch.no_grad():\n{indented(BODY)}")]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "changes"), STRUCTURAL.values(), ids=STRUCTURAL)
def test_a_repair_that_changes_more_is_only_shown(code, changes):
    verdict = judged(code, *changes)
    assert (verdict.tier, verdict.refusal) == (Tier.STRUCTURAL, None)
    assert verdict.also


TWO_BLOCKS = """\
import torch
from torch import nn

def first(model, x, y):
    with torch.no_grad():
        a = model(x)
        b = model(y)
    return a, b

"""


def test_a_block_of_the_user_may_not_take_in_or_lose_statements():
    before = TWO_BLOCKS + GRAD.partition("\n\n")[2]
    good = (HEAD, f"@torch.no_grad()\n{HEAD}")
    assert judged(G, good, before=before).tier is Tier.PROVEN
    verdict = judged(G, good, ("        b = model(y)\n", "    b = model(y)\n"), before=before)
    assert (verdict.tier, verdict.also) == (
        Tier.STRUCTURAL,
        ("the block of `with torch . no_grad ( ) :` holds other statements",),
    )
    verdict = judged(G, good, ("    return a, b\n", "        return a, b\n"), before=before)
    assert verdict.tier is Tier.STRUCTURAL


def test_an_allowed_statement_may_not_change_its_level_without_need():
    before = (
        ZERO
        + """
def other(model, loader, optimizer):
    for index, batch in enumerate(loader):
        model(batch).sum().backward()
        optimizer.step()
        if index:
            print(index)
            optimizer.zero_grad()
"""
    )
    good = (STEP, f"        optimizer.zero_grad()\n{STEP}")
    assert judged(Z, good, before=before).tier is Tier.PROVEN
    moved = ("            optimizer.zero_grad()", "        optimizer.zero_grad()")
    assert judged(Z, good, moved, before=before).tier is Tier.STRUCTURAL


def test_each_expression_of_a_statement_has_to_need_its_change():
    before = SOFTMAX.replace(
        "    return F.cross_entropy(output, labels)",
        "    return F.cross_entropy(output, labels) + F.softmax(batch, dim=1).max()",
    )
    good = ("F.softmax(self.fc(x), dim=1)", "self.fc(x)")
    assert judged(S, good, before=before).tier is Tier.PROVEN
    assert judged(S, good, ("F.softmax(batch, dim=1)", "batch"), before=before).tier is Tier.STRUCTURAL
    together = before.replace("F.softmax(self.fc(x), dim=1)", "self.fc(x)").replace(
        "cross_entropy(output", "cross_entropy(F.softmax(output, dim=1)"
    )
    one = ("F.softmax(output, dim=1)", "output")
    assert judged(S, one, before=together).tier is Tier.PROVEN
    assert judged(S, one, ("F.softmax(batch, dim=1)", "batch"), before=together).tier is Tier.STRUCTURAL


def test_an_import_may_not_come_before_the_future():
    before = '"""Doc."""\nfrom __future__ import annotations\n' + GRAD.replace("import torch\n", "")
    good = (HEAD, f"@torch.no_grad()\n{HEAD}")
    right = ("annotations\n", "annotations\nimport torch\n")
    wrong = ("from __future__", "import torch\nfrom __future__")
    assert judged(G, right, good, before=before).tier is Tier.PROVEN
    refusal = judged(G, wrong, good, before=before).refusal
    assert refusal is not None
    assert (refusal.rung, refusal.message) == (
        Rung.PARSE,
        "line 3 of the result is no Python: `from __future__` has to come first",
    )


def test_a_statement_has_to_stand_where_python_takes_it():
    for old, new in (
        ("    return model", "return model"),
        ("        optimizer.step()\n", "        optimizer.step()\n    break\n"),
    ):
        refusal = judged(Z, (old, new)).refusal
        assert refusal is not None
        assert refusal.rung is Rung.PARSE


def test_a_decorator_has_to_get_a_function():
    before = """\
import torch
from torch import nn

class Trainer:
    def __init__(self, model: nn.Module, loader):
        self.model = model
        self.loader = loader

    @property
    def outputs(self):
        self.model.eval()
        outputs = []
        for batch in self.loader:
            outputs.append(self.model(batch))
        return outputs
"""
    inner = ("    def outputs", "    @torch.no_grad()\n    def outputs")
    outer = ("    @property", "    @torch.no_grad()\n    @property")
    assert judged(G, inner, before=before).tier is Tier.PROVEN
    verdict = judged(G, outer, before=before)
    assert verdict.tier is Tier.STRUCTURAL
    assert verdict.also == ("a decorator of `outputs` gets what `property` makes of the function",)


def test_a_line_outside_the_regions_is_refused():
    analysis = analysis_of(LOADER)
    start = LOADER.index(LINE)
    brief = brief_of(analysis, W, (0, LOADER.index("WORKERS")), (start, start + len(LINE)))
    good = LOADER.replace(LINE, GOOD_LINE)
    assert judge_text(analysis, brief, good, (ALLOWANCES[W],)).tier is Tier.PROVEN
    for old, new in (
        ("WORKERS = 4", "WORKERS = 8"),
        ("return model", "return  model"),
        ("optimizer.step()", "optimizer.step( )"),
    ):
        verdict = judge_text(analysis, brief, good.replace(old, new), (ALLOWANCES[W],))
        assert verdict.refusal is not None
        assert verdict.refusal.rung is Rung.REGION


def test_a_finding_that_is_gone_is_refused_for_good():
    analysis = analysis_of(LOADER)
    repaired = analysis.with_text(LOADER.replace(LINE, GOOD_LINE))
    verdict = judge_text(repaired, brief_of(analysis, W), LOADER, (ALLOWANCES[W],))
    assert verdict.refusal is not None
    assert (verdict.refusal.rung, verdict.refusal.final) == (Rung.FRESHNESS, True)


def test_repairs_that_move_code_are_never_applied_at_once():
    analysis = analysis_of(ZERO)
    text = ZERO.replace(STEP, f"        optimizer.zero_grad()\n{STEP}")
    free = Allowance(statements=ALLOWANCES[Z].statements, structural=True)
    verdict = judge_text(analysis, brief_of(analysis, Z), text, (free,))
    assert verdict.tier is Tier.STRUCTURAL
    assert verdict.also == ("repairs of this kind move code, so they can only be previewed",)


def test_a_file_with_a_broken_line_elsewhere_can_be_repaired():
    before = ZERO + "\ndef broken(:\n    pass\n"
    good = judged(Z, (STEP, f"        optimizer.zero_grad()\n{STEP}"), before=before)
    assert good.tier is Tier.PROVEN
    bad = judged(Z, (STEP, f"        optimizer.zero_grad()\n{STEP}"), ("broken(:", "broken(: "), before=before)
    assert bad.refusal is not None
