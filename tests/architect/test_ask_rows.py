"""Twelve questions times six replies, judged in process: the outcome has to be as each row says."""

import pytest
from wider_rows import KINDS, ROWS, TOPICS, Row, letter, row

from ml_architect.architect.answers import FaultKind
from ml_architect.architect.values import Tier
from ml_architect.architect.wider.document import answer_page
from ml_architect.architect.wider.judging import judged, said_wrong
from ml_architect.architect.wider.matter import Matter, ground_of
from ml_architect.architect.wider.running import main_file
from ml_architect.page import as_html, as_markdown


def verdict_of(case: Row, reply: str | None = None):
    return judged(reply or case.reply, "NONCE", ground_of(Matter(case.topic.question)))


def page(case: Row):
    answer = verdict_of(case).answer
    blocks = answer_page(case.topic.question, answer, "scripted/model")
    return as_markdown(blocks), as_html("page", blocks)


def test_there_are_twelve_questions_and_six_kinds():
    assert len(TOPICS) == 12 and len(ROWS) == 72
    assert all(topic.question and topic.missing for topic in TOPICS)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.id)
def test_the_outcome_is_as_demanded(case):
    verdict = verdict_of(case)
    assert verdict.tier is Tier.ANSWERED, verdict.refusal
    answer = verdict.answer
    (file,) = answer.files
    kinds = {fault.kind for fault in file.faults}
    assert kinds == ({case.fault} if case.fault else set()), [str(fault) for fault in file.faults]
    assert answer.missing == case.missing
    markdown, html = page(case)
    for words in case.hidden:
        assert words not in markdown and words not in html, words
    told = said_wrong(verdict)
    if case.kind in {"good", "injected"}:
        assert told is None
    else:
        assert told and all(str(fault) in told for fault in file.faults)
        assert all(f"## {section.value}" in told for section in case.missing)
    assert (main_file(answer.files) is None) == bool(file.faults)
    if case.kind == "good":
        assert not answer.remarks


@pytest.mark.parametrize("case", [row for row in ROWS if row.fault], ids=lambda case: case.id)
def test_what_is_wrong_stands_right_above_the_code(case):
    markdown, html = page(case)
    (file,) = verdict_of(case).answer.files
    line = str(file.faults[0]).split("`")[0]
    assert markdown.index(line) < markdown.index("```python")
    assert "did not pass our checks" in markdown and "did not pass our checks" in html
    assert ("Do not run this file" in markdown) == (case.kind == "unsafe")


@pytest.mark.parametrize("case", [row for row in ROWS if row.kind == "incomplete"], ids=lambda case: case.id)
def test_what_is_missing_is_shown_as_missing_in_its_place(case):
    markdown, _ = page(case)
    assert markdown.count("Missing: the model gave no text") == len(case.missing)


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_that_is_cut_off_is_no_answer(kind):
    case = row(TOPICS[0], kind)
    verdict = verdict_of(case, case.reply.replace("<<<END NONCE>>>", ""))
    assert verdict.answer is None and "incomplete" in verdict.refusal.message


def test_a_dangerous_file_weighs_more_than_all_other_faults():
    unsafe, broken = (verdict_of(row(TOPICS[0], kind)).answer for kind in ("unsafe", "incomplete"))
    assert unsafe.demerits > broken.demerits > verdict_of(row(TOPICS[0], "good")).answer.demerits


def test_two_files_are_checked_each_for_itself():
    case = TOPICS[0]
    reply = letter({"good.py": case.program, "bad.py": "print(undefined)\n", "requirements.txt": "torch==2.6.0\n"})
    answer = judged(reply, "NONCE", ground_of(Matter(case.question))).answer
    assert [[fault.kind for fault in file.faults] for file in answer.files] == [[], [FaultKind.NAMES], []]
