"""The bundled programs, looked at by our own rules: mistakes are found, repaired versions are clean."""

from pathlib import Path

import pytest

from ml_architect.engine import Settings, analyze
from ml_architect.facts import Environment
from ml_architect.rules.api import Severity
from ml_architect.text import Source

EXAMPLES = Path(__file__).parents[2] / "server" / "examples"
EXPECTED = {
    "image_classifier": {
        "accuracy-divided-by-batches",
        "best-weights-aliased",
        "missing-no-grad-in-eval",
        "plateau-mode-mismatch",
        "softmax-before-cross-entropy",
        "train-loader-not-shuffled",
        "train-mode-not-restored",
    },
    "language_model": {
        "anomaly-detection-left-on",
        "clip-before-unscale",
        "gradient-accumulation-cleared",
        "onecycle-stepped-per-epoch",
    },
    "keras_tabular": {
        "activation-missing-for-probability-loss",
        "callback-monitors-missing-validation",
        "python-rng-in-traced-function",
        "tfdata-result-discarded",
        "tfdata-shuffle-after-batch",
        "tfdata-split-after-reshuffle",
    },
    "churn_pipeline": {"resampling-before-split", "supervised-selection-before-split"},
    "kfold_screening": {
        "kfold-model-not-reinitialised",
        "optimizer-lr-attribute",
        "scheduler-step-before-optimizer",
        "sigmoid-before-bce-with-logits",
    },
}


def findings(path: Path) -> list[tuple[str, Severity]]:
    source = Source(path.read_text(encoding="utf-8"), path)
    analysis = analyze(source, Settings(select=("all",)), Environment())
    return [(item.code, item.severity) for item in analysis.diagnostics]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_mistakes_are_found(name: str) -> None:
    found = {code for code, _ in findings(EXAMPLES / "mistakes" / f"{name}.py")}
    assert EXPECTED[name] <= found


@pytest.mark.parametrize("name", EXPECTED)
def test_the_repaired_program_has_no_problem(name: str) -> None:
    found = findings(EXAMPLES / "repaired" / f"{name}.py")
    assert [code for code, severity in found if severity in {Severity.ERROR, Severity.WARNING}] == []


def test_every_program_is_there_twice_and_looked_at() -> None:
    for folder in ("mistakes", "repaired"):
        assert {path.stem for path in (EXAMPLES / folder).glob("*.py")} == set(EXPECTED)
