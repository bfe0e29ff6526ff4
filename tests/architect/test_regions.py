"""Editable regions: whole lines, large enough for the repair, small enough for the budget."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from oracle import render_fix

from ml_architect.architect.question.briefing import Limits, brief_fix
from ml_architect.architect.question.regions import MAX_REGIONS, editable
from ml_architect.architect.reply.applying import apply_blocks
from ml_architect.architect.reply.envelope import Envelope, read_reply
from ml_architect.architect.values import Brief, Region, Unfit
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.engine.difference import difference
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules import all_rules
from ml_architect.rules.api import Fires, Rule
from ml_architect.text import Source, apply_edits

SETTINGS = Settings(select=("all",), preview=True)
ROOM = 6000
FIRES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in all_rules()
    for number, example in enumerate(rule.fires)
]

LOOP = """\
import torch


def train(model, loader, criterion):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
"""
SCRIPT = LOOP.replace("def train(model, loader, criterion):\n", "if True:\n").replace("if True:\n", "", 1)


def examine(code: str, versions: Mapping[str, str] | None = None) -> Analysis:
    known = {name: LibraryVersion("example", exact=version) for name, version in (versions or {}).items()}
    return analyze(Source(code, Path("example.py")), SETTINGS, Environment(known))


def regions_for(code: str, rule: str, room: int = ROOM) -> tuple[Region, ...] | Unfit:
    analysis = examine(code)
    return editable(analysis, [item for item in analysis.diagnostics if item.code == rule], room)


def shown(code: str, region: Region) -> str:
    return code[region.span.start : region.span.end]


def texts(code: str, rule: str, room: int = ROOM) -> list[str]:
    regions = regions_for(code, rule, room)
    assert not isinstance(regions, Unfit), regions
    return [shown(code, region) for region in regions]


def test_the_function_and_the_imports() -> None:
    regions = regions_for(LOOP, "missing-zero-grad")
    assert not isinstance(regions, Unfit)
    assert [(item.name, item.role) for item in regions] == [("R1", "code"), ("R2", "imports")]
    assert texts(LOOP, "missing-zero-grad") == [LOOP[LOOP.index("def") :], "import torch\n"]


def test_a_decorator_and_a_method_belong_to_it() -> None:
    body = LOOP[LOOP.index("def") :].replace("\n", "\n    ").rstrip(" ")
    code = f"import torch\n\n\nclass Trainer:\n    @staticmethod\n    {body}\n    def other(self):\n        return 1\n"
    region = texts(code, "missing-zero-grad")[0]
    assert region.startswith("    @staticmethod\n    def train")
    assert region.endswith("optimizer.step()\n")


def test_outside_of_functions_it_is_the_statements_between_definitions() -> None:
    code = "import torch\n\n\ndef build():\n    return 1\n\n\n" + LOOP[LOOP.index("def") :].partition("\n")[2].replace(
        "\n    ", "\n"
    ).removeprefix("    ")
    code = code.replace(
        "optimizer =", "model, loader, criterion = build(), [], None\nmodel = torch.nn.Linear(2, 2)\noptimizer ="
    )
    regions = texts(code, "missing-zero-grad")
    assert regions[0].startswith("model, loader, criterion = build()")
    assert "def build" not in regions[0]
    assert regions[0].endswith("optimizer.step()\n")


def test_a_large_function_is_narrowed_to_the_statements_that_matter() -> None:
    filler = "".join(f"    value_{n} = {n} * {n} + {n}\n" for n in range(400))
    code = LOOP.replace("    optimizer =", filler + "    optimizer =", 1) + filler
    region = texts(code, "missing-zero-grad", room=1500)[0]
    assert "loss.backward()" in region
    assert "value_7 " not in region
    assert len(region) < 1500


def test_a_region_that_cannot_be_narrowed_is_refused() -> None:
    filler = "".join(f"            # {n} is no reason\n" for n in range(80))
    code = LOOP.replace("        optimizer.step()", f"        optimizer.step(\n{filler}        )")
    assert regions_for(code, "missing-zero-grad", room=400) == Unfit(
        "the code around the finding is too long for the budget of the prompt"
    )


def test_a_statement_nearby_that_does_not_parse_is_refused() -> None:
    before = examine(LOOP)
    after = before.with_text(LOOP.replace("optimizer.step()", "optimizer.step("))
    assert after.problems
    for item in before.diagnostics:
        assert isinstance(editable(after, [item], ROOM), Unfit)


def test_a_stale_finding_is_refused() -> None:
    after = examine(LOOP).with_text(LOOP.replace("lr=0.1", "lr=0.1 0"))
    stale = [item for item in after.diagnostics if item.stale]
    assert all(isinstance(editable(after, [item], ROOM), Unfit) for item in stale)


def test_of_many_imports_the_last_are_shown() -> None:
    code = "".join(f"import package_{n}\n" for n in range(300)) + LOOP
    regions = texts(code, "missing-zero-grad", room=3000)
    assert regions[-1].endswith("import package_299\nimport torch\n")
    assert len(regions[-1]) < 900


def test_without_imports_at_the_top_there_is_a_line_beside_which_one_may_go() -> None:
    body = LOOP.partition("\n")[2].lstrip("\n").replace("    optimizer =", "    import torch\n\n    optimizer =")
    code = f'"""A module.\n\nMore.\n"""\n\nx = 1\n\n\n{body}'
    regions = regions_for(code, "missing-zero-grad")
    assert not isinstance(regions, Unfit)
    assert [shown(code, item) for item in regions if item.role == "imports"] == ['"""\n']


def test_findings_in_many_functions_are_too_many_for_one_reply() -> None:
    function = LOOP[LOOP.index("def") :]
    code = "import torch\n\n\n" + "\n\n".join(function.replace("train", f"train_{n}") for n in range(5))
    analysis = examine(code)
    found = [item for item in analysis.diagnostics if item.code == "missing-zero-grad"]
    assert len(found) == 5
    refused = editable(analysis, found, 20_000)
    assert isinstance(refused, Unfit)
    assert "3 separate places" in refused.reason
    fine = editable(analysis, found[:3], 20_000)
    assert not isinstance(fine, Unfit)
    assert len(fine) == MAX_REGIONS


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("final", [True, False])
def test_regions_are_whole_lines(newline: str, final: bool) -> None:
    code = (LOOP if final else LOOP.rstrip("\n")).replace("\n", newline)
    regions = regions_for(code, "missing-zero-grad")
    assert not isinstance(regions, Unfit)
    for region in regions:
        assert region.span.start == 0 or code[: region.span.start].endswith(newline)
        assert region.span.end == len(code) or shown(code, region).endswith(newline)


def brief_of(analysis: Analysis, rule: Rule) -> Brief:
    finding = next(item for item in analysis.diagnostics if item.code == rule.name)
    brief = brief_fix(analysis, [finding.fingerprint], "nonce", Limits())
    assert isinstance(brief, Brief), brief
    return brief


@pytest.mark.usefixtures("open_rules")
@pytest.mark.parametrize(("rule", "example"), FIRES)
def test_the_known_repair_of_every_example_fits_the_regions_and_comes_back_from_a_reply(
    rule: Rule, example: Fires
) -> None:
    analysis = examine(example.code, example.versions)
    brief = brief_of(analysis, rule)
    finding = next(item for item in analysis.diagnostics if item.code == rule.name)
    fix = analysis.fix(finding)
    for edits in (fix.edits if fix else (), difference(example.code, example.after or example.code)):
        if not edits:
            continue
        assert all(any(region.span.contains(edit.span) for region in brief.regions) for edit in edits)
        reply = read_reply(
            render_fix(brief, analysis.source, edits), brief.nonce, {r.name for r in brief.regions}, True
        )
        assert isinstance(reply, Envelope), reply
        assert 1 <= len(reply.blocks) <= 4
        applied = apply_blocks(analysis.source, brief.regions, reply.blocks, brief.placeholders)
        assert isinstance(applied, tuple), applied
        assert apply_edits(example.code, applied) == apply_edits(example.code, edits)
