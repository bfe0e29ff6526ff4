"""What the command line and the real server say of the same files, in one form, so that it can be compared."""

import io
import json
import subprocess
import sys
import tokenize

SEVERITIES = {1: "error", 2: "warning", 3: "info", 4: "hint"}
CAPABILITIES = {
    "notebookDocument": {"synchronization": {}},
    "general": {"positionEncodings": ["utf-32"]},
    "textDocument": {"publishDiagnostics": {"relatedInformation": True}},
}
PYTHONS = {"python", "ipython"}
FILE_CODES = {"undecodable-file", "unreadable-file"}
"""What the command line says of a file that has no text; no editor can open it."""


def from_command_line(folder, *paths):
    """Return all findings below `paths`, by default below `folder`."""
    command = [sys.executable, "-m", "ml_architect", "check", "--output-format", "json", *map(str, paths or (".",))]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {
        (
            shown(item),
            item["code"],
            item["message"],
            item["severity"],
            (item["location"]["row"], item["location"]["column"]),
            (item["end_location"]["row"], item["end_location"]["column"]),
        )
        for item in json.loads(done.stdout)
        if item["code"] not in FILE_CODES
    }


def shown(item):
    return item["filename"] if item["cell"] is None else f"{item['filename']}#{item['cell']}"


def from_server(client, paths):
    """Return all findings in `paths` once the started `client` has opened them, each as an editor does."""
    found = set()
    for number, path in enumerate(paths):
        if path.suffix == ".ipynb":
            found |= _of_notebook(client, path, number)
        else:
            uri = client.open(text_of(path), path.as_uri())
            found |= {told(str(path), item) for item in client.published(uri, 1)}
            client.notify("textDocument/didClose", textDocument={"uri": uri})
        client.received.clear()  # else each wait would look through all that was ever said
    return found


def text_of(path):
    """Return the text of a Python file in its own encoding, without a byte order mark, line ends as they are."""
    data = path.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def _of_notebook(client, path, number):
    notebook = json.loads(path.read_text(encoding="utf-8-sig"))
    language = _language(notebook.get("metadata", {}))
    cells, documents = [], []
    for place, cell in enumerate(notebook["cells"], start=1):
        uri = f"cell:{number}/{place}"
        is_code = cell["cell_type"] == "code"
        cells.append({"kind": 2 if is_code else 1, "document": uri})
        source = cell.get("source", "")
        text = source if isinstance(source, str) else "".join(source)
        kind = language if is_code else "markdown"
        documents.append({"uri": uri, "languageId": kind, "version": 1, "text": text})
    uri = path.as_uri()
    document = {"uri": uri, "version": 1, "notebookType": "jupyter-notebook", "cells": cells}
    client.notify("notebookDocument/didOpen", notebookDocument=document, cellTextDocuments=documents)
    found = set()
    for place, item in enumerate(documents, start=1):
        if item["languageId"] == "python":
            found |= {told(f"{path}#{place}", entry) for entry in client.published(item["uri"], 1)}
    named = [{"uri": item["uri"]} for item in documents]
    client.notify("notebookDocument/didClose", notebookDocument={"uri": uri}, cellTextDocuments=named)
    return found


def _language(metadata):
    """Return the language of a notebook's code as an editor says it."""
    said = metadata.get("language_info", {}).get("name") or metadata.get("kernelspec", {}).get("language") or "python"
    return "python" if said.lower() in PYTHONS else said.lower()


def told(name, item):
    """Return a diagnostic of the protocol in the form of the command line, which counts from 1."""
    start, end = ((item["range"][side]["line"] + 1, item["range"][side]["character"] + 1) for side in ("start", "end"))
    return name, item["code"], item["message"], SEVERITIES[item["severity"]], start, end
