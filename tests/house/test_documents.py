"""What our own pages say has to be there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "server/ARCHITECTURE.md")
LINK = re.compile(r"\]\(([^)#][^)]*)\)")
TEST = re.compile(r"`(tests/[\w/.]+)`")
ROOM = re.compile(r"`(\w+)/`")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in LINK.findall(text) if not target.startswith("http")]
    missing = [target for target in targets if not (ROOT / page).parent.joinpath(target.partition("#")[0]).exists()]
    assert targets or page != "README.md"
    assert missing == []


def test_every_test_named_in_the_architecture_exists() -> None:
    text = (ROOT / "server/ARCHITECTURE.md").read_text(encoding="utf-8")
    named = set(TEST.findall(text))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_room_is_described() -> None:
    text = (ROOT / "server/ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.name for path in (ROOT / "server/ml_architect").iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(ROOM.findall(text))


def test_commands_of_the_readme_are_jobs() -> None:
    script = (ROOT / "server/dev.py").read_text(encoding="utf-8")
    jobs = set(re.findall(r"python3 server/dev\.py (\w+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"try", "test"} <= jobs
    assert all(f'"{job}": job_{job}' in script for job in jobs)


def test_ci_calls_exactly_the_test_command_of_the_readme() -> None:
    commands = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert "python3 server/dev.py test" in commands
