from pathlib import Path

import pytest
from lsprotocol import types

from ml_architect.lsp.convert import diagnostic, position, range_of, workspace_edit
from ml_architect.lsp.profile import ClientProfile
from ml_architect.lsp.report import Finding
from ml_architect.lsp.snapshot import Snapshot
from ml_architect.text import Edit, Source, Span

TEXT = "é = '😀'\r\nx = 1\rlast"
FINDING = Finding(
    code="bad-word",
    message="this is bad",
    severity="info",
    span=Span(5, 6),
    related=((Span(9, 10), "assigned here"),),
    stale=False,
    safety=None,
    declinable=True,
    tags=("unnecessary", "deprecated"),
    fingerprint="0f",
    url="file:///bad-word.md",
)
EVERYTHING = ClientProfile(
    related_places=True,
    tags=frozenset(types.DiagnosticTag),
    code_links=True,
    diagnostic_data=True,
    document_changes=True,
)


@pytest.fixture
def snapshot():
    return Snapshot("file:///a.py", 1, 7, Source(TEXT, Path("/a.py"), 7), is_python=True)


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 10), ("utf-16", 7), ("utf-32", 6)])
def test_positions_count_units(encoding, character):
    source = Source(TEXT)
    assert position(source, 6, encoding) == types.Position(0, character)
    assert position(source, 8, encoding) == position(source, 7, encoding)  # inside the line ending
    assert position(source, 9, encoding) == types.Position(1, 0)
    assert position(source, len(TEXT), encoding) == types.Position(2, 4)


def test_a_range_may_be_empty():
    place = types.Position(1, 1)
    assert range_of(Source(TEXT), Span(10, 10), "utf-16") == types.Range(place, place)


def test_an_editor_that_shows_everything_gets_everything(snapshot):
    found = diagnostic(FINDING, snapshot, EVERYTHING)
    assert (found.message, found.severity) == ("this is bad", types.DiagnosticSeverity.Information)
    assert found.code_description.href == "file:///bad-word.md"
    assert set(found.tags) == set(types.DiagnosticTag)
    assert found.data == {"finding": "0f"}
    (related,) = found.related_information
    assert (related.message, related.location.uri, related.location.range.start.line) == (
        "assigned here",
        "file:///a.py",
        1,
    )


def test_an_editor_that_shows_little_gets_the_places_as_text(snapshot):
    found = diagnostic(FINDING, snapshot, ClientProfile())
    assert found.message == "this is bad\nline 2: assigned here"
    assert (found.tags, found.data, found.code_description, found.related_information) == (None, None, None, None)


def test_edits_name_the_version_where_the_editor_looks_at_it(snapshot):
    edits = (Edit(Span(9, 10), "y"),)
    versioned = workspace_edit(edits, snapshot, EVERYTHING)
    (change,) = versioned.document_changes
    assert (versioned.changes, change.text_document.version) == (None, 7)
    plain = workspace_edit(edits, snapshot, ClientProfile())
    assert plain.document_changes is None
    assert plain.changes == {"file:///a.py": change.edits}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_is_appended_is_put_before_the_last_line_break(end):
    text = f"x = 1{end}y = 2{end}"
    snapshot = Snapshot("file:///a.py", 1, 7, Source(text, Path("/a.py"), 7), is_python=True)
    edits = (Edit(Span(0, 1), "z"), Edit(Span(len(text), len(text)), f"y = 3{end}"))
    first, last = workspace_edit(edits, snapshot, ClientProfile()).changes["file:///a.py"]
    assert first.new_text == "z"
    assert (last.range.start, last.range.end) == (types.Position(1, 5), types.Position(1, 5))
    assert last.new_text == f"{end}y = 3"


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("x = 1", (Edit(Span(5, 5), "\ny = 2\n"),)),
        ("x = 1\n", (Edit(Span(6, 6), "y = 2"),)),
        ("x = 1\n", (Edit(Span(5, 6), "\n\n"), Edit(Span(6, 6), "y = 2\n"))),
    ],
)
def test_other_edits_stay_where_they_are(text, edits):
    snapshot = Snapshot("file:///a.py", 1, 7, Source(text, Path("/a.py"), 7), is_python=True)
    changes = workspace_edit(edits, snapshot, ClientProfile()).changes["file:///a.py"]
    assert [change.new_text for change in changes] == [edit.replacement for edit in edits]
    assert [change.range for change in changes] == [range_of(snapshot.source, edit.span, "utf-16") for edit in edits]
