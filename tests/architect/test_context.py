"""What a model is told: facts with their place, versions with their origin, and nothing that is not known."""

from dataclasses import replace
from pathlib import Path

import pytest
from programs import CLASSIFIER, SCRIPT

from ml_architect import rules
from ml_architect.architect.question.briefing import Limits, brief_fix
from ml_architect.architect.question.words import allowance_lines, values_words
from ml_architect.architect.values import Brief
from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment, LibraryVersion
from ml_architect.rules.api import Allowance, Choice, Free, Number
from ml_architect.text import Source

SETTINGS = Settings(select=("all",), preview=True)


def asked(
    code: str, environment: Environment | None = None, rule: str = "missing-zero-grad", tokens: int = 6000
) -> str:
    analysis = analyze(Source(code, Path("train.py")), SETTINGS, environment or Environment())
    found = [item.fingerprint for item in analysis.diagnostics if item.code == rule]
    brief = brief_fix(analysis, found, "n0nce", Limits(tokens))
    assert isinstance(brief, Brief), brief
    return brief.messages[1].content


def part(text: str, title: str) -> str:
    return text.partition(f"# {title}\n")[2].partition("\n\n# ")[0]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (
            LibraryVersion("torch 2.4.1 from uv.lock", exact="2.4.1"),
            "exactly 2.4.1 (known from: torch 2.4.1 from uv.lock)",
        ),
        (
            LibraryVersion("torch >=2.2,<3 from pyproject.toml", minimum="2.2", maximum="3"),
            "at least 2.2 and below 3 (known",
        ),
        (LibraryVersion("torch <3 from x", maximum="3"), "below 3 (known from: torch <3 from x)"),
        (LibraryVersion("torch of any version from x"), "version unknown (known from"),
        (None, "version unknown"),
    ],
)
@pytest.mark.usefixtures("fixed_allowances")
def test_versions_come_with_their_origin(known: LibraryVersion | None, said: str) -> None:
    text = asked(SCRIPT, Environment({"torch": known} if known else {}))
    assert f"- torch: {said}" in part(text, "What is known of the environment")


@pytest.mark.usefixtures("fixed_allowances")
def test_nothing_is_said_of_hardware_but_that_it_is_unknown() -> None:
    environment = part(asked(SCRIPT), "What is known of the environment")
    assert environment.splitlines()[0] == (
        "- Python version, operating system, CPU cores, GPU, memory, size of the data: unknown"
    )


@pytest.mark.usefixtures("fixed_allowances")
def test_facts_are_told_with_their_lines() -> None:
    told = part(asked(CLASSIFIER), "What was found")
    lines = CLASSIFIER.splitlines()
    loop = next(n for n, line in enumerate(lines, 1) if "in train_loader" in line)
    assert f"the loop at line {loop} trains" in told
    assert f"the loop at line {loop} runs inside the loop at line {loop - 1}" in told
    assert (
        f"forward at line {loop + 1}, loss at line {loop + 1}, backward at line {loop + 2}, optimizer step at line {loop + 3}"
        in told
    )
    assert "`train` is called at line" in told
    assert "its batches train" in told


@pytest.mark.usefixtures("fixed_allowances")
def test_signatures_are_those_of_the_catalogue_with_the_version_they_were_compared_with() -> None:
    signatures = part(asked(CLASSIFIER), "Signatures")
    assert "torch.optim.AdamW(params, lr=0.001," in signatures
    assert "(signatures of torch were compared with version 2.13)" in signatures
    assert len(signatures.splitlines()) <= 14


@pytest.mark.usefixtures("fixed_allowances")
def test_a_long_signature_keeps_what_may_be_changed() -> None:
    signatures = part(asked(CLASSIFIER, rule="train-loader-not-shuffled"), "Signatures")
    loader = next(line for line in signatures.splitlines() if line.startswith("torch.utils.data.DataLoader("))
    assert loader.startswith("torch.utils.data.DataLoader(dataset, batch_size=1, shuffle=None, num_workers=0)")
    assert loader.endswith("further parameters left out")


@pytest.mark.usefixtures("fixed_allowances")
def test_what_the_code_refers_to_is_shown_nearest_first_without_long_bodies() -> None:
    layers = "".join(f"        self.layer_{n} = nn.Linear(8, 8)\n" for n in range(60))
    code = CLASSIFIER.replace("    def forward", f"{layers}\n    def forward", 1)
    reference = part(asked(code), "What it refers to (to read only)")
    assert "class Classifier(nn.Module):" in reference
    assert "more lines left out)" in reference
    assert "self.layer_59" not in reference
    assert reference.index("class Classifier") > reference.index("def push")


@pytest.mark.usefixtures("fixed_allowances")
def test_attributes_of_the_instance_are_followed() -> None:
    body = (
        SCRIPT[SCRIPT.index("for epoch") :]
        .replace("optimizer.step", "self.optimizer.step")
        .replace("model(", "self.model(")
    )
    method = "".join(f"        {line}\n" if line else "\n" for line in body.splitlines())
    code = (
        "import torch\nfrom torch import nn\n\n\nclass Trainer:\n    def __init__(self, model):\n        self.model = nn.Linear(8, 1)\n"
        "        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)\n\n    def fit(self, x, y):\n"
        + method
    )
    reference = part(asked(code), "What it refers to (to read only)")
    assert "self.optimizer = torch.optim.SGD" in reference
    assert "class Trainer:" in reference


@pytest.mark.usefixtures("fixed_allowances")
def test_line_numbers_are_those_of_the_document() -> None:
    shown = part(asked(CLASSIFIER), "The code")
    lines = CLASSIFIER.splitlines()
    numbered = [line.partition("|") for line in shown.splitlines() if line[:4].strip().isdecimal() and "|" in line]
    assert len(numbered) > 10
    assert all(lines[int(number) - 1] == text for number, _, text in numbered)


def test_an_allowance_in_words() -> None:
    allowance = Allowance(
        keywords={"torch.load:weights_only": Choice(("True",)), "lr": Number(1e-6, 1.0), "weight": Free()},
        statements=("$optimizer.zero_grad($*rest)",),
        headers=("torch.no_grad()", "@torch.no_grad()", "if $x is not None"),
        rewrites={"torch.softmax($x, $*rest)": "$x", "$a.f()\n$a.g()": "$a.g()\n$a.f()"},
        imports=("torch",),
        calls=("os.cpu_count",),
        strings=("sum",),
        may_remove_finding=True,
        structural=True,
    )
    assert allowance_lines(allowance) == [
        "- add, change or remove the argument `weights_only` of `torch.load`: `True`",
        "- add, change or remove the argument `lr`: a number from 1e-06 up to 1",
        "- add, change or remove the argument `weight`: an expression of names and constants that the file has already",
        "- add, remove or move statements of the form `$optimizer.zero_grad($*rest)`",
        "- put statements under `with torch.no_grad():`, or take them out of it",
        "- add or remove the decorator `@torch.no_grad()`",
        "- put statements under `if $x is not None:`, or take them out of it",
        "- turn `torch.softmax($x, $*rest)` into `$x`, or the reverse",
        "- turn `$a.f()`, then `$a.g()` into `$a.g()`, then `$a.f()`, or the reverse",
        "- import `torch`",
        "- newly call `os.cpu_count`",
        "- newly use the strings `'sum'`",
        "- remove the marked code itself",
        "- move statements as far as the repair needs it; the user sees a preview first",
        "- (above, $x stands for one expression, $*x for any further arguments)",
    ]
    assert allowance_lines(Allowance()) == ["- make the smallest change that removes the finding"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (Number(), "a number"),
        (Number(low=0, whole=True), "a whole number from 0"),
        (Number(high=0.5), "a number up to 0.5"),
        (Choice(("True", "'sum'")), "one of `True`, `'sum'`"),
        (Choice(()), "nothing but its default"),
    ],
)
def test_values_in_words(values: Number | Choice, said: str) -> None:
    assert values_words(values) == said


def test_of_a_long_list_of_what_is_allowed_what_the_code_speaks_of_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    keywords = {f"package.module.Class{n}:parameter_{n}": Free() for n in range(100)}
    allowance = Allowance(keywords=keywords | {"torch.optim.AdamW:lr": Number(0, 1)})
    book = {rule.name: replace(rule, architect=allowance) for rule in rules.all_rules()}
    monkeypatch.setattr(rules, "_by_name", lambda: book)
    lines = part(asked(CLASSIFIER), "What was found").splitlines()
    start = lines.index("A repair of missing-zero-grad may do this and nothing else:")
    assert (
        lines[start + 1] == "- add, change or remove the argument `lr` of `torch.optim.AdamW`: a number from 0 up to 1"
    )
    assert any(line.endswith("more left out for length)") for line in lines)
