"""The example programs run to their end, and the wrong ones tell the lies that the examples' README says they tell.

`held_out.py` of the examples scores the saved model of a run on data that the run has never seen; "reported" is what
the program said of itself. The settings are tiny, so the figures are worse than those in the README.
"""

import functools
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.frameworks

EXAMPLES = Path(__file__).parents[2] / "server" / "examples"
TINY = {
    "churn_pipeline": ["--customers", "800"],
    "image_classifier": ["--epochs", "3", "--samples", "800"],
    "keras_tabular": ["--epochs", "16", "--samples", "600"],
    "kfold_screening": ["--epochs", "12"],
    "language_model": ["--epochs", "2", "--characters", "8000", "--n-layer", "1", "--block-size", "32"],
}
NEEDS = {
    "churn_pipeline": ("sklearn", "pandas", "joblib"),
    "image_classifier": ("torch", "numpy"),
    "keras_tabular": ("tensorflow", "keras"),
    "kfold_screening": ("torch", "sklearn"),
    "language_model": ("torch",),
}
EVERY_PROGRAM = [(kind, name) for kind in ("mistakes", "repaired") for name in TINY]
OUTPUT = tempfile.TemporaryDirectory(prefix="ml-architect-examples-")


def run(*command: object, hash_seed: int = 0) -> str:
    # One thread each: on a machine that is shared, threads that wait for each other take longer than one alone.
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [sys.executable, *map(str, command)], env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@functools.cache
def outcome(kind: str, name: str, hash_seed: int = 0) -> tuple[dict[str, float], Path]:
    """What a run reported, and where it left its files; each program runs once per test session and hash seed."""
    for module in NEEDS[name]:
        pytest.importorskip(module)
    out = Path(OUTPUT.name) / kind / f"{name}-{hash_seed}"
    printed = run(EXAMPLES / kind / f"{name}.py", "--out", out, *TINY[name], hash_seed=hash_seed)
    assert printed.strip()
    return json.loads((out / "metrics.json").read_text()), out


@functools.cache
def scores(kind: str, name: str) -> tuple[dict[str, float], dict[str, float]]:
    """(reported, held out) of one program."""
    _, out = outcome(kind, name)
    program = EXAMPLES / kind / f"{name}.py"
    # Another day, another process: strings hash differently in it.
    printed = json.loads(run(EXAMPLES / "held_out.py", program, out, hash_seed=1))
    return printed["reported"], printed["held_out"]


@pytest.mark.parametrize(("kind", "name"), EVERY_PROGRAM)
def test_runs_to_its_end(kind, name):
    reported, _ = outcome(kind, name)
    assert reported


def test_each_mistaken_program_has_its_repaired_version():
    assert [sorted(path.stem for path in (EXAMPLES / kind).glob("*.py")) for kind in ("mistakes", "repaired")] == [
        sorted(TINY),
        sorted(TINY),
    ]


@pytest.mark.parametrize(("kind", "name"), EVERY_PROGRAM)
def test_is_a_program_of_real_size_that_says_how_to_run_it(kind, name):
    text = (EXAMPLES / kind / f"{name}.py").read_text(encoding="utf-8")
    assert 80 <= len(text.splitlines()) <= 250
    assert f"python {name}.py" in text.split('"""')[1]


@pytest.mark.parametrize("kind", ["mistakes", "repaired"])
def test_image_classifier_goes_on_from_its_checkpoint(kind, tmp_path):
    _, out = outcome(kind, "image_classifier")
    program = EXAMPLES / kind / "image_classifier.py"
    settings = ["--epochs", "4", "--samples", "800", "--out", tmp_path, "--resume", out / "last.pt"]
    printed = run(program, *settings)
    assert "epoch 4" in printed
    assert "epoch 3" not in printed


def test_accuracy_per_batch_is_more_than_the_weights_reach_on_the_same_images():
    reported, measured = scores("mistakes", "image_classifier")
    assert reported["accuracy"] / 100 > 1.2 * measured["validation_accuracy"]


def test_repaired_image_classifier_keeps_the_weights_whose_accuracy_it_reports():
    reported, measured = scores("repaired", "image_classifier")
    assert reported["accuracy"] == pytest.approx(measured["validation_accuracy"], abs=1e-9)


def test_best_weights_are_the_last_weights_where_they_are_aliased(monkeypatch):
    torch = pytest.importorskip("torch")
    _, out = outcome("mistakes", "image_classifier")
    # A pickled module looks for its class where it was trained.
    monkeypatch.setattr(sys.modules["__main__"], "ShapeNet", _shape_net(), raising=False)
    last = torch.load(out / "last.pt", weights_only=False)["model"].state_dict()
    best = torch.load(out / "best.pt", weights_only=True)
    assert all(torch.equal(best[key], last[key]) for key in best)


def _shape_net():
    spec = importlib.util.spec_from_file_location("shapes", EXAMPLES / "mistakes" / "image_classifier.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ShapeNet


def test_blocks_in_a_plain_list_are_not_in_the_saved_language_model():
    torch = pytest.importorskip("torch")
    saved = {kind: torch.load(outcome(kind, "language_model")[1] / "model.pt") for kind in ("mistakes", "repaired")}
    blocks = {kind: [key for key in each["model"] if key.startswith("blocks.")] for kind, each in saved.items()}
    assert blocks["mistakes"] == []
    assert blocks["repaired"]


def test_repaired_language_model_learns_more_from_the_same_text():
    mistaken, repaired = scores("mistakes", "language_model"), scores("repaired", "language_model")
    assert repaired[1]["val_loss"] < mistaken[1]["val_loss"] - 0.3
    assert repaired[0]["val_loss"] == pytest.approx(repaired[1]["val_loss"], abs=0.2)


def test_leaking_split_reports_what_unseen_readings_do_not_confirm():
    reported, held_out = scores("mistakes", "keras_tabular")
    assert reported["val_accuracy"] > held_out["val_accuracy"] + 0.1
    assert reported["new_machine_accuracy"] > held_out["new_machine_accuracy"] + 0.1


def test_repaired_split_closes_the_gap():
    lie = _gap("mistakes", "keras_tabular", "val_accuracy")
    rest = _gap("repaired", "keras_tabular", "val_accuracy")
    assert rest < lie - 0.1


def test_leaking_churn_pipeline_reports_what_new_customers_do_not_confirm():
    assert _gap("mistakes", "churn_pipeline", "roc_auc") > 0.1
    assert _gap("mistakes", "churn_pipeline", "value_r2") > 0.5


def test_repaired_churn_pipeline_closes_the_gap():
    assert abs(_gap("repaired", "churn_pipeline", "roc_auc")) < 0.1
    assert abs(_gap("repaired", "churn_pipeline", "value_r2")) < 0.2


def test_only_the_repaired_churn_pipeline_gives_the_same_figures_again():
    first, second = (outcome("mistakes", "churn_pipeline", hash_seed)[0] for hash_seed in (0, 1))
    assert first != second
    first, second = (outcome("repaired", "churn_pipeline", hash_seed)[0] for hash_seed in (0, 1))
    assert first == second


def test_folds_that_share_a_model_report_what_new_samples_do_not_confirm():
    reported, held_out = scores("mistakes", "kfold_screening")
    assert sum(reported["folds"][-2:]) / 2 > held_out["accuracy"] + 0.03
    assert _gap("mistakes", "kfold_screening", "accuracy") > _gap("repaired", "kfold_screening", "accuracy")


def _gap(kind, name, key):
    reported, held_out = scores(kind, name)
    return reported[key] - held_out[key]
