"""What the user reads: an explanation, and exactly what would be sent."""

from ml_architect.architect.assessments import Assessment
from ml_architect.architect.question.briefing import as_text
from ml_architect.architect.reply.rendering import explanation_markdown
from ml_architect.architect.values import Brief, Verdict
from ml_architect.page import Block, Heading, Paragraph, Table
from ml_architect.review.values import Stage
from ml_architect.rules import rule_named

__all__ = ["assessed_blocks", "assessed_values", "explanation", "prompt"]


def prompt(brief: Brief) -> str:
    """Return exactly what would be sent, for people to read."""
    return as_text(brief)


def explanation(brief: Brief, verdict: Verdict, model: str, plain: bool = False) -> str:
    """Return the checked explanation of a reply, in Markdown unless `plain`."""
    names = dict.fromkeys(target.code for target in brief.targets)
    rules = [rule for name in names if (rule := rule_named(name))]
    return explanation_markdown(verdict.explanation, rules, model, plain)


def assessed_blocks(assessment: Assessment, model: str) -> dict[Stage, list[Block]]:
    """Return what a model wrote about each stage of a review, as blocks that say whose words they are."""
    name = model.replace("`", "'")
    return {stage: [Heading(3, "Assessment"), *_assessed(assessment, stage, name)] for stage in Stage}


def _assessed(assessment: Assessment, stage: Stage, model: str) -> list[Block]:
    claims = assessment.claims.get(stage, ())
    if claims:
        rows = tuple((claim.text, str(claim.place)) for claim in claims)
        said = f"Written by `{model}`: the lines are checked, the judgement is not."
        return [Paragraph(said), Table(("What the model says", "About"), rows)]
    if stage in assessment.empty:
        return [Paragraph(f"`{model}` has nothing to say about this stage.")]
    return [Paragraph(f"Missing: `{model}` wrote nothing about this stage that holds.")]


def assessed_values(assessment: Assessment, model: str) -> dict[str, object]:
    """Return an assessment as plain values for programs."""
    return {
        "model": model,
        "checked": "lines",
        "struck": assessment.struck,
        "remarks": list(assessment.remarks),
        "stages": [
            {
                "stage": stage.value,
                "missing": stage not in assessment.empty and not assessment.claims.get(stage),
                "claims": [
                    {"text": claim.text, "path": claim.place.path, "line": claim.place.line}
                    for claim in assessment.claims.get(stage, ())
                ],
            }
            for stage in Stage
        ],
    }
