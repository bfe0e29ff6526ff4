"""The Kullback-Leibler divergence is averaged over elements instead of samples."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
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
    StartingValue,
)

_NAMES = ("torch.nn.KLDivLoss", "torch.nn.functional.kl_div")


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a divergence whose reduction is the default, or is said to be the mean."""
    for call in facts.calls_to(*_NAMES):
        if not all(facts.passed(call, old).absent for old in ("size_average", "reduce")):
            continue
        reduction = facts.passed(call, "reduction")
        known = facts.known(reduction.value, call) if reduction.given else None
        explicit = known is not None and known.value == "mean" and not known.overridable
        if reduction.absent or explicit:
            yield Finding(
                call.node,
                "`mean` divides by the number of elements, not of samples, so this is a fraction of the divergence",
                severity=Severity.INFO if explicit else None,
                fix=partial(_fix, facts, call),
            )


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    given = facts.passed(call, "reduction").argument
    if given is not None and given.keyword is None:
        return None
    edit = set_keyword(facts, call, "reduction", '"batchmean"')
    return Fix('pass `reduction="batchmean"`', (edit,), Safety.UNSAFE) if edit is not None else None


RULE = Rule(
    name="kldiv-default-reduction",
    summary="`KLDivLoss` or `kl_div` is used with the reduction `mean`",
    framework=Framework.TORCH,
    category=Category.LOSS,
    severity=Severity.WARNING,
    why=(
        'The divergence of two distributions is a sum over classes, averaged over samples. The default `reduction="mean"` also divides by the number of '
        "classes: with 10 classes the value is a tenth of what the formula says, with a vocabulary of 50,000 next to nothing, and in a sum with another loss "
        "(distillation) its weight depends on the number of classes. `batchmean` is the definition; PyTorch warns about the default at run time."
    ),
    tradeoffs={
        Cost.STABILITY: "weights for this term that were tuned with `mean` are too large by the number of classes afterwards"
    },
    starting_values=(
        StartingValue(
            "weight of a distillation term with `batchmean`",
            "0.5 with temperature 2 (times temperature squared)",
            "0.1 to 0.9",
            "both terms then have the size of a cross entropy",
        ),
    ),
    references=(
        Reference("torch.nn.KLDivLoss", "https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html"),
        Reference(
            "torch.nn.functional.kl_div",
            "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html",
        ),
    ),
    fires=(
        Fires(
            """\
import torch.nn.functional as F

def distillation_loss(student, teacher, temperature):
    return F.kl_div(
        F.log_softmax(student / temperature, dim=1),
        F.softmax(teacher / temperature, dim=1),
    ) * temperature**2
""",
            """\
import torch.nn.functional as F

def distillation_loss(student, teacher, temperature):
    return F.kl_div(
        F.log_softmax(student / temperature, dim=1),
        F.softmax(teacher / temperature, dim=1),
        reduction="batchmean",
    ) * temperature**2
""",
        ),
        Fires(
            """\
from torch import nn

criterion = nn.KLDivLoss()
""",
            """\
from torch import nn

criterion = nn.KLDivLoss(reduction="batchmean")
""",
        ),
        Fires(
            """\
from torch import nn

criterion = nn.KLDivLoss(reduction="mean", log_target=True)
""",
            """\
from torch import nn

criterion = nn.KLDivLoss(reduction="batchmean", log_target=True)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from torch import nn

criterion = nn.KLDivLoss(reduction="sum")
""",
            because="a sum is divided by the caller",
        ),
        Quiet(
            """\
import torch.nn.functional as F

def divergence(log_p, q, mask):
    return (F.kl_div(log_p, q, reduction="none").sum(-1) * mask).mean()
""",
            because="the reduction is written out",
        ),
        Quiet(
            """\
from torch import nn

criterion = nn.KLDivLoss(size_average=False)
""",
            because="the old option asks for a sum",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the loss grows by the number of classes",
    architect=Allowance(
        keywords={f"{name}:reduction": Choice(("'batchmean'",)) for name in _NAMES},
        strings=("batchmean",),
        advice="Reduce with `batchmean`. Leave the weight of the term, and what it is multiplied with, as it is.",
    ),
    evidence=Shown(
        "tests/evidence/test_kldiv_default_reduction.py::test_default_is_the_divergence_divided_by_the_number_of_classes"
    ),
    detect=detect,
)
