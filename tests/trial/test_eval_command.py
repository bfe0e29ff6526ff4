"""`ml-architect eval`: the real command, the real model process and litellm, against a scripted endpoint."""

import json
import os
import subprocess
import sys
import threading
import time

import pytest
from answering import declines, nonce_of
from answering_cases import CASES, answers_to
from click.testing import CliRunner
from endpoint import Endpoint, fails, hangs, says
from oracle import render_fix

from ml_architect.architect.model.access import litellm_is_installed
from ml_architect.architect.question.briefing import Limits, brief_fix
from ml_architect.cli.main import cli
from ml_architect.engine.difference import difference
from ml_architect.trial.running import finding_of

MODEL = "scripted"
CHOSEN = ("split-order", "operating-point", "string-asks-for-network")


@pytest.fixture(scope="module")
def endpoint():
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    with Endpoint() as running:
        running.script(MODEL, answers)
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("eval")


@pytest.fixture(scope="module")
def start(folder):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ML_ARCHITECT_")}

    def begin(*arguments, **environment):
        return subprocess.Popen(
            (sys.executable, "-m", "ml_architect", "eval", *arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**clean, "XDG_CONFIG_HOME": str(folder / "config"), **environment},
        )

    return begin


@pytest.fixture(scope="module")
def run(start):
    def finish(*arguments, **environment):
        process = start(*arguments, **environment)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    return finish


@pytest.fixture
def quick(tmp_path, monkeypatch):
    """Run the command in this process, for what needs no model."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ML_ARCHITECT_")]:
        monkeypatch.delenv(name)

    def invoke(*arguments, **environment):
        env = {"XDG_CONFIG_HOME": str(tmp_path / "config"), **environment}
        return CliRunner().invoke(cli, ["eval", *arguments], env=env, catch_exceptions=False)

    return invoke


@pytest.fixture(scope="module")
def chosen(endpoint):
    return {"ML_ARCHITECT_MODEL": "openai/other", "ML_ARCHITECT_API_BASE": endpoint.base(f"openai/{MODEL}")}


@pytest.fixture(scope="module")
def whole(run, chosen, endpoint):
    """A run without interruption."""
    endpoint.script(MODEL, answers)
    result = run(*arguments("--sheet", "sheet.md"), **chosen)
    assert result.returncode == 0, result.stderr
    return result


def answers(exchange):
    """Answer with the stored good answer, and decline what is none of the chosen texts, or deliberate."""
    nonce = nonce_of(exchange)
    for case in (CASES[name] for name in CHOSEN):
        analysis, fingerprint = finding_of(case)
        brief = brief_fix(analysis, [fingerprint], nonce, Limits())
        if answers_to(case.name).good and brief.messages[1].content == exchange.seen.body["messages"][1]["content"]:
            says(render_fix(brief, analysis.source, difference(case.code, answers_to(case.name).good[0])))(exchange)
            return
    declines("it is meant so")(exchange)


def report(result):
    told = json.loads(result.stdout)
    del told["timing"]
    return told


def arguments(*more):
    return (
        "--model",
        f"openai/{MODEL}",
        "--cases",
        ",".join(CHOSEN),
        "--no-baselines",
        "--output-format",
        "json",
        *more,
    )


def test_a_model_is_measured(whole):
    told = report(whole)
    assert told["model"] == f"openai/{MODEL}"
    scores = told["scores"][f"openai/{MODEL}"]
    assert (scores["right"]["hits"], scores["right"]["of"]) == (3, 3)
    assert (scores["variants"]["hits"], scores["variants"]["of"]) == (1, 3)  # variants are declined
    assert (scores["input_tokens"], scores["requests"]) == (77, 7)
    assert len(told["results"]) == len(json.loads(whole.stdout)["timing"]["seconds"]) == 7
    assert "7 questions about bundled code (none of yours) are sent to 127.0.0.1" in whole.stderr
    assert "7 to 14 requests" in whole.stderr
    assert "7 of 50 requests" in whole.stderr


def test_explanations_are_written_down_for_people(whole, folder):
    key = json.loads((folder / "sheet.md.key.json").read_text(encoding="utf-8"))
    assert len(key) == 4
    assert (folder / "sheet.md").read_text(encoding="utf-8").count("Rating (1 to 5)") == 4
    assert "4 explanations to rate are in sheet.md" in whole.stderr


def test_a_run_that_was_killed_goes_on_and_ends_as_one_that_was_not(whole, start, run, chosen, endpoint, folder):
    file = folder / "run.jsonl"
    count = iter(range(1000))

    def stops(exchange):
        (answers if next(count) < 4 else hangs)(exchange)

    endpoint.script(MODEL, stops)
    process = start(*arguments("--resume", str(file)), **chosen)
    late = threading.Timer(100, process.kill)
    late.start()
    while process.poll() is None and not (file.exists() and file.read_bytes().count(b"\n") >= 4):
        time.sleep(0.05)
    late.cancel()
    process.kill()
    process.communicate()
    kept = file.read_bytes().count(b"\n") - 1
    assert 3 <= kept < 7
    endpoint.script(MODEL, answers)
    before = len(endpoint.requests)
    resumed = run(*arguments("--resume", str(file)), **chosen)
    assert resumed.returncode == 0, resumed.stderr
    assert len(endpoint.requests) - before == 7 - kept
    assert report(resumed) == report(whole)
    again = run(*arguments("--resume", str(file)), **chosen)
    assert report(again) == report(whole)
    assert len(endpoint.requests) - before == 7 - kept


def test_a_refused_key_ends_the_run_with_what_was_answered(run, chosen, endpoint):
    endpoint.script(MODEL, fails(401))
    result = run(*arguments(), **chosen)
    assert result.returncode == 2
    assert "the provider refused the key" in result.stderr
    assert "(0 of 7 questions are answered)" in result.stderr


def test_a_budget_that_is_too_small_is_told_before_anything_is_sent(quick, chosen, endpoint):
    before = len(endpoint.requests)
    result = quick("--model", f"openai/{MODEL}", "--no-baselines", **chosen)
    assert result.exit_code == 2
    assert "the budget does not hold that: 50 requests" in result.stderr
    assert "--resume" in result.stderr
    assert len(endpoint.requests) == before


def test_local_only_holds(quick, tmp_path):
    config = tmp_path / "local" / "ml-architect" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[architect]\nlocal-only = true\n", encoding="utf-8")
    named = ("--model", "openai/gpt-nowhere", "--cases", "split-order")
    result = quick(*named, XDG_CONFIG_HOME=str(tmp_path / "local"), OPENAI_API_KEY="sk-none")
    assert result.exit_code == 2
    assert "only models on this machine may be called" in result.stderr


def test_the_threshold(quick):
    named = ("--model", "baseline/null", "--cases", ",".join(CHOSEN), "--no-baselines", "--part", "bundled")
    assert quick(*named, "--threshold", "0.3").exit_code == 0
    result = quick(*named, "--threshold", "0.5")
    assert result.exit_code == 1
    assert "33% of the answers are right, the threshold is 50%" in result.stderr


def test_the_baselines_stand_beside_what_is_measured(quick):
    result = quick("--model", "baseline/null", "--cases", "softmax-in-forward", "--part", "bundled")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0].split() == ["baseline/null", "baseline/deterministic"]
    assert result.stdout.splitlines()[1].endswith("1/1 100% (21% to 100%)")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no model is chosen"),
        (("--model", "baseline/null", "--cases", "nothing"), "no case is chosen"),
        (("--model", "baseline/null", "--resume", "."), "is a directory"),
        (("--model", "baseline/null", "--samples", "0"), "--samples"),
        (("--model", "baseline/null", "--threshold", "2"), "--threshold"),
        (("--model", "baseline/null", "--part", "all"), "--part"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(quick, arguments, words):
    result = quick(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_ours_is_refused(quick, tmp_path):
    (tmp_path / "notes.txt").write_text("mine\n", encoding="utf-8")
    result = quick("--model", "baseline/null", "--resume", "notes.txt")
    assert result.exit_code == 2
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine\n"


def test_a_baseline_asks_nobody(quick):
    result = quick("--model", "baseline/deterministic", "--cases", "split-order,softmax-in-forward", "--no-baselines")
    assert result.exit_code == 0, result.stderr
    assert "1/2 50%" in result.stdout
    assert result.stderr == ""
