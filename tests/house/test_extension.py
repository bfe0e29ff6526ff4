"""What the VS Code extension promises about itself; what it does is tested in a real VS Code."""

import json
import re
from pathlib import Path

from ml_architect import __version__

CLIENT = Path(__file__).parents[2] / "vscode-client"
MANIFEST = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
FILES = 10
FILE_LINES = 250


def test_it_is_small() -> None:
    sizes = {path.name: path.read_text(encoding="utf-8").count("\n") for path in (CLIENT / "src").iterdir()}
    assert 0 < len(sizes) <= FILES
    assert {name: size for name, size in sizes.items() if size > FILE_LINES} == {}


def test_it_has_the_version_of_the_server_that_it_brings() -> None:
    lock = json.loads((CLIENT / "package-lock.json").read_text(encoding="utf-8"))
    assert MANIFEST["version"] == lock["version"] == __version__


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (CLIENT / "package-lock.json").read_text(encoding="utf-8")


def test_the_oldest_vs_code_is_the_one_that_it_is_compiled_for() -> None:
    assert MANIFEST["engines"]["vscode"] == f"^{MANIFEST['devDependencies']['@types/vscode']}"


def test_no_workspace_can_choose_a_model_or_where_code_is_sent() -> None:
    settings = MANIFEST["contributes"]["configuration"]["properties"]
    scopes = {name: value["scope"] for name, value in settings.items() if name.startswith("ml-architect.architect.")}
    assert set(scopes.values()) == {"application"}
    assert len(scopes) == 3


def test_settings_that_name_programs_are_restricted_without_trust() -> None:
    settings = MANIFEST["contributes"]["configuration"]["properties"]
    overridable = {name for name, value in settings.items() if value["scope"] == "machine-overridable"}
    assert set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]) == overridable


def test_every_setting_is_described() -> None:
    settings = MANIFEST["contributes"]["configuration"]["properties"]
    assert all(value["markdownDescription"] and value["scope"] for value in settings.values())
    for value in settings.values():
        if "markdownEnumDescriptions" in value:
            assert len(value["markdownEnumDescriptions"]) == len(value["enum"])


def test_commands_that_are_linked_exist() -> None:
    text = (CLIENT / "package.json").read_text(encoding="utf-8")
    linked = set(re.findall(r"command:(ml-architect\.\w+)", text))
    assert linked
    assert linked <= {command["command"] for command in MANIFEST["contributes"]["commands"]}
