"""A statement that a repair adds is proven only where it does its work."""

import pytest

from ml_architect.architect.values import Tier
from ml_architect.rules import all_rules, rule_named

BACKWARD = "        criterion(model(inputs), targets).backward()\n"
STEP = "        optimizer.step()\n"
CLIP = "        clip_grad_norm_(model.parameters(), 1.0)\n"
SCHEDULED = "    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)\n"
EVALUATED = "            right += (model(inputs).argmax(1) == targets).sum().item()\n"
SUMMED = "    return sum((model(x).argmax(1) == y).sum().item() for x, y in loader)\n"
ELSEWHERE = {
    "a clip before the gradients are there": ("clip-after-step", 0, BACKWARD, f"{CLIP}{BACKWARD}", CLIP),
    "a step before the gradients are there": (
        "missing-optimizer-step",
        0,
        "        loss = criterion",
        f"{STEP}        loss = criterion",
        "",
    ),
    "a step behind the loop": (
        "missing-optimizer-step",
        0,
        "loss.backward()\n",
        "loss.backward()\n    optimizer.step()\n",
        "",
    ),
    "evaluation mode behind the evaluation": (
        "missing-eval-mode",
        0,
        "    return right\n",
        "    model.eval()\n    return right\n",
        "",
    ),
    "evaluation mode that is never reached": (
        "missing-eval-mode",
        0,
        "    return right\n",
        "    return right\n    model.eval()\n",
        "",
    ),
    "evaluation mode for each batch": ("missing-eval-mode", 0, EVALUATED, f"{EVALUATED}            model.eval()\n", ""),
    "a schedule that steps once": ("scheduler-never-stepped", 0, SCHEDULED, f"{SCHEDULED}    scheduler.step()\n", ""),
    "a schedule that steps for each batch": (
        "scheduler-never-stepped",
        0,
        "            optimizer.step()\n",
        "            optimizer.step()\n            scheduler.step()\n",
        "",
    ),
    "a schedule behind the training": (
        "scheduler-never-stepped",
        0,
        "            optimizer.step()\n",
        "            optimizer.step()\n    scheduler.step()\n",
        "",
    ),
    "a seed behind the draws": (
        "partial-seeding",
        0,
        "    print(torch.rand(3), order)\n",
        "    print(torch.rand(3), order)\n    np.random.seed(0)\n",
        "",
    ),
    "a seed behind the training": (
        "reseeding-inside-training-loop",
        0,
        "            optimizer.step()\n",
        "            optimizer.step()\n    torch.manual_seed(0)\n",
        "        torch.manual_seed(0)\n",
    ),
    "an optimizer for each batch": (
        "optimizer-recreated-in-loop",
        0,
        "            optimizer.zero_grad()\n",
        "            optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)\n            optimizer.zero_grad()\n",
        "        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)\n",
    ),
    "a context that is gone": ("grad-context-not-entered", 1, '    autocast("cuda")\n', "", ""),
    "a step that is gone": ("scheduler-step-before-optimizer", 1, STEP, "", ""),
    "a clip that is gone": ("clip-after-step", 0, CLIP, "", ""),
    "training mode in the evaluation": (
        "train-mode-not-restored",
        0,
        SUMMED,
        f"        model.train()\n    {SUMMED}",
        "",
    ),
}


@pytest.mark.parametrize(("code", "number", "old", "new", "gone"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_statement_in_another_place_is_not_proven(verdict_of, code, number, old, new, gone):
    rule = rule_named(code)
    assert rule is not None
    example = rule.fires[number]
    assert old in example.code
    assert gone in example.code
    text = example.code.replace(gone, "").replace(old, new) if gone else example.code.replace(old, new)
    assert verdict_of(rule, example, text).tier is not Tier.PROVEN


def test_places_are_of_patterns_of_statements():
    rules = [rule for rule in all_rules() if rule.architect is not None and rule.architect.places]
    assert len(rules) >= 15
    for rule in rules:
        assert rule.architect.places.keys() <= set(rule.architect.statements), rule.name
