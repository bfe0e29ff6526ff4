"""The scores of a run for people: one short table, with the baselines beside the model."""

from collections.abc import Callable, Mapping

from ml_architect.trial.case import Kind
from ml_architect.trial.scores import Scores
from ml_architect.trial.wilson import Rate

__all__ = ["as_table"]

_Cell = Callable[[Scores], str]


def _rate(name: str) -> _Cell:
    def cell(scores: Scores) -> str:
        rate: Rate = getattr(scores, name)
        return str(rate)

    return cell


def _kind(kind: Kind) -> _Cell:
    return lambda scores: _short(scores.kinds[kind.value])


def _short(rate: Rate) -> str:
    return f"{rate.hits}/{rate.of}" if rate.of else "-"


def _gap(scores: Scores) -> str:
    return "-" if scores.gap is None else f"{100 * scores.gap:+.0f} points"


def _points(scores: Scores) -> str:
    return "-" if scores.points.share is None else f"{scores.points.share:.0%}"


def _tokens(scores: Scores) -> str:
    return f"{scores.input_tokens} / {scores.output_tokens}"


def _seconds(scores: Scores) -> str:
    return "{:.2f} s / {:.2f} s".format(*scores.seconds)


def _cost(scores: Scores) -> str:
    return "unknown" if scores.cost is None else f"${scores.cost:.4f}"


_ROWS: tuple[tuple[str, _Cell], ...] = (
    ("right, bundled cases", _rate("right")),
    *((f"  {kind.value}", _kind(kind)) for kind in Kind),
    ("right, fresh variants", _rate("variants")),
    ("  bundled minus fresh", _gap),
    ("pairs that hold", _rate("pairs")),
    ("repairs: proven", _rate("proven")),
    ("  proven and right", _rate("correct")),
    ("  of these in round two", lambda scores: _short(scores.second_round)),
    ("proven but wrong", lambda scores: str(scores.false_accepts)),
    ("declined: rightly", _rate("precision")),
    ("  of those due", _rate("recall")),
    ("executed and right", lambda scores: _short(scores.executed)),
    ("explanation points", _points),
    ("without a reply", lambda scores: str(scores.failures)),
    ("tokens in / out", _tokens),
    ("time, median / p95", _seconds),
    ("cost", _cost),
)


def as_table(columns: Mapping[str, Scores]) -> str:
    """Return a table of plain text with a column for each name. Intervals are Wilson's for 95 %."""
    rows = [["", *columns], *([title, *(cell(scores) for scores in columns.values())] for title, cell in _ROWS)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(columns) + 1)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"
