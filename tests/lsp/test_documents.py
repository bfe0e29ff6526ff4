import pytest
from lsprotocol import types

from ml_architect.lsp.documents import Document, Documents, Place, path_of
from ml_architect.text.lines import split_lines


def document(text, encoding="utf-16"):
    return Document(types.TextDocumentItem("file:///a.py", "python", 1, text), encoding)


def change(start, end, text):
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a\n", ""]),
        ("a\r\nb\rc\n\n", ["a\r\n", "b\r", "c\n", "\n", ""]),
        ("a\fb\u2028c\u0085d\ve\x1cf\n", ["a\fb\u2028c\u0085d\ve\x1cf\n", ""]),
        ("\r\r\n\r", ["\r", "\r\n", "\r", ""]),
    ],
)
def test_only_three_line_endings_count(text, lines):
    assert split_lines(text) == lines


def test_an_edit_below_a_form_feed_hits_its_line():
    text = document("a=1\n\fb=2\nc=3\n")
    text.apply_change(change((1, 1), (1, 2), "x"))
    text.apply_change(change((2, 0), (2, 1), "y"))
    assert text.source == "a=1\n\fx=2\ny=3\n"


def test_an_edit_below_a_line_separator_hits_its_line():
    text = document('s = "\u2028"\nb = 1\n')
    text.apply_change(change((1, 4), (1, 5), "2"))
    assert text.source == 's = "\u2028"\nb = 2\n'


@pytest.mark.parametrize(
    ("position", "place"),
    [((0, 99), (0, 2)), ((1, 99), (1, 3)), ((9, 0), (1, 3)), ((0, 2), (0, 2)), ((1, 3), (1, 3))],
)
def test_a_position_past_an_end_is_that_end(position, place):
    asked = types.Position(*position)
    assert document("ab\r\ncde").place(asked) == Place(*place)
    assert (asked.line, asked.character) == position  # and the caller keeps its own


def test_a_position_inside_a_character_is_its_start():
    assert document("a😀b").place(types.Position(0, 2)) == Place(0, 1)
    assert document("aéb", "utf-8").place(types.Position(0, 2)) == Place(0, 1)


def test_a_carriage_return_and_a_line_feed_meet_and_part():
    text = document("a\rb\n")
    text.apply_change(change((0, 1), (1, 1), "\r"))
    assert (text.source, list(text.lines)) == ("a\r\n", ["a\r\n", ""])
    text.apply_change(change((0, 1), (1, 0), "\rx\n"))
    assert list(text.lines) == ["a\r", "x\n", ""]


def test_a_range_the_wrong_way_round_is_the_same_range():
    text = document("abcdef")
    text.apply_change(change((0, 4), (0, 2), "-"))
    assert text.source == "ab-ef"


def test_half_a_surrogate_pair_does_not_shift_anything():
    text = document('a = "\ud83d" # b\n')
    text.apply_change(change((0, 8), (0, 9), "#"))
    assert text.source == 'a = "\ufffd" # b\n'
    text.source.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_random_edits_keep_the_text_in_step(encoding, typist, fuzz_rounds):
    someone = typist(encoding)
    text = document(someone.text, encoding)
    for round_ in range(fuzz_rounds):
        start, end, new = someone.edit()
        text.apply_change(change(start, end, new))
        assert text.source == someone.text, round_
        assert list(text.lines) == split_lines(someone.text), round_
        line, units = someone.position()
        assert text.offset(text.place(types.Position(line, units))) == someone.offset(line, units)


def test_documents_are_found_however_their_uri_is_written():
    documents = Documents((), None, "utf-16")
    documents.put_text_document(types.TextDocumentItem("file:///a%20b.py", "python", 3, "x"))
    snapshot = documents.snapshot("file:///a b.py")
    assert (snapshot.uri, snapshot.version, str(snapshot.source.path)) == ("file:///a%20b.py", 3, "/a b.py")
    assert documents.snapshot("file:///a%20b.py") is snapshot
    documents.remove_text_document("file:///a b.py")
    assert documents.snapshot("file:///a%20b.py") is None


def test_a_change_makes_a_new_snapshot_and_leaves_the_old_one():
    documents = Documents((), None, "utf-16")
    documents.put_text_document(types.TextDocumentItem("untitled:x", "python", 1, "a"))
    before = documents.snapshot("untitled:x")
    documents.update_text_document(types.VersionedTextDocumentIdentifier(2, "untitled:x"), change((0, 0), (0, 0), "b"))
    after = documents.snapshot("untitled:x")
    assert (before.source.text, after.source.text, after.version) == ("a", "ba", 2)
    assert before.serial != after.serial


def test_an_untitled_document_has_no_path():
    assert path_of("untitled:Untitled-1") is None
