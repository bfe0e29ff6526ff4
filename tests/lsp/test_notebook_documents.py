"""Whatever is done to a notebook, the server's document is what the editor shows."""

import random
import re

import pytest
from lsprotocol import types

from ml_architect.lsp.notebooks import NotebookDocuments

URI = "file:///project/a%20b.ipynb"
LANGUAGES = ("python", "python", "python", "r", "markdown")
TEXTS = (
    "x = 1",
    "!ls 'it",
    "%%bash\nls",
    "",
    "a\nb\n",
    "é😀 = 2",
    "s = '''",
    "if x:",
    "\f\u2028",
    "y = !ls\r\nz",
    ">>> a",
)


class Person:
    """Makes random changes in a notebook, and keeps it as a plain list of cells: slowly, but by the letter."""

    def __init__(self, seed, documents):
        self.chance = random.Random(seed)
        self.documents = documents
        self.version = 1
        self.made = 0
        self.cells = []
        for _ in range(3):
            self.cells.append(self.fresh())
        documents.put_notebook_document(
            types.DidOpenNotebookDocumentParams(
                types.NotebookDocument(URI, "jupyter-notebook", 1, [self.described(cell) for cell in self.cells]),
                [self.item(cell) for cell in self.cells],
            )
        )

    def fresh(self):
        self.made += 1
        kind = self.chance.choice((1, 2, 2, 2, 2))
        language = self.chance.choice(LANGUAGES) if kind == 2 else "markdown"
        text = self.chance.choice(TEXTS)
        return {"uri": f"cell:{self.made}%20", "kind": kind, "language": language, "text": text, "version": 1}

    def described(self, cell):
        return types.NotebookCell(types.NotebookCellKind(cell["kind"]), cell["uri"])

    def item(self, cell):
        return types.TextDocumentItem(cell["uri"], cell["language"], cell["version"], cell["text"])

    def change(self):
        """Do one thing, and tell the server in the form that editors use."""
        actions = [self.insert, self.delete, self.move, self.swap_language, self.type, self.redescribe, self.replace]
        changes = self.chance.choice(actions if self.cells else [self.insert])()
        self.version += 1
        self.documents.update_notebook_document(
            types.DidChangeNotebookDocumentParams(
                types.VersionedNotebookDocumentIdentifier(self.version, URI),
                types.NotebookDocumentChangeEvent(cells=changes),
            )
        )

    def structure(self, start, count, cells, opened=(), closed=()):
        array = types.NotebookCellArrayChange(start, count, [self.described(cell) for cell in cells])
        return types.NotebookDocumentCellChanges(
            structure=types.NotebookDocumentCellChangeStructure(
                array,
                did_open=[self.item(cell) for cell in opened],
                did_close=[types.TextDocumentIdentifier(cell["uri"]) for cell in closed],
            )
        )

    def insert(self):
        place = self.chance.randint(0, len(self.cells))
        cells = [self.fresh() for _ in range(self.chance.randint(1, 3))]
        self.cells[place:place] = cells
        return self.structure(place, 0, cells, opened=cells)

    def delete(self):
        place = self.chance.randrange(len(self.cells))
        stop = place + self.chance.randint(1, 3 if len(self.cells) > 8 else 1)
        gone = self.cells[place:stop]
        del self.cells[place:stop]
        return self.structure(place, len(gone), [], closed=gone)

    def move(self):
        """Move one cell: the editor sends the stretch between its two places, with no cell opened or closed."""
        old, new = (self.chance.randrange(len(self.cells)) for _ in "ab")
        self.cells.insert(new, self.cells.pop(old))
        start, stop = min(old, new), max(old, new) + 1
        return self.structure(start, stop - start, self.cells[start:stop])

    def swap_language(self):
        """Change a language: the cell is closed and opened again in its place."""
        place = self.chance.randrange(len(self.cells))
        cell = self.cells[place]
        cell.update(language=self.chance.choice(LANGUAGES), version=cell["version"] + 1)
        return self.structure(place, 1, [cell], opened=[cell], closed=[cell])

    def replace(self):
        """Put a new cell in the place of one, and type in another one, all at once."""
        place = self.chance.randrange(len(self.cells))
        old, new = self.cells[place], self.fresh()
        self.cells[place] = new
        changes = self.structure(place, 1, [new], opened=[new], closed=[old])
        changes.text_content = self.type().text_content
        return changes

    def type(self):
        cell = self.chance.choice(self.cells)
        at = self.chance.randint(0, len(cell["text"]))
        at -= cell["text"][max(0, at - 1) : at + 1] == "\r\n"  # no editor has a place inside a line ending
        new = self.chance.choice(("a", "\n", "!x\n", "'''", "😀", "%%time\n", "(", ""))
        place = position(cell["text"], at)
        cell["text"] = cell["text"][:at] + new + cell["text"][at:]
        cell["version"] += 1
        edit = types.TextDocumentContentChangePartial(types.Range(place, place), new)
        identifier = types.VersionedTextDocumentIdentifier(cell["version"], cell["uri"])
        return types.NotebookDocumentCellChanges(
            text_content=[types.NotebookDocumentCellContentChanges(identifier, [edit])]
        )

    def redescribe(self):
        cell = self.chance.choice(self.cells)
        cell["kind"] = self.chance.choice((1, 2, 2))
        return types.NotebookDocumentCellChanges(data=[self.described(cell)])

    def expected(self):
        return [cell for cell in self.cells if cell["kind"] == 2 and cell["language"] == "python"]


def position(text, offset):
    lines = re.split(r"\r\n|\r|\n", text[:offset])
    return types.Position(len(lines) - 1, len(lines[-1]))


@pytest.mark.parametrize("seed", [1, 2])
def test_random_changes_keep_the_notebook_in_step(seed, fuzz_rounds):
    documents = NotebookDocuments((), None, "utf-32")
    person = Person(seed, documents)
    for round_ in range(fuzz_rounds):
        person.change()
        snapshot = documents.snapshot(URI)
        expected = person.expected()
        assert snapshot.version == person.version
        assert [(cell.uri, cell.version) for cell in snapshot.cells] == [
            (cell["uri"], cell["version"]) for cell in expected
        ], round_
        texts = [part.source.text for part in snapshot.source.parts] if expected else []
        assert texts == [cell["text"] for cell in expected], round_
        assert len(snapshot.source.text) == len(snapshot.source.written)
        assert set(documents.uris) == {URI}
        for cell, part in zip(expected, snapshot.source.parts, strict=False):
            assert snapshot.start_of(cell["uri"]) == part.start
            assert snapshot.document_at(part.start).uri == cell["uri"]
        assert documents.snapshot(URI) is snapshot


def test_a_cell_is_found_however_its_uri_is_written():
    documents = NotebookDocuments((), None, "utf-16")
    person = Person(1, documents)
    cell = person.cells[0]["uri"]
    assert documents.owner(cell.replace("%20", " ")) == documents.owner(cell) == URI
    assert documents.snapshot(cell) is None
    assert documents.owner("file:///else.py") == "file:///else.py"
    assert str(documents.snapshot(URI.replace("%20", " ")).source.path) == "/project/a b.ipynb"


def test_closing_forgets_all_cells_even_those_that_the_editor_does_not_name():
    documents = NotebookDocuments((), None, "utf-16")
    person = Person(1, documents)
    documents.remove_notebook_document(types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(URI), []))
    assert documents.snapshot(URI) is None
    assert documents.uris == ()
    assert documents.find(person.cells[0]["uri"]) is None
