"""What a project states under ``[tool.ml-architect.project]`` changes what rules may say."""

from pathlib import Path

import pytest

from ml_architect.engine import Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.policy import Profile
from ml_architect.rules import rule_named
from ml_architect.rules.api import Severity
from ml_architect.text import Source

KERAS = """\
import keras

def build():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    return model
"""


def findings(name, code, **answers):
    settings = Settings(select=(name,), preview=True, profile=Profile(**answers))
    return analyze(Source(code, Path("train.py")), settings, Environment()).diagnostics


@pytest.mark.parametrize("answers", [{"hardware": "cpu"}, {"hardware": "CPU only"}, {"gpus": 0}])
def test_nobody_waits_for_a_device_that_is_not_there(answers):
    (example, *_) = rule_named("host-sync-in-hot-loop").fires
    assert len(findings("host-sync-in-hot-loop", example.code)) == 1
    assert findings("host-sync-in-hot-loop", example.code, **answers) == ()
    assert len(findings("host-sync-in-hot-loop", example.code, hardware="1x 24 GB GPU")) == 1


def test_a_fixed_cuda_device_is_an_error_where_there_is_none():
    (example, *_) = rule_named("hardcoded-cuda").fires
    (usual,) = findings("hardcoded-cuda", example.code)
    (stated,) = findings("hardcoded-cuda", example.code, hardware="cpu")
    assert (usual.severity, stated.severity) == (Severity.INFO, Severity.ERROR)
    assert "as the project states that it has no GPU" in stated.message


def test_workers_are_only_a_hint_without_a_gpu():
    (example, *_) = rule_named("dataloader-no-workers").fires
    (usual,) = findings("dataloader-no-workers", example.code)
    (stated,) = findings("dataloader-no-workers", example.code, gpus=0)
    assert (usual.severity, stated.severity) == (Severity.INFO, Severity.HINT)
    assert "device waits" not in stated.message


def test_units_that_contradict_the_stated_classes():
    assert findings("loss-units-mismatch", KERAS) == ()
    assert findings("loss-units-mismatch", KERAS, classes=10) == ()
    (found,) = findings("loss-units-mismatch", KERAS, classes=5)
    assert found.message == "the last layer has 10 units, but the project states 5 classes"
    assert found.severity is Severity.WARNING


def test_every_answer_is_read_and_every_mistake_is_one_line():
    table = {
        "dataset-size": 5000,
        "dataset-gb": 2.5,
        "classes": 3,
        "task": "ranking",
        "hardware": "cpu",
        "gpu-memory-gb": 24,
        "gpus": 0,
        "latency-ms": 20,
        "metric": "ndcg",
        "deployment": "phone",
        "regulated": True,
        "personal-data": False,
        "grouped": True,
        "time-ordered": False,
        "imbalanced": True,
    }
    profile, problems = Profile.from_mapping(table)
    assert problems == ()
    assert dict(profile.answers()) == table
    wrong = {key: [] for key in table}
    profile, problems = Profile.from_mapping({**wrong, "odd": 1})
    assert profile == Profile()
    assert len(problems) == len(table) + 1
    assert Profile.from_mapping("none") == (Profile(), ("'project' must be a table",))


@pytest.mark.parametrize("value", [True, -1, 0, 1.5, "5", float("nan"), float("inf")])
def test_odd_numbers_are_refused(value):
    profile, problems = Profile.from_mapping({"classes": value, "dataset-gb": value})
    assert profile.classes is None
    assert any("project.classes" in line for line in problems)
    assert (profile.dataset_gb is None) == any("project.dataset-gb" in line for line in problems)


def test_settings_carry_the_profile_and_say_what_is_wrong_with_it():
    settings, problems = Settings.from_mapping({"project": {"classes": 4, "hardware": 3}})
    assert settings.profile == Profile(classes=4)
    assert problems == ("'project.hardware' must be a text of 1 to 200 characters",)
    assert Settings.from_mapping({"profile": {}})[1] == ("unknown key 'profile'",)
