"""A deprecated symbol is told of once in a file, and its repair makes the finding disappear wherever it is used."""

from pathlib import Path

from ml_architect.engine import Analysis, Settings, analyze
from ml_architect.facts import Environment
from ml_architect.text import Source, apply_edits

HEAD = "import torch\nfrom torch.autograd import Variable\n"
SETTINGS = Settings(select=("deprecated-symbol",))


def examined(text: str) -> Analysis:
    return analyze(Source(text, Path("example.py")), SETTINGS, Environment())


def rows(analysis: Analysis) -> list[int]:
    """Return the lines of the findings, from 1."""
    return [analysis.source.row_at(item.span.start) + 1 for item in analysis.diagnostics]


def test_uses_that_take_judgement_are_told_apart_from_those_with_a_repair() -> None:
    text = f"{HEAD}a = Variable(x)\nb = Variable(y, requires_grad=True)\nc = Variable(z)\nd = Variable(w, requires_grad=True)\n"
    analysis = examined(text)
    assert rows(analysis) == [3, 4]
    assert [
        analysis.source.row_at(place.span.start) + 1 for item in analysis.diagnostics for place in item.related
    ] == [5, 6]
    assert all("here and in 1 more place)" in item.message for item in analysis.diagnostics)
    easy, hard = analysis.diagnostics
    fix = analysis.fix(easy)
    assert fix is not None
    assert fix.title == "use the tensor itself in 2 places"
    assert apply_edits(text, fix.edits) == text.replace("Variable(x)", "x").replace("Variable(z)", "z")
    assert analysis.fix(hard) is None


def test_a_use_inside_another_is_repaired_in_its_turn() -> None:
    text = f"{HEAD}a = Variable(Variable(x))\nb = Variable(y)\n"
    analysis = examined(text)
    assert len(analysis.diagnostics) == 2
    for _ in range(2):
        fix = analysis.fix(analysis.diagnostics[0])
        assert fix is not None
        analysis = analysis.with_edits(fix.edits)
    assert analysis.source.text == f"{HEAD}a = x\nb = y\n"
    assert analysis.diagnostics == ()


def test_the_symbols_of_an_older_release_are_told_of_together() -> None:
    calls = (
        "placeholder(tf.float32)",
        "Session()",
        "global_variables_initializer()",
        "get_default_session()",
        "log(1.0)",
    )
    text = "import tensorflow as tf\n" + "".join(f"x = tf.{call}\n" for call in calls)
    analysis = examined(text)
    whole = analysis.diagnostics[0]
    assert "other symbols of this file were removed in tensorflow 2.0" in whole.message
    assert len(whole.related) >= 2
    assert all("was removed in tensorflow 2.0" in place.message for place in whole.related)
    (rename,) = (item for item in analysis.diagnostics if "`tensorflow.log`" in item.message)
    fix = analysis.fix(rename)
    assert fix is not None
    assert apply_edits(text, fix.edits) == text.replace("tf.log", "tf.math.log")
