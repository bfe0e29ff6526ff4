"""The grammar of answers: what is read, what is refused and with which words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wider_rows import SECTIONS, TOPICS, letter

from ml_architect.architect.reply.envelope import Decline
from ml_architect.architect.values import Refusal, Section, Tier
from ml_architect.architect.wider.judging import Ground, judged, said_wrong
from ml_architect.architect.wider.letter import Letter, Questions, read_letter
from ml_architect.facts.environment import Environment

GROUND = Ground(Environment())
CODE = "print(1)\n"


def test_sections_and_files_are_read():
    read = read_letter(
        f"<think>hm</think>\nSure!\n{letter({'a.py': CODE, 'conf/b.toml': 'x = 1'})}\nHope it helps", "NONCE"
    )
    assert isinstance(read, Letter)
    assert dict(read.files) == {"a.py": CODE, "conf/b.toml": "x = 1\n"}
    assert set(read.sections) == {Section(name) for name in SECTIONS}


def test_a_fence_around_a_file_is_no_part_of_it():
    read = read_letter(letter({"a.py": f"```python\n{CODE}```"}), "NONCE")
    assert read.files["a.py"] == CODE


def test_marks_and_headings_inside_of_a_file_are_text():
    text = "## care\nx = '<<<not a mark'\n# <<<DONE>>> is none in a comment\n"
    read = read_letter(letter({"a.py": text}), "NONCE")
    assert read.files["a.py"] == text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("<<<END NONCE>>>", ""), "incomplete"),
        (lambda text: text.replace("NONCE", "OTHER"), "do not carry NONCE"),
        (lambda text: text + text, "more than one envelope"),
        (lambda _: "Just call train().", "prose without an envelope"),
        (lambda _: "", "empty"),
        (lambda text: text.replace("<<<ANSWER NONCE>>>", "<<<FIX NONCE>>>"), "wrong line"),
        (lambda text: text.replace("## care", "## shell"), "unknown section"),
        (lambda text: text.replace("## care", "## next"), "twice"),
        (lambda text: text.replace("<<<DONE>>>", ""), "has to end with the line <<<DONE>>>"),
        (lambda text: text.replace("<<<FILE a.py>>>", "<<<EDIT R1>>>"), "unknown <<<...>>> line"),
        (lambda text: text.replace("a.py", "../a.py"), "no plain name"),
        (lambda text: text.replace("a.py", "/etc/cron.py"), "no plain name"),
        (lambda text: text.replace("a.py", "run.sh"), "no plain name"),
        (lambda text: text.replace("<<<DONE>>>", "<<<DONE>>>\n<<<FILE a.py>>>\nx\n<<<DONE>>>"), "stands there twice"),
        (lambda text: text + "x" * 100_000, "more than 100000 characters"),
    ],
)
def test_what_leaves_the_grammar_is_refused_in_words_for_the_model(change, words):
    refusal = read_letter(change(letter({"a.py": CODE})), "NONCE")
    assert isinstance(refusal, Refusal) and words in refusal.message and not refusal.final


def test_questions_are_read_and_cut_to_five():
    lines = "\n".join(f"- key-{number} | Which? | Much" for number in range(9))
    read = read_letter(f"<<<QUESTIONS NONCE>>>\n{lines}\n<<<END NONCE>>>\n", "NONCE")
    assert isinstance(read, Questions) and [item.key for item in read.items] == [f"key-{number}" for number in range(5)]
    refusal = read_letter("<<<QUESTIONS NONCE>>>\nHow large is it?\n<<<END NONCE>>>\n", "NONCE")
    assert "key | the question | what it decides" in refusal.message
    assert "are missing" in read_letter("<<<QUESTIONS NONCE>>>\n<<<END NONCE>>>\n", "NONCE").message


def test_questions_are_harmless():
    text = "<<<QUESTIONS NONCE>>>\ngpus | <b>How</b> many? ![x](https://evil.example/x) | much\n<<<END NONCE>>>\n"
    (item,) = read_letter(text, "NONCE").items
    assert item.question == "How many? x"


def test_what_is_answered_is_not_asked_again():
    text = "<<<QUESTIONS NONCE>>>\ngpus | How many? | much\nmetric | Which? | all\n<<<END NONCE>>>\n"
    verdict = judged(text, "NONCE", Ground(Environment(), frozenset({"gpus"})))
    assert verdict.tier is Tier.QUESTIONS and [item.key for item in verdict.answer.questions] == ["metric"]
    assert said_wrong(verdict) is None
    for ground in (Ground(Environment(), frozenset({"gpus", "metric"})), Ground(Environment(), may_ask=False)):
        refused = judged(text, "NONCE", ground)
        assert refused.answer is None and "no further questions" in said_wrong(refused)


def test_a_decline_is_harmless_and_final():
    read = read_letter("<<<DECLINE NONCE>>>\nNo <script>x</script> idea.\n<<<END NONCE>>>\n", "NONCE")
    assert read == Decline("No  idea.") or read.reason.split() == ["No", "idea."]
    assert said_wrong(judged("<<<DECLINE NONCE>>>\nNo.\n<<<END NONCE>>>\n", "NONCE", GROUND)) is None


def test_python_in_fences_is_checked_as_well():
    reply = letter({"a.py": CODE}, {"next": "Try this:\n```python\nimport os\nos.system('x')\n```\nThen rest."})
    answer = judged(reply, "NONCE", GROUND).answer
    assert [file.name for file in answer.files] == ["a.py", "next_1.py"]
    assert answer.files[1].is_unsafe and "(see the file `next_1.py`)" in dict(answer.sections)[Section.NEXT]


def test_code_in_a_fence_instead_of_a_file_counts_as_the_code():
    reply = letter({}).replace("## code", f"## code\n```python\n{CODE}```")
    answer = judged(reply, "NONCE", GROUND).answer
    assert [(file.name, file.text) for file in answer.files] == [("answer_1.py", CODE)] and not answer.missing


def test_an_answer_without_any_program_lacks_its_code():
    assert judged(letter({"requirements.txt": "torch"}), "NONCE", GROUND).answer.missing == (Section.CODE,)


def test_a_starting_value_outside_of_our_ranges_is_told():
    answer = judged(letter({"a.py": CODE}, {"values": "lr = 50 | 10 to 100 | fast"}), "NONCE", GROUND).answer
    (remark,) = answer.remarks
    assert remark.startswith("`lr` = 50 is outside of what our rules state (")


def test_unknown_names_and_packages_are_told():
    text = "import torch\nimport torchh_utils\nprint(torch.ones(2), torchh_utils)\n"
    reply = letter({"a.py": text}, {"next": "Call `torch.nn.SuperLayer` or `torch.nn.Linear`."})
    remarks = "\n".join(judged(reply, "NONCE", GROUND).answer.remarks)
    assert "`torch.nn.SuperLayer`" in remarks and "Linear" not in remarks
    assert "`torchh_utils` is imported, which is no package that we know" in remarks


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*letter({"a.py": TOPICS[1].program}).splitlines(), "```", "<<<FILE b.py>>>", "\0"])))
def test_no_reply_makes_it_raise(lines):
    verdict = judged("\n".join(lines), "NONCE", GROUND)
    assert verdict.refusal is not None or verdict.answer is not None
