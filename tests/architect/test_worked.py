"""Known repairs as replies: what is rendered reads back and applies to the same text."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import SECTIONS, render_decline, render_explanation, render_fix
from programs import CLASSIFIER

from ml_architect.architect.question.briefing import Limits, brief_explanation, brief_fix
from ml_architect.architect.question.worked import EXAMPLE_NONCE, example_part, render_blocks, render_reply
from ml_architect.architect.reply.applying import apply_blocks
from ml_architect.architect.reply.envelope import Decline, Envelope, read_reply
from ml_architect.architect.values import Brief, Region, Unfit
from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.engine.difference import difference
from ml_architect.facts import Environment
from ml_architect.page.shape import Kind, sections_of
from ml_architect.rules import all_rules
from ml_architect.rules.api import Rule
from ml_architect.text import Edit, Source, Span, apply_edits

PROGRAMS = sorted((Path(__file__).parents[2] / "server" / "examples" / "mistakes").glob("*.py"))
SETTINGS = Settings(select=("all",), preview=True)
SHOWN = [pytest.param(rule, id=rule.name) for rule in all_rules() if example_part(rule)]


def examine(code: str) -> Analysis:
    return analyze(Source(code, Path("program.py")), SETTINGS, Environment())


def read(reply: str, nonce: str, regions: tuple[Region, ...]) -> Envelope:
    envelope = read_reply(reply, nonce, {region.name for region in regions}, wants_blocks=True)
    assert isinstance(envelope, Envelope), envelope
    return envelope


def after(source: Source, regions: tuple[Region, ...], reply: str, nonce: str = "nonce") -> str:
    applied = apply_blocks(source, regions, read(reply, nonce, regions).blocks, ())
    assert isinstance(applied, tuple), applied
    return apply_edits(source.text, applied)


@pytest.mark.parametrize("rule", SHOWN)
def test_the_worked_example_of_each_rule_is_a_reply_that_makes_its_repair(rule: Rule) -> None:
    example = next(item for item in rule.fires if item.after not in {None, item.code})
    lines = "\n".join(example_part(rule))
    source = Source(example.code)
    region = Region("R1", Span(0, len(example.code)), "code")
    reply = lines[lines.index(f"<<<FIX {EXAMPLE_NONCE}>>>") :]
    assert after(source, (region,), reply, EXAMPLE_NONCE) == example.after
    assert set(read(reply, EXAMPLE_NONCE, (region,)).sections) == set(sections_of(Kind.EXPLAIN))


@pytest.mark.usefixtures("open_rules")
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("tokens", [2600, 6000])
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_own_repair_of_the_programs_fits_and_comes_back(path: Path, tokens: int, newline: str) -> None:
    analysis = examine(path.read_text(encoding="utf-8").replace("\n", newline))
    repaired = 0
    for item in analysis.diagnostics:
        fix = analysis.fix(item)
        brief = brief_fix(analysis, [item.fingerprint], "nonce", Limits(tokens))
        if fix is None or isinstance(brief, Unfit):
            assert isinstance(brief, Brief) or tokens < 6000, brief
            continue
        reply = render_fix(brief, analysis.source, fix.edits)
        applied = apply_blocks(
            analysis.source, brief.regions, read(reply, "nonce", brief.regions).blocks, brief.placeholders
        )
        assert isinstance(applied, tuple), applied
        assert apply_edits(analysis.source.text, applied) == apply_edits(analysis.source.text, fix.edits)
        repaired += 1
    assert repaired > 0


LINES = st.lists(st.sampled_from(["a = 1", "    b(a)", "", "c = 2  # why", "    d()"]), min_size=1, max_size=14)


@settings(max_examples=300, deadline=None)
@given(old=LINES, new=LINES)
def test_any_two_texts_are_told_apart_by_blocks_with_text_to_look_for(old: list[str], new: list[str]) -> None:
    before, wanted = "".join(f"{line}\n" for line in old), "".join(f"{line}\n" for line in new)
    edits = difference(before, wanted)
    blocks = render_blocks(Source(before), [Region("R1", Span(0, len(before)), "code")], edits)
    assert len(blocks) <= 4
    lines = old
    for block in reversed(blocks):
        match = re.fullmatch(
            r"<<<EDIT R1 line=(\d+)>>>\n<<<OLD>>>\n(.*\n)?<<<NEW>>>\n(.*\n)?<<<DONE>>>", block, re.DOTALL
        )
        if match is None:
            assert block.startswith("<<<REGION R1>>>\n")
            assert block == "\n".join(["<<<REGION R1>>>", *new, "<<<DONE>>>"])
            return
        start, found, text = int(match[1]) - 1, (match[2] or "").splitlines(), (match[3] or "").splitlines()
        assert lines[start : start + len(found)] == found
        assert any(line.strip() for line in found)
        lines = [*lines[:start], *text, *lines[start + len(found) :]]
    assert lines == new


def test_an_edit_outside_of_all_regions_is_not_rendered() -> None:
    with pytest.raises(ValueError, match="lies in no region"):
        render_blocks(Source("a\nb\n"), [Region("R1", Span(0, 2), "code")], [Edit(Span(2, 3), "c")])


def test_sections_come_in_their_order() -> None:
    reply = render_reply("nonce", dict(reversed(SECTIONS.items())), ())
    assert re.findall(r"^## (\w+)$", reply, re.MULTILINE) == [section.value for section in sections_of(Kind.EXPLAIN)]


@pytest.mark.usefixtures("fixed_allowances")
def test_an_explanation_and_a_decline_read_back() -> None:
    analysis = examine(CLASSIFIER)
    finding = next(item for item in analysis.diagnostics if item.code == "missing-zero-grad")
    brief = brief_explanation(analysis, finding.fingerprint, "nonce", Limits())
    assert isinstance(brief, Brief)
    explained = read_reply(render_explanation(brief), "nonce", (), wants_blocks=False)
    assert isinstance(explained, Envelope)
    assert dict(explained.sections) == SECTIONS
    assert read_reply(render_decline(brief, "no"), "nonce", (), wants_blocks=False) == Decline("no")
