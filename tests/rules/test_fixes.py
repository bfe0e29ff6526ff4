"""What every offered fix promises, driven over every finding that the bundled programs and all examples have."""

from pathlib import Path

import pytest

from ml_architect.engine import Analysis, Settings, analyze, fix_all
from ml_architect.facts import Environment
from ml_architect.rules import all_rules
from ml_architect.text import Source, apply_edits

PROGRAMS = sorted((Path(__file__).parents[2] / "server" / "examples" / "mistakes").glob("*.py"))
SETTINGS = Settings(select=("all",), preview=True)
EXAMPLES = [
    pytest.param(example.code, id=f"{rule.name}-{kind}-{number}")
    for rule in all_rules()
    for kind, examples in (("fires", rule.fires), ("quiet", rule.quiet))
    for number, example in enumerate(examples)
]
TEXTS = [*(pytest.param(path.read_text(encoding="utf-8"), id=path.stem) for path in PROGRAMS), *EXAMPLES]


def analysis_of(text: str) -> Analysis:
    return analyze(Source(text, Path("program.py")), SETTINGS, Environment())


def places(analysis: Analysis) -> list[str]:
    return sorted(item.code for item in analysis.diagnostics)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("text", TEXTS)
def test_each_fix_holds_what_it_promises(text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    before = analysis_of(text)
    for finding in before.diagnostics:
        fix = before.fix(finding)
        if fix is None:
            continue
        spans = [edit.span for edit in fix.edits]
        assert all(0 <= span.start <= span.end <= len(text) for span in spans)
        repaired = apply_edits(text, fix.edits)
        after = analysis_of(repaired)
        assert after.problems == ()
        expected = places(before)
        expected.remove(finding.code)
        assert [code for code in places(after) if code not in expected] == []
        assert places(after).count(finding.code) == places(before).count(finding.code) - 1
        assert untouched(text, repaired, fix.edits)
        assert "\r\n" not in newline or "\n" not in repaired.replace("\r\n", "")


def untouched(text: str, repaired: str, edits: tuple[object, ...]) -> bool:
    """Whether the text outside of the edits is there as before, in order."""
    position = end = 0
    for edit in sorted(edits):  # type: ignore[type-var]
        kept = text[end : edit.span.start]  # type: ignore[attr-defined]
        if repaired[position : position + len(kept)] != kept:
            return False
        position += len(kept) + len(edit.replacement)  # type: ignore[attr-defined]
        end = edit.span.end  # type: ignore[attr-defined]
    return repaired[position:] == text[end:]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_fixing_everything_reaches_a_fixed_point(path: Path) -> None:
    result = fix_all(analysis_of(path.read_text(encoding="utf-8")), unsafe=True)
    again = fix_all(analysis_of(result.source.text), unsafe=True)
    assert again.applied == ()
    assert again.source.text == result.source.text


def test_the_programs_have_findings_with_fixes() -> None:
    findings = [
        (a, item) for a in map(analysis_of, (p.read_text(encoding="utf-8") for p in PROGRAMS)) for item in a.diagnostics
    ]
    assert len(findings) >= 20
    assert sum(a.fix(item) is not None for a, item in findings) >= 10
