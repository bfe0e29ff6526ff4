"""A training argument that current transformers releases no longer take."""

from collections.abc import Iterator
from functools import partial
from itertools import chain

from ml_architect.catalog import DeprecationFix, load_catalog
from ml_architect.facts import ModuleFacts
from ml_architect.facts.deprecations import Deprecations, Standing, Use
from ml_architect.rewrite.deprecations import modernised
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Severity,
    Shown,
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report keywords of ``TrainingArguments`` that were renamed or removed."""
    for use in facts.group(Deprecations).uses:
        if use.argument is None or not use.row.symbol.endswith("TrainingArguments"):
            continue
        yield Finding(use.argument, _message(use), severity=_severity(use), fix=partial(modernised, facts, use))


def _severity(use: Use) -> Severity:
    """Return how bad it is; where the version is not known, what is gone may raise, and what is old still works."""
    if use.standing is Standing.REMOVED:
        return Severity.ERROR
    return Severity.INFO if use.standing is Standing.UNKNOWN and use.row.removed is None else Severity.WARNING


def _message(use: Use) -> str:
    row = use.row
    state = (
        f"was removed in transformers {row.removed}"
        if row.removed
        else f"is deprecated since transformers {row.deprecated}"
    )
    advice = row.replacement if " " in row.replacement else f"`{row.replacement}`"
    return f"`{row.keyword}` {state}; use {advice}"


def _respelled() -> dict[str, str]:
    """Return the renamed, replaced and dropped arguments of the table as patterns of the calls."""
    patterns = {}
    for row in chain.from_iterable(load_catalog().deprecations.values()):
        if not row.symbol.endswith("TrainingArguments") or row.fix is DeprecationFix.NONE:
            continue
        old = f"{row.keyword}={row.value or '$value'}"
        new = {
            DeprecationFix.RENAME_KEYWORD: f"{row.replacement}=$value, ",
            DeprecationFix.REPLACE_VALUE: f"{row.replacement}, ",
        }.get(row.fix, "")
        patterns[f"{row.symbol}({old}, $*others)"] = f"{row.symbol}({new}$*others)"
    return patterns


RULE = Rule(
    name="removed-training-argument",
    summary="an argument that `TrainingArguments` no longer takes",
    framework=Framework.TRANSFORMERS,
    category=Category.UPGRADE,
    severity=Severity.ERROR,
    why=(
        "transformers renames and drops training arguments between releases; scripts and tutorials keep the old ones. An argument that is gone raises "
        "`TypeError` when the arguments are made, before anything is trained."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "the script runs on current releases; pin transformers where it has to run on older ones"
    },
    references=(
        Reference(
            "TrainingArguments",
            "https://huggingface.co/docs/transformers/main_classes/trainer#transformers.TrainingArguments",
        ),
        Reference("transformers releases", "https://github.com/huggingface/transformers/releases"),
    ),
    fires=(
        Fires(
            """\
from transformers import TrainingArguments

arguments = TrainingArguments(output_dir="out", evaluation_strategy="epoch", learning_rate=2e-5)
""",
            """\
from transformers import TrainingArguments

arguments = TrainingArguments(output_dir="out", eval_strategy="epoch", learning_rate=2e-5)
""",
            versions={"transformers": "5.0.0"},
        ),
        Fires(
            """\
from transformers import Seq2SeqTrainingArguments

arguments = Seq2SeqTrainingArguments(
    output_dir="out",
    no_cuda=True,
)
""",
            """\
from transformers import Seq2SeqTrainingArguments

arguments = Seq2SeqTrainingArguments(
    output_dir="out",
    use_cpu=True,
)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from transformers import TrainingArguments

arguments = TrainingArguments(output_dir="out", evaluation_strategy="epoch")
""",
            because="this release still takes it without a warning",
            versions={"transformers": "4.36.0"},
        ),
        Quiet(
            """\
from dataclasses import dataclass

@dataclass
class TrainingArguments:
    output_dir: str
    evaluation_strategy: str

arguments = TrainingArguments(output_dir="out", evaluation_strategy="epoch")
""",
            because="a class of one's own",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="a renamed argument keeps its meaning; a dropped one may have had an effect on older releases",
    architect=Allowance(
        rewrites=_respelled(),
        may_remove_finding=True,
        advice="Use the argument that took the place of the old one, with the same value.",
    ),
    evidence=Shown(
        "tests/evidence/test_removed_training_argument.py::test_renamed_argument_raises_and_its_new_name_works"
    ),
    detect=detect,
)
