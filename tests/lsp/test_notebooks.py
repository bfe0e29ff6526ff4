"""Notebooks over the wire: cells are analysed together, and each hears of its own findings."""

import random

import pytest

CODE = "parameters-not-called"
SHUFFLE = "dataloader-sampler-shuffle-conflict"
IMPORTS = "import torch\nmodel = torch.nn.Linear(4, 2)"
BAD = "optimizer = torch.optim.SGD(model.parameters, lr=0.1)"
GOOD = BAD.replace("parameters", "parameters()")
LITERALS = {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "source"]}}}
NOTEBOOKS = {"notebookDocument": {"synchronization": {}}}
EDITS = {"workspace": {"workspaceEdit": {"documentChanges": True}}}
WITH_ACTIONS = {**NOTEBOOKS, **EDITS, "textDocument": {"codeAction": LITERALS}}
PULLS = {
    **NOTEBOOKS,
    "textDocument": {"diagnostic": {}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
PUBLISH = "textDocument/publishDiagnostics"


class Editor:
    """An editor with one notebook open; cells are named by letters."""

    def __init__(self, client, *texts, name="train.ipynb", capabilities=NOTEBOOKS):
        self.client = client
        self.offered = client.start(capabilities)
        self.uri = (client.folder / name).as_uri()
        self.version = 1
        self.order = [chr(ord("a") + index) for index in range(len(texts))]
        documents = [self.item(letter, text) for letter, text in zip(self.order, texts, strict=True)]
        client.notify(
            "notebookDocument/didOpen",
            notebookDocument={**self.identifier, "notebookType": "jupyter-notebook", "cells": self.cells(self.order)},
            cellTextDocuments=documents,
        )

    def cell(self, letter):
        return self.uri.replace("file:", "vscode-notebook-cell:") + f"#{letter}"

    def item(self, letter, text, language="python", version=1):
        return {"uri": self.cell(letter), "languageId": language, "version": version, "text": text}

    def cells(self, letters, kind=2):
        return [{"kind": kind, "document": self.cell(letter)} for letter in letters]

    @property
    def identifier(self):
        return {"uri": self.uri, "version": self.version}

    def change(self, **cells):
        self.version += 1
        self.client.notify(
            "notebookDocument/didChange", notebookDocument=self.identifier, change={"cells": cells} if cells else {}
        )

    def type(self, letter, version, text):
        document = {"uri": self.cell(letter), "version": version}
        self.change(textContent=[{"document": document, "changes": [{"text": text}]}])

    def restructure(self, start, count, letters=(), opened=(), closed=()):
        self.change(
            structure={
                "array": {"start": start, "deleteCount": count, "cells": self.cells(letters)},
                "didOpen": list(opened),
                "didClose": [{"uri": self.cell(letter)} for letter in closed],
            }
        )

    def marks(self, letter, version=1):
        return self.client.published(self.cell(letter), version)

    def last(self, letter):
        """Return the codes that are shown in a cell now."""
        shown = [params for params in self.client.all_of(PUBLISH) if params["uri"] == self.cell(letter)]
        return [item["code"] for item in shown[-1]["diagnostics"]] if shown else None

    def settle(self):
        """Wait until all that was sent is worked off: a hover in a fresh cell comes behind the analysis."""
        self.client.result("textDocument/hover", **self.place(self.order[0], 0, 0))

    def place(self, letter, line, character):
        return {"textDocument": {"uri": self.cell(letter)}, "position": {"line": line, "character": character}}

    def actions(self, letter, start=(0, 0), end=(99, 0), **context):
        places = {
            side: {"line": line, "character": character}
            for side, (line, character) in zip(("start", "end"), (start, end), strict=True)
        }
        return self.client.result(
            "textDocument/codeAction",
            textDocument={"uri": self.cell(letter)},
            range=places,
            context={"diagnostics": [], **context},
        )


def codes(diagnostics):
    return [item["code"] for item in diagnostics]


def edits_of(action):
    return {
        (change["textDocument"]["uri"].rpartition("#")[2], change["textDocument"]["version"]): [
            (edit["range"]["start"]["line"], edit["range"]["start"]["character"], edit["newText"])
            for edit in change["edits"]
        ]
        for change in action["edit"]["documentChanges"]
    }


def test_every_notebook_with_python_cells_is_wanted(client):
    editor = Editor(client, IMPORTS)
    assert editor.offered["notebookDocumentSync"] == {
        "notebookSelector": [{"notebook": "*", "cells": [{"language": "python"}]}],
        "save": True,
    }
    assert "notebook.source.fixAll.ml-architect" in editor.offered["codeActionProvider"]["codeActionKinds"]


def test_a_client_without_notebooks_is_offered_none(client):
    assert "notebookDocumentSync" not in client.start({})


def test_cells_are_analysed_together_and_each_hears_of_its_own(client):
    editor = Editor(client, IMPORTS, "%matplotlib inline\n!ls 'it", f"# 😀\n{BAD}")
    assert editor.marks("a") == editor.marks("b") == []
    (mark,) = editor.marks("c")
    assert (mark["code"], mark["range"]["start"]) == (CODE, {"line": 1, "character": 28})


def test_a_broken_cell_costs_only_itself(client):
    editor = Editor(client, IMPORTS, 'x = foo(\ntext = """', BAD)
    assert set(codes(editor.marks("b"))) == {"syntax-error"}
    assert codes(editor.marks("c")) == [CODE]


def test_an_edit_in_one_cell_changes_what_is_said_about_another(client):
    editor = Editor(client, IMPORTS, BAD)
    assert codes(editor.marks("b")) == [CODE]
    editor.type("a", 2, "import torch\nmodel = open('x')")
    editor.settle()
    assert editor.last("b") == []


def test_moved_cells_are_read_in_their_new_order(client):
    editor = Editor(client, IMPORTS, "model = open('x')", BAD)
    assert editor.marks("c") == []
    editor.restructure(0, 2, "ba")
    editor.settle()
    assert editor.last("c") == [CODE]


def test_a_removed_cell_is_wiped_at_once(client):
    editor = Editor(client, IMPORTS, BAD)
    assert codes(editor.marks("b")) == [CODE]
    editor.restructure(1, 1, closed="b")
    client.wait(
        lambda message: (
            message.get("method") == PUBLISH and message["params"] == {"uri": editor.cell("b"), "diagnostics": []}
        )
    )


def test_a_cell_that_changes_its_language_loses_its_marks_and_gets_them_back(client):
    editor = Editor(client, IMPORTS, BAD)
    assert codes(editor.marks("b")) == [CODE]
    editor.restructure(1, 1, "b", [editor.item("b", BAD, "r", 2)], "b")
    client.wait(lambda message: message.get("method") == PUBLISH and editor.last("b") == [])
    editor.restructure(1, 1, "b", [editor.item("b", BAD, version=3)], "b")
    assert codes(editor.marks("b", 3)) == [CODE]


def test_a_cell_that_becomes_text_counts_no_longer(client):
    editor = Editor(client, IMPORTS, BAD)
    assert codes(editor.marks("b")) == [CODE]
    editor.change(data=editor.cells("b", kind=1))
    editor.settle()
    assert editor.last("b") == []


def test_closing_wipes_all_cells(client):
    editor = Editor(client, IMPORTS, BAD)
    assert codes(editor.marks("b")) == [CODE]
    client.notify(
        "notebookDocument/didClose",
        notebookDocument={"uri": editor.uri},
        cellTextDocuments=[{"uri": editor.cell(letter)} for letter in "ab"],
    )
    client.wait(lambda message: message.get("method") == PUBLISH and editor.last("b") == [])
    assert client.result("textDocument/hover", **editor.place("b", 0, 30)) is None


def test_saving_reads_the_settings_again(client):
    editor = Editor(client, IMPORTS, BAD)
    assert codes(editor.marks("b")) == [CODE]
    (client.folder / "pyproject.toml").write_text(f'[tool.ml-architect]\nignore = ["{CODE}"]\n')
    client.notify("notebookDocument/didSave", notebookDocument={"uri": editor.uri})
    client.wait(lambda message: message.get("method") == PUBLISH and editor.last("b") == [])


@pytest.mark.parametrize("method", ["didChange", "didSave", "didClose"])
def test_an_unknown_notebook_is_no_reason_to_stop(client, method):
    editor = Editor(client, IMPORTS, BAD)
    unknown = {"uri": "file:///nowhere.ipynb", "version": 3}
    more = {"didChange": {"change": {"cells": {"structure": {"array": {"start": 0, "deleteCount": 1}}}}}}
    more["didClose"] = {"cellTextDocuments": []}
    client.notify(f"notebookDocument/{method}", notebookDocument=unknown, **more.get(method, {}))
    assert codes(editor.marks("b")) == [CODE]
    assert client.all_of("window/showMessage") == []
    assert client.stop() == 0


def test_findings_are_pushed_to_who_pulls_and_a_pull_of_a_cell_is_empty(client):
    editor = Editor(client, IMPORTS, BAD, capabilities=PULLS)
    assert codes(editor.marks("b")) == [CODE]
    report = client.result("textDocument/diagnostic", textDocument={"uri": editor.cell("b")})
    assert (report["kind"], report["items"]) == ("full", [])


def test_hover_in_a_cell(client):
    editor = Editor(client, IMPORTS, f"x = 1\n{BAD}")
    hover = client.result("textDocument/hover", **editor.place("b", 1, 35))
    assert CODE in hover["contents"]["value"]
    assert hover["range"]["start"] == {"line": 1, "character": 28}
    assert client.result("textDocument/hover", **editor.place("a", 1, 1)) is None


def test_a_quick_fix_names_the_cell_and_its_version(client):
    editor = Editor(client, IMPORTS, "x = 1", capabilities=WITH_ACTIONS)
    editor.type("b", 7, f"!ls\n{BAD}")
    fix = next(action for action in editor.actions("b", only=["quickfix"]) if action.get("isPreferred", True))
    assert edits_of(fix) == {("b", 7): [(1, 44, "()")]}
    titles = [action["title"] for action in editor.actions("b")]
    assert any("ignore parameters-not-called here" in title for title in titles)
    assert not any("architect" in title.removeprefix("ml-architect") for title in titles)


def test_a_comment_that_declines_stays_in_the_cell(client):
    editor = Editor(client, IMPORTS, BAD, "%%bash\nls", capabilities=WITH_ACTIONS)
    suppress = next(action for action in editor.actions("b") if "ignore" in action["title"])
    (change,) = suppress["edit"]["documentChanges"]
    assert change["textDocument"] == {"uri": editor.cell("b"), "version": 1}
    assert change["edits"][0]["range"]["start"] == {"line": 0, "character": len(BAD)}


def test_fixing_one_rule_everywhere_edits_each_cell(client):
    editor = Editor(client, IMPORTS, BAD, BAD.replace("optimizer", "second"), capabilities=WITH_ACTIONS)
    whole = next(action for action in editor.actions("b") if "fix all parameters" in action["title"])
    assert "in this notebook" in whole["title"]
    assert edits_of(whole) == {("b", 1): [(0, 44, "()")], ("c", 1): [(0, 41, "()")]}


def test_fixing_all_is_for_notebooks_and_refused_in_a_cell(client):
    editor = Editor(client, IMPORTS, BAD, BAD.replace("optimizer", "second"), capabilities=WITH_ACTIONS)
    assert editor.actions("b", only=["source.fixAll.ml-architect"]) == []
    assert editor.actions("b", only=["source.fixAll"]) == []
    (everything,) = editor.actions("a", only=["notebook.source.fixAll.ml-architect"])
    assert everything["kind"] == "notebook.source.fixAll.ml-architect"
    assert {cell for cell, _ in edits_of(everything)} == {"b", "c"}


def test_related_places_name_their_cell(client):
    related = {"publishDiagnostics": {"relatedInformation": True}}
    loop = "for x, y in batches:\n    loss = (model(x) - y).sum()\n    loss.backward()\n    optimizer.step()"
    editor = Editor(client, IMPORTS, GOOD, loop, capabilities={**NOTEBOOKS, "textDocument": related})
    (mark,) = editor.marks("c")
    assert mark["code"] == "missing-zero-grad"
    assert {place["location"]["uri"] for place in mark["relatedInformation"]} <= {editor.cell("b"), editor.cell("c")}


def test_a_document_beside_the_notebook_is_not_disturbed(client):
    editor = Editor(client, IMPORTS, BAD)
    uri = client.open(f"{IMPORTS}\n{BAD}\n", "plain.py")
    assert codes(client.published(uri, 1)) == codes(editor.marks("b")) == [CODE]


def test_after_many_changes_the_marks_are_those_of_a_notebook_opened_as_it_is_now(client_for, fuzz_rounds):
    chance = random.Random(7)
    texts = [
        IMPORTS,
        BAD,
        GOOD,
        "model = open('x')",
        "x = foo(",
        "!ls 'it",
        "%%bash\nls",
        "s = '''",
        f"%time x = 1\n{BAD}",
    ]
    editor = Editor(client_for(), IMPORTS, BAD)
    cells = {"a": ["python", 1, IMPORTS], "b": ["python", 1, BAD]}
    order = editor.order
    letters = iter("cdefghijklmnopqrstuvwxyz" + "".join(map(chr, range(0x4E00, 0x4E00 + fuzz_rounds))))
    for _ in range(min(fuzz_rounds, 300)):
        action, place = chance.choice("tttimdl"), chance.randrange(len(order))
        letter = order[place]
        if action == "t":
            cells[letter][1:] = [cells[letter][1] + 1, chance.choice(texts)]
            editor.type(letter, *cells[letter][1:])
        elif action == "i":
            fresh = next(letters)
            cells[fresh] = ["python", 1, chance.choice(texts)]
            order.insert(place, fresh)
            editor.restructure(place, 0, fresh, [editor.item(fresh, cells[fresh][2])])
        elif action == "m":
            order.append(order.pop(place))
            editor.restructure(place, len(order) - place, order[place:])
        elif action == "d" and len(order) > 2:
            del order[place]
            editor.restructure(place, 1, closed=letter)
        elif action == "l":
            language = chance.choice(("python", "r"))
            cells[letter][:2] = [language, cells[letter][1] + 1]
            editor.restructure(
                place, 1, letter, [editor.item(letter, cells[letter][2], language, cells[letter][1])], letter
            )
    python = [letter for letter in order if cells[letter][0] == "python"]
    editor.client.result("textDocument/hover", **editor.place(python[0], 0, 0))
    again = Editor(client_for(), *(cells[letter][2] for letter in python), name="again.ipynb")
    expected = [codes(again.marks(letter)) for letter in again.order]
    assert [editor.last(letter) for letter in python] == expected
    assert any(expected)
    assert not any(editor.last(letter) for letter in cells if letter not in python)
