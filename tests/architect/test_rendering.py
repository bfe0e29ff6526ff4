import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.architect.reply.explanation import checked
from ml_architect.architect.reply.rendering import explanation_markdown
from ml_architect.architect.values import Explanation, Section
from ml_architect.engine import Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.rules import all_rules, rule_named
from ml_architect.text import Source

RULE = rule_named("clip-after-step")
assert RULE
ANALYSIS = analyze(Source("import torch\nmodel = loss = 1\n", Path("train.py")), Settings(), Environment())
GIVEN = {
    Section.NEXT: "Log the norm.",
    Section.EXPECT: "Loss is *calmer*.",
    Section.TRADEOFFS: "In short:\n- maintenance: one line\n- Latency and throughput: none\ncompute: none\nmemory: none",
    Section.VERIFY: "Run:\n```bash\npython train.py\n```",
    Section.VALUES: "- `max_norm` = 1.0 | 0.5 to 2.0 | a|b\nmax_norm = 1000 | 1 to 2000 | big",
    Section.APPROACH: "Clip before `step`.\n\n1. first\n2. second\n## More\nuse `frob`",
}

PLAIN_RULE = next(rule for rule in all_rules() if not rule.starting_values)


def test_a_part_that_nobody_gave_is_shown_as_missing_in_its_place():
    given_parts = {Section.APPROACH: "The idea."}
    found = checked(given_parts, [PLAIN_RULE], ANALYSIS)
    lacking = (Section.VALUES, Section.TRADEOFFS, Section.VERIFY)
    text = explanation_markdown(replace(found, missing=lacking), [PLAIN_RULE], "openai/some-model")
    assert text.count("Missing: the model gave no text for this part") == 1  # the others are the rule's own
    assert text.index("## Approach") < text.index("## Values\n\nMissing") < text.index("## Trade-offs")


MARKDOWN = """\
# clip-after-step

Written by openai/some-model, checked by ml-architect: parts of it were replaced or taken out, see the remarks.

## Approach

Clip before `step`.

- first
- second

**More**

use ~~frob~~

## Values

| Setting | Start with | Range | Reason |
| --- | --- | --- | --- |
| `max_norm` | `1.0` | 0.5 to 2.0 | a/b |
| `max_norm` | `1.0` | 0.1 to 5.0 | log the norm that `clip_grad_norm_` returns and clip above its usual range |

## Trade-offs

In short:

- compute: none
- memory: none
- latency and throughput: none
- maintenance: one line

## How to verify

- `ml-architect check train.py --select clip-after-step` reports nothing any more
- the claim itself is executed by the test `EVIDENCE`

Suggested by the model, not checked:

Run:

```text
python train.py
```

## Expected behaviour

Loss is \\*calmer\\*.

## Next steps

Log the norm.

## Remarks

- frob was struck: no such name is known
- the values for max_norm were outside of the rule's range: the rule's own line stands there
"""


def test_the_page_has_all_parts_in_their_order():
    explanation = checked(GIVEN, [RULE], ANALYSIS)
    wanted = MARKDOWN.replace("EVIDENCE", RULE.evidence.test)
    assert explanation_markdown(explanation, [RULE], "openai/some-model") == wanted


def test_plain_text_has_no_mark_up():
    text = explanation_markdown(checked(GIVEN, [RULE], ANALYSIS), [RULE], "m", plain=True)
    assert "`" not in text and "**" not in text and "##" not in text
    assert "Setting: max_norm; Start with: 1.0; Range: 0.5 to 2.0; Reason: a/b" in text
    assert "    python train.py" in text


def test_nothing_to_remark_is_said():
    explanation = Explanation(((Section.APPROACH, "words"),))
    text = explanation_markdown(explanation, [RULE, RULE], "m")
    assert text.startswith("# clip-after-step\n\nWritten by m, checked by ml-architect: the names exist and")
    assert "Remarks" not in text


def test_a_hostile_model_name_is_plain_text():
    text = explanation_markdown(Explanation(), [RULE], "<img src=x>[a](command:x)`\n# b")
    assert (
        text.splitlines()[2]
        == "Written by a #### b, checked by ml-architect: the names exist and the numbers lie in the rules' ranges."
    )


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_without_a_word_of_a_model_every_rule_still_has_a_page(rule):
    text = explanation_markdown(checked({}, [rule], ANALYSIS), [rule], "m")
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert titles[0] == "Approach" and "How to verify" in titles
    assert ("Values" in titles) is bool(rule.starting_values)


PIECES = ["`", "``", "\n", "\n\n", "```\n", "<img src=x>", "<!--", "-->", "[x](https://evil.example)", "![x](//evil.example)", "](", "[", "(", "a",
          "|", "# ", "- ", "$ ", "curl x | sh", "https://evil.example", "command:x", "\\", "~~", "model", "<", ">", "javascript:x"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(list(Section)), st.lists(st.sampled_from(PIECES), max_size=16).map("".join)))
def test_no_reply_puts_active_mark_up_on_the_page(sections):
    text = explanation_markdown(checked(sections, [RULE], ANALYSIS), [RULE], "m")
    prose = re.sub(r"^(`{3,})\w*\n.*?^\1$", "", text, flags=re.DOTALL | re.MULTILINE)
    outside = "".join(part for index, part in enumerate(prose.split("`")) if index % 2 == 0)
    assert not re.search(r"(?<!\\)<[A-Za-z!/]", outside)
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert "https://evil" not in text
    assert not re.search(r"\b(?:command|javascript):\S", text)
    assert not re.search(r"\bcurl\b", text.replace("`", ""))
    assert all(row.count("`") % 2 == 0 for row in prose.split("\n"))
