"""Repairs as people and models write them, beside the one that each example of a rule shows."""

import pytest

from ml_architect.architect.values import Rung, Tier
from ml_architect.rules import rule_named

LOOP = "    for inputs, targets in loader:\n        right += (model(inputs).argmax(1) == targets).sum().item()\n"
ANOMALY = """\
    with autograd.detect_anomaly():
        for batch in loader:
            optimizer.zero_grad()
            model(batch).mean().backward()
            optimizer.step()
"""
CLIP = "        optimizer.step()\n        clip_grad_norm_(model.parameters(), 1.0)"
ADAM = "optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)\n"
MOVED = "inputs.to(device, non_blocking=True), targets.to(device, non_blocking=True)"
CLEAR = "        optimizer.zero_grad()\n"
CAST = '    autocast("cuda")\n    return model(batch)'


def indented(code: str) -> str:
    return "".join(f"    {line}" for line in code.splitlines(keepends=True))


def without(level: str, code: str) -> str:
    return "".join(line.removeprefix(level) for line in code.splitlines(keepends=True))


PROVEN = {
    "a context around the evaluation": (
        "missing-no-grad-in-eval",
        0,
        [(LOOP, f"    with torch.no_grad():\n{indented(LOOP)}")],
    ),
    "inference mode": ("missing-no-grad-in-eval", 0, [("def evaluate", "@torch.inference_mode()\ndef evaluate")]),
    "clones of the tensors": (
        "best-weights-aliased",
        0,
        [("= model.state_dict()", "= {k: v.detach().clone() for k, v in model.state_dict().items()}")],
    ),
    "clones on the host": (
        "best-weights-aliased",
        0,
        [("= model.state_dict()", "= {k: v.cpu().clone() for k, v in model.state_dict().items()}")],
    ),
    "a batch moved line by line": (
        "batch-not-moved-to-model-device",
        0,
        [(CLEAR, f"        inputs = inputs.to(device)\n        targets = targets.to(device)\n{CLEAR}")],
    ),
    "a batch moved while others compute": (
        "batch-not-moved-to-model-device",
        0,
        [
            (
                CLEAR,
                f"        inputs, targets = {MOVED}\n{CLEAR}",
            )
        ],
    ),
    "the fused function of torch": (
        "log-of-softmax",
        0,
        [("torch.log(F.softmax(logits, dim=-1))", "torch.log_softmax(logits, dim=-1)")],
    ),
    "the fused function for a method": (
        "log-of-softmax",
        1,
        [("logits.softmax(-1).log()", "torch.log_softmax(logits, -1)")],
    ),
    "a number for the total": ("loss-accumulated-with-graph", 0, [("+= loss", "+= loss.item()")]),
    "clearing at the start": ("missing-zero-grad", 0, [("        loss = crit", f"{CLEAR}        loss = crit")]),
    "clearing at the end": ("missing-zero-grad", 0, [("optimizer.step()\n", f"optimizer.step()\n{CLEAR}")]),
    "clearing in a helper": (
        "missing-zero-grad",
        1,
        [("    loss.backward()", "    optimizer.zero_grad()\n    loss.backward()")],
    ),
    "clearing behind the step": (
        "zero-grad-discards-gradients",
        0,
        [(f"{CLEAR}        optimizer.step()\n", f"        optimizer.step()\n{CLEAR}")],
    ),
    "evaluation mode first": ("missing-eval-mode", 0, [("    right = 0\n", "    model.eval()\n    right = 0\n")]),
    "no anomaly detection": (
        "anomaly-detection-left-on",
        0,
        [("torch.autograd.set_detect_anomaly(True)\n\n", "")],
    ),
    "no anomaly detection around the loop": (
        "anomaly-detection-left-on",
        1,
        [(ANOMALY, without("    ", ANOMALY.partition("\n")[2]))],
    ),
    "a decorator instead of a call": (
        "grad-context-not-entered",
        0,
        [("    torch.no_grad()\n", ""), ("def evaluate", "@torch.no_grad()\ndef evaluate")],
    ),
    "dropout by name": ("dropout-probability-out-of-range", 0, [("nn.Dropout(20)", "nn.Dropout(p=0.2)")]),
    "dropout of what is not kept": ("dropout-probability-out-of-range", 2, [("p=KEEP", "p=1 - KEEP")]),
    "no dropout as a whole number": (
        "attention-dropout-always-on",
        0,
        [("dropout_p=self.dropout", "dropout_p=self.dropout if self.training else 0")],
    ),
    "an empty list": ("unregistered-submodules", 1, [("= []", "= nn.ModuleList([])")]),
    "a moved value": (
        "unregistered-parameter",
        0,
        [("nn.Parameter(torch.ones(width)).to(device)", "nn.Parameter(torch.ones(width).to(device))")],
    ),
    "dropout as a function, by position": (
        "layer-created-in-forward",
        1,
        [("nn.Dropout(0.3)(self.fc(x))", "nn.functional.dropout(self.fc(x), 0.3, self.training)")],
    ),
    "a single total": ("host-sync-in-hot-loop", 0, [("total += loss.item()", "total += loss.detach()")]),
}
SHOWN = {
    "a metric by name": ("plateau-step-without-metric", 0, [("scheduler.step()", "scheduler.step(metrics=loss)")]),
    "a gradient scaler": (
        "fp16-autocast-without-gradscaler",
        0,
        [
            ("lr=3e-4)\n", 'lr=3e-4)\n    scaler = torch.amp.GradScaler("cuda")\n'),
            ("loss.backward()", "scaler.scale(loss).backward()"),
            ("optimizer.step()", "scaler.step(optimizer)\n        scaler.update()"),
        ],
    ),
    "a scaler that nothing uses": (
        "fp16-autocast-without-gradscaler",
        0,
        [("lr=3e-4)\n", 'lr=3e-4)\n    scaler = torch.amp.GradScaler("cuda")\n')],
    ),
    "half of a batch": (
        "batch-not-moved-to-model-device",
        0,
        [("model(inputs)", "model(inputs.to(device))")],
    ),
    "a clip with another limit": (
        "clip-after-step",
        0,
        [(CLIP, "        clip_grad_norm_(model.parameters(), 100.0)\n        optimizer.step()")],
    ),
    "a context that is switched off": (
        "grad-context-not-entered",
        1,
        [(CAST, '    with autocast("cuda", enabled=False):\n        return model(batch)')],
    ),
    "an optimizer with another rate": (
        "optimizer-recreated-in-loop",
        0,
        [(f"        {ADAM}", ""), ("    for epoch", f"    {ADAM.replace('3e-4', '3e-3')}    for epoch")],
    ),
    "a layer in the constructor": (
        "layer-created-in-forward",
        0,
        [
            (
                "        self.conv = nn.Conv2d(1, 8, 3)\n",
                "        self.conv = nn.Conv2d(1, 8, 3)\n        self.head = nn.LazyLinear(10)\n",
            ),
            ("nn.Linear(x.size(1), 10)(x)", "self.head(x)"),
        ],
    ),
    "a name for the logits": (
        "softmax-before-cross-entropy",
        2,
        [
            (
                "probabilities = torch.softmax(self.model(x), dim=-1)",
                "logits = self.model(x)\n        probabilities = torch.softmax(logits, dim=-1)",
            ),
            ("self.loss(probabilities, y)", "self.loss(logits, y)"),
        ],
    ),
}
REFUSED = {
    "too much dropout": ("dropout-probability-out-of-range", 0, [("nn.Dropout(20)", "nn.Dropout(0.95)")], Rung.VALUES),
    "another type of number": (
        "fp16-autocast-without-gradscaler",
        0,
        [('torch.autocast("cuda")', 'torch.autocast("cuda", dtype=torch.float32)')],
        Rung.CAPABILITY,
    ),
    "a method that is replaced": (
        "layer-created-in-forward",
        1,
        [
            (
                "        self.fc = nn.Linear(8, 8)\n",
                "        self.fc = nn.Linear(8, 8)\n        self.forward = self.fc\n",
            )
        ],
        Rung.CAPABILITY,
    ),
    "loading that runs code": (
        "torch-load-allows-code-execution",
        0,
        [("weights_only=False", "weights_only=0")],
        Rung.VALUES,
    ),
}


@pytest.fixture
def judged(verdict_of):
    return lambda code, number, changes: verdict_of(*changed(code, number, changes))


def changed(code, number, changes):
    rule = rule_named(code)
    assert rule is not None
    example = rule.fires[number]
    text = example.code
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return rule, example, text


@pytest.mark.parametrize(("code", "number", "changes"), PROVEN.values(), ids=PROVEN)
def test_usual_repair_is_proven(judged, code, number, changes):
    verdict = judged(code, number, changes)
    assert (verdict.tier, verdict.refusal, verdict.also) == (Tier.PROVEN, None, ())


@pytest.mark.parametrize(("code", "number", "changes"), SHOWN.values(), ids=SHOWN)
def test_repair_that_goes_further_or_not_far_enough_is_only_shown(judged, code, number, changes):
    assert judged(code, number, changes).tier is Tier.STRUCTURAL


@pytest.mark.parametrize(("code", "number", "changes", "rung"), REFUSED.values(), ids=REFUSED)
def test_change_that_no_repair_needs_is_refused(judged, code, number, changes, rung):
    verdict = judged(code, number, changes)
    assert verdict.tier is Tier.EXPLAINED
    assert verdict.refusal is not None
    assert verdict.refusal.rung is rung
