"""The worst checkpoint is kept as the best one."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts, words
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Rule,
    Safety,
    Severity,
    Shown,
)

_ARGUMENTS = ("transformers.TrainingArguments", "transformers.Seq2SeqTrainingArguments")
_ERRORS = frozenset({"rmse", "mae", "mse", "wer", "cer", "perplexity", "ppl", "eer", "error", "mape", "nll"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report an error metric without ``greater_is_better=False``."""
    for call in facts.calls_to(*_ARGUMENTS):
        metric = facts.passed(call, "metric_for_best_model")
        known = facts.known(metric.value, call) if metric.given else None
        if known is None or not isinstance(known.value, str) or known.overridable or metric.value is None:
            continue
        if known.value.endswith("loss") or not words(known.value) & _ERRORS:
            continue
        if not any(argument.keyword == "greater_is_better" or argument.star for argument in call.node.arguments):
            yield Finding(
                metric.value,
                f"`{known.value}` gets better as it falls, but the checkpoint with the largest value is kept",
                fix=partial(_fix, facts, call),
            )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    edit = set_keyword(facts, call, "greater_is_better", "False")
    return Fix("keep the checkpoint with the smallest value", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="metric-direction-not-set",
    summary="an error metric selects the best checkpoint without `greater_is_better=False`",
    framework=Framework.TRANSFORMERS,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "`Trainer` assumes that a larger `metric_for_best_model` is better, unless its name ends in `loss`. For an error rate such as `wer` or `rmse` it keeps the "
        "checkpoint with the largest error, and `load_best_model_at_end` loads the worst model of the run."
    ),
    tradeoffs={Cost.GENERALISATION: "the checkpoint that is loaded at the end is the best one, not the worst"},
    references=(
        Reference(
            "TrainingArguments.greater_is_better",
            "https://huggingface.co/docs/transformers/main_classes/trainer#transformers.TrainingArguments.greater_is_better",
        ),
    ),
    fires=(
        Fires(
            """\
from transformers import Seq2SeqTrainingArguments

arguments = Seq2SeqTrainingArguments(
    output_dir="out",
    eval_strategy="epoch",
    save_strategy="epoch",
    load_best_model_at_end=True,
    metric_for_best_model="wer",
)
""",
            """\
from transformers import Seq2SeqTrainingArguments

arguments = Seq2SeqTrainingArguments(
    output_dir="out",
    eval_strategy="epoch",
    save_strategy="epoch",
    load_best_model_at_end=True,
    metric_for_best_model="wer",
    greater_is_better=False,
)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from transformers import TrainingArguments

arguments = TrainingArguments(output_dir="out", metric_for_best_model="eval_loss", load_best_model_at_end=True)
""",
            because="a name that ends in loss is minimised",
        ),
        Quiet(
            """\
from transformers import TrainingArguments

arguments = TrainingArguments(output_dir="out", metric_for_best_model="f1", load_best_model_at_end=True)
""",
            because="larger is better here",
        ),
        Quiet(
            """\
from transformers import TrainingArguments

arguments = TrainingArguments(output_dir="out", metric_for_best_model="rmse", greater_is_better=False)
""",
            because="the direction is given",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="another checkpoint is kept, which is the point",
    architect=Allowance(
        keywords={f"{name}:greater_is_better": Choice(("False",)) for name in _ARGUMENTS},
        advice="Say that the smallest value is best; keep the metric.",
    ),
    evidence=Shown(
        "tests/evidence/test_metric_direction_not_set.py::test_an_error_metric_without_a_direction_keeps_the_worst_checkpoint"
    ),
    detect=detect,
)
