"""Versions come from the files around a document."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.engine import Settings
from ml_architect.project import environment_for
from ml_architect.project.declarations import DECLARATIONS, requirements
from ml_architect.project.lockfiles import LOCK_FILES
from ml_architect.project.requirement import declared, merged, poetry_specifier, target_specifier


@pytest.fixture(autouse=True)
def outside(monkeypatch, tmp_path):
    """Let no environment of this machine shine through."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    (tmp_path / ".git").mkdir()


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def shown(path, settings=None):
    versions = environment_for(path, settings).versions
    return {library: version.exact or (version.minimum, version.maximum) for library, version in versions.items()}


PACKAGE = '[[package]]\nname = "{}"\nversion = "{}"\n'
LOCKS = {
    "uv.lock": "version = 1\n" + PACKAGE.format("torch", "2.4.1") + PACKAGE.format("rich", "13.0"),
    "poetry.lock": PACKAGE.format("torch", "2.4.1"),
    "pdm.lock": PACKAGE.format("Torch", "2.4.1"),
    "pylock.toml": 'lock-version = "1.0"\n[[packages]]\nname = "torch"\nversion = "2.4.1"\n[[packages]]\nname = "x"\n',
    "Pipfile.lock": '{"_meta": {}, "default": {"torch": {"version": "==2.4.1"}, "x": {"path": "."}}, "develop": {}}',
    "environment.yml": "name: x\ndependencies:\n  - python=3.11\n  - pytorch::pytorch=2.4.1=py3.11_cuda12\n",
    "environment.yaml": "dependencies:\n  - numpy\n  - pip:\n    - torch==2.4.1  # pinned\n",
}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_pin(tmp_path, name):
    write(tmp_path, {name: LOCKS[name]})
    environment = environment_for(tmp_path / "src" / "train.py")
    assert shown(tmp_path / "src" / "train.py") == {"torch": "2.4.1"}
    assert environment.versions["torch"].origin == f"torch 2.4.1 from {name}"


DECLARED = {
    "requirements.txt": "--extra-index-url https://x\n-r other.txt\ntorch>=2.2,<3  # why\nrich\n",
    "requirements-train.txt": "torch [extra] >= 2.2 , < 3 ; python_version > '3.8' \\\n  --hash=sha256:00\n",
    "requirements/base.txt": "torch>=2.2,<3\n",
    "pyproject.toml": '[project]\ndependencies = ["torch>=2.2,<3", 3]\n',
    "setup.cfg": "[options]\ninstall_requires =\n    torch>=2.2,<3\n    rich\n",
    "setup.py": "from setuptools import setup\nNEEDS = ['torch>=2.2,<3', read()]\nsetup(install_requires=NEEDS)\n",
}


@pytest.mark.parametrize("name", DECLARED)
def test_declarations_give_ranges(tmp_path, name):
    write(tmp_path, {name: DECLARED[name]})
    assert shown(tmp_path / "train.py") == {"torch": ("2.2", "3")}


def test_requirements_take_in_other_files_before_their_neighbours_count(tmp_path):
    write(
        tmp_path,
        {
            "requirements.txt": "-r requirements/base.txt\n--requirement=gone.txt\n-r /dev/zero\n",
            "requirements/base.txt": "-r ../requirements.txt\n-r more/deep.txt\ntorch>=2.1,<2.10\n",
            "requirements/more/deep.txt": "keras>=3\n",
            "requirements/a.txt": "torch==2.9.1\n",
        },
    )
    assert shown(tmp_path / "src/train.py") == {"torch": ("2.1", "2.10"), "keras": ("3", None)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[project.optional-dependencies]\ngpu = ["torch==2.4.1"]', {"torch": "2.4.1"}),
        ('[dependency-groups]\ndev = ["torch~=2.4", {include-group = "x"}]', {"torch": ("2.4", "3")}),
        ('[tool.poetry.dependencies]\ntorch = "^2.4"', {"torch": ("2.4", "3")}),
        ('[tool.poetry.dependencies]\ntorch = {version = "~2.4", optional = true}', {"torch": ("2.4", "2.5")}),
        ('[tool.poetry.group.dev.dependencies]\ntorch = ">=2.4, <2.6"', {"torch": ("2.4", "2.6")}),
        ('[tool.poetry.dependencies]\ntorch = "*"', {}),
        ('[tool.poetry.dependencies]\ntorch = "^1 || ^2"', {}),
        ("project = 3", {}),
        ("[broken", {}),
    ],
)
def test_pyproject_has_many_places_for_requirements(tmp_path, text, expected):
    write(tmp_path, {"pyproject.toml": text})
    assert shown(tmp_path / "train.py") == expected


def install(root, name, version, metadata=None):
    folder = root / "lib/python3.11/site-packages" / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    (root / "pyvenv.cfg").write_text("")
    if metadata is not None:
        (folder / "METADATA").write_text(metadata)


def test_installed_packages_are_read_from_their_metadata(tmp_path):
    install(
        tmp_path / ".venv", "torch", "2.4.1+cu121", "Metadata-Version: 2.1\nName: torch\nVersion: 2.4.1+cu121\n\nText"
    )
    install(tmp_path / ".venv", "scikit_learn", "1.5.0")
    install(tmp_path / ".venv", "rich", "13.0")
    install(tmp_path / "venv", "keras", "3.4")
    install(tmp_path / "venv", "torch", "1.0")
    environment = environment_for(tmp_path / "deep/er/train.py")
    assert shown(tmp_path / "train.py") == {"torch": "2.4.1+cu121", "scikit-learn": "1.5.0", "keras": "3.4"}
    assert environment.versions["torch"].origin == f"torch 2.4.1+cu121 installed in {tmp_path / '.venv'}"


def test_the_configured_interpreter_is_the_only_one(tmp_path):
    install(tmp_path / ".venv", "torch", "2.4")
    install(tmp_path / "elsewhere", "torch", "2.5")
    (tmp_path / "elsewhere/bin").mkdir()
    (tmp_path / "elsewhere/bin/python").symlink_to("/usr/bin/python3")
    for interpreter in ("elsewhere", "elsewhere/bin/python", str(tmp_path / "elsewhere")):
        assert shown(tmp_path / "train.py", Settings(interpreter=interpreter, root=tmp_path)) == {"torch": "2.5"}
    assert shown(tmp_path / "train.py", Settings(interpreter="gone/bin/python", root=tmp_path)) == {}


def test_the_active_environment_comes_after_the_one_beside_the_project(tmp_path, monkeypatch):
    install(tmp_path / "active", "torch", "2.3")
    install(tmp_path / "active", "keras", "3.0")
    install(tmp_path / "project/.venv", "torch", "2.4")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert shown(tmp_path / "project/train.py") == {"torch": "2.4", "keras": "3.0"}


def test_the_surest_source_decides_library_by_library(tmp_path):
    write(
        tmp_path,
        {
            "uv.lock": PACKAGE.format("torch", "2.4.1"),
            "requirements.txt": "torch==2.0\nkeras>=3\ntransformers\n",
            "pyproject.toml": '[project]\ndependencies = ["keras<4", "pandas==2.2"]',
        },
    )
    install(tmp_path / ".venv", "transformers", "5.1")
    install(tmp_path / ".venv", "keras", "3.9")
    settings = Settings(versions=(("sklearn", "1.5"),))
    assert shown(tmp_path / "train.py", settings) == {
        "scikit-learn": ("1.5", "1.6"),
        "torch": "2.4.1",
        "keras": ("3", None),
        "pandas": "2.2",
        "transformers": "5.1",
    }


def test_the_nearest_file_decides_and_the_search_ends_at_the_repository(tmp_path):
    write(tmp_path, {"uv.lock": PACKAGE.format("torch", "1.0"), "inner/uv.lock": PACKAGE.format("torch", "2.0")})
    assert shown(tmp_path / "inner/x/train.py") == {"torch": "2.0"}
    (tmp_path / "other/.git").mkdir(parents=True)
    assert shown(tmp_path / "other/train.py") == {}


def test_an_edited_file_is_read_again(tmp_path):
    write(tmp_path, {"requirements.txt": "torch==2.0"})
    assert shown(tmp_path / "a.py") == {"torch": "2.0"}
    write(tmp_path, {"requirements.txt": "torch==2.0.1"})
    assert shown(tmp_path / "a.py") == {"torch": "2.0.1"}


def test_what_cannot_be_read_says_nothing(tmp_path):
    for name in (*LOCK_FILES, *DECLARATIONS, "requirements.txt"):
        (tmp_path / name).mkdir()
    assert shown(tmp_path / "a.py") == {}


def test_different_lines_give_the_range_that_holds_them_all():
    lines = ["torch==2.0.1", "torch>=2.2,<2.5"]
    assert merged(filter(None, map(declared, lines)), "here")["torch"].origin == "torch >=2.0.1,<2.5 from here"
    lines = ["torch==2.0.1", "torch==2.3"]
    version = merged(filter(None, map(declared, lines)), "here")["torch"]
    assert (version.exact, version.minimum, version.maximum) == (None, "2.0.1", "2.3.1")
    assert merged(filter(None, map(declared, ["torch", "torch!=2.1"])), "here") == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("torch==2.4.*", ("2.4", "2.5")),
        ("torch~=2.4.1", ("2.4.1", "2.5")),
        ("torch>2.0", ("2.0", None)),
        ("torch<=2.4", (None, "2.4.1")),
        ("torch<=2.4.1.2", (None, "2.4.1.3")),
        ("tensorflow-cpu>=2.16", ("2.16", None)),
    ],
)
def test_specifiers_become_bounds(text, expected):
    (version,) = merged([declared(text)], "here").values()
    assert (version.minimum, version.maximum) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^2.4.1", ">=2.4.1,<3"),
        ("^0.3.1", ">=0.3.1,<0.4"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^2", ">=2,<3"),
        ("~2", ">=2,<3"),
        ("~2.4.1", ">=2.4.1,<2.5"),
        ("~=2.4", "~=2.4"),
        ("=2.4", "==2.4.*"),
        ("=2.4.*", "==2.4.*"),
        ("=2.4.1", "==2.4.1"),
        ("==2.4.1", "==2.4.1"),
        ("*", ""),
        ("2.4.1", "2.4.1"),
    ],
)
def test_other_tools_have_other_signs(text, expected):
    assert poetry_specifier(text) == expected


def test_a_target_version_means_its_releases():
    assert [target_specifier(text) for text in ("2", "2.4", "2.4.1", "2.4rc1", ">=2")] == [
        "==2.*", "==2.4.*", "==2.4.1", "==2.4rc1", ">=2",
    ]  # fmt: skip


READERS = [requirements, *LOCK_FILES.values(), *DECLARATIONS.values()]
TEXTS = st.text(max_size=60) | st.lists(
    st.sampled_from(
        ["torch", "==", "2.0", "\n", "[", "]", "-", " ", '"', "=", "package", "{", "}", ":", "^", "name", "é"]
    ),
    max_size=15,
).map("".join)


@given(st.sampled_from(READERS), TEXTS)
def test_no_text_makes_a_reader_fail_in_a_new_way(reader, text):
    with contextlib.suppress(ValueError, RecursionError):
        merged(reader(text), "here")
