"""A review as plain values for programs. The form is stable: keys are added, never renamed or removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from ml_architect.review.values import FileNotes, FindingNote, Open, Place, Review, Stage, StageReview, Statement

__all__ = ["FORMAT", "as_values"]

FORMAT = 1
"""Grows when a key changes its meaning."""


def as_values(review: Review, assessment: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return `review` as one JSON object; ``assessment`` is null unless a model was asked.

    ``stages`` holds all seven, in order, each with ``statements`` (``topic``, ``text``, ``places``), ``missing``
    (texts), ``findings`` (``rule``, ``severity``, ``message``, ``place``) and ``unknown`` (``text``, ``place`` or
    null). A place is ``path``, ``line`` (from 1) and ``cell`` (from 1, null outside of notebooks).
    """
    return {
        "format": FORMAT,
        "title": review.title,
        "scope": review.scope.value,
        "summary": review.summary,
        "files": [_file(notes) for notes in review.files],
        "other_files": review.others,
        "test_files": review.tests,
        "stages": [_stage(stage) for stage in review.stages],
        "questions": [{"key": it.key, "question": it.text, "why": it.why} for it in review.questions],
        "answers": dict(review.profile.answers()),
        "values": [
            {"setting": it.setting, "start": it.value, "range": it.range, "why": it.reason, "rule": it.rule}
            for it in review.values
        ],
        "environment": [
            {"library": it.library, "version": it.version or None, "origin": it.origin or None}
            for it in review.versions
        ],
        "next_steps": list(review.next_steps),
        "care": list(review.care),
        "assessment": assessment,
    }


def _file(notes: FileNotes) -> dict[str, Any]:
    return {
        "path": notes.path,
        "frameworks": sorted(notes.frameworks),
        "complete": notes.whole,
        "stages": [stage.value for stage in Stage if any(item.stage is stage for item in notes.statements)],
        "findings": len(notes.findings),
    }


def _stage(stage: StageReview) -> dict[str, Any]:
    return {
        "stage": stage.stage.value,
        "title": stage.stage.words,
        "statements": [_statement(item) for item in stage.statements],
        "missing": list(stage.missing),
        "findings": [_finding(item) for item in stage.findings],
        "unknown": [_open(item) for item in stage.unknown],
    }


def _statement(item: Statement) -> dict[str, Any]:
    return {"topic": item.topic, "text": item.text, "places": _places(item.places)}


def _finding(item: FindingNote) -> dict[str, Any]:
    place = _place(item.place)
    return {"rule": item.code, "severity": item.severity, "message": item.message, "place": place}


def _open(item: Open) -> dict[str, Any]:
    return {"text": item.text, "place": None if item.place is None else _place(item.place)}


def _places(places: Sequence[Place]) -> list[dict[str, Any]]:
    return [_place(place) for place in places]


def _place(place: Place) -> dict[str, Any]:
    return {"path": place.path, "line": place.line, "cell": place.cell}
