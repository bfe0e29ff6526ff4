"""Findings as one JSON array, in the shape that readers of Ruff's output already parse."""

import json
from collections.abc import Iterable
from typing import Any

from ml_architect.cli.report import FileReport
from ml_architect.engine import Diagnostic, rule_url
from ml_architect.rewrite import Fix
from ml_architect.text import Source, Span


def document(reports: Iterable[FileReport]) -> str:
    """Return the array of all findings; rows and columns (code points) count from 1, in a notebook in the cell."""
    return dump([item for report in reports for item in records(report)])


def dump(value: object) -> str:
    """Return `value` as indented JSON in ASCII, which every stream can carry."""
    return json.dumps(value, indent=2)


def records(report: FileReport) -> list[dict[str, Any]]:
    """Return the findings of one file as plain values."""
    fixes = report.fixes or (None,) * len(report.diagnostics)
    return [_record(report, item, fix) for item, fix in zip(report.diagnostics, fixes, strict=True)]


def _record(report: FileReport, diagnostic: Diagnostic, fix: Fix | None) -> dict[str, Any]:
    related = [
        {"message": place.message, "filename": report.filename, **_placed(report.source, place.span)}
        for place in diagnostic.related
    ]
    return {
        "cell": report.source.part(diagnostic.span.start).number,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "filename": report.filename,
        **_extent(report.source, diagnostic.span),
        "severity": diagnostic.severity.value,
        "url": rule_url(diagnostic.code),
        "fix": _fix(report.source, fix) if fix else None,
        "related": related,
        "stale": diagnostic.stale,
    }


def _fix(source: Source, fix: Fix) -> dict[str, Any]:
    edits = [{"content": edit.replacement, **_placed(source, edit.span)} for edit in fix.edits]
    return {"applicability": fix.safety.value, "message": fix.title, "edits": edits}


def _extent(source: Source, span: Span) -> dict[str, dict[str, int]]:
    part = source.part(span.start)
    local = part.local(span)
    return {
        "location": part.source.location(local.start)._asdict(),
        "end_location": part.source.location(local.end)._asdict(),
    }


def _placed(source: Source, span: Span) -> dict[str, Any]:
    """Return the extent of `span`, and in a notebook its cell, which may be another one than the finding's."""
    number = source.part(span.start).number
    return _extent(source, span) if number is None else {"cell": number, **_extent(source, span)}
