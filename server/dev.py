"""Sets up what it needs and runs one job.

``python server/dev.py try|test|vscode|pictures|editors|llama|lint|matrix|docs|bench``

Everything goes into the virtual environment ``.venv`` beside ``pyproject.toml``, made on first use; the only
thing that has to be there is Python 3.10 or newer with pip. Nothing outside the repository is changed, but by
``editors``: it installs Emacs and Helix with apt where that can be done.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MINORS = (10, 11, 12, 13, 14)
EXAMPLES = "server/examples"
EDITORS = {"emacs": ("emacs-nox", "elpa-eglot"), "hx": ("hx",), "tmux": ("tmux",)}
"""Commands of the editors that pip cannot install, and the Debian packages that hold them."""

PICTURES = ("hover", "menu", "preview", "notebook")
LARGEST_PICTURE = 100_000
"""Bytes."""

WITHOUT_FRAMEWORKS = ("-m", "not frameworks", "--ignore", "tests/evidence", "--ignore", "tests/editors/vscode")


def interpreter(environment: Path) -> Path:
    """Return the Python of a virtual environment."""
    windows = os.name == "nt"
    return environment / ("Scripts/python.exe" if windows else "bin/python")


def run(*command: str | Path, check: bool = True) -> int:
    """Run a command in the repository; end with its exit code where it fails and `check` is set."""
    print("+", *command, file=sys.stderr, flush=True)  # noqa: T201
    code = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode  # noqa: S603
    if code and check:
        raise SystemExit(code)
    return code


def prepared(extras: str, environment: Path = ROOT / ".venv", python: Path | None = None) -> Path:
    """Return the Python of `environment` with this project and `extras` installed; installs only what changed."""
    executable = interpreter(environment)
    if not executable.exists():
        if python is None:
            venv.create(environment, with_pip=True, clear=True)
        else:
            run(python, "-m", "venv", "--clear", environment)
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes() + extras.encode()).hexdigest()
    stamp = environment / f".installed-{extras.replace(',', '-') or 'base'}"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        target = f".[{extras}]" if extras else "."
        run(executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", target)
        stamp.write_text(wanted, encoding="utf-8")
    return executable


def job_try(arguments: Sequence[str]) -> int:
    """Check the bundled example programs and show what is found."""
    return run(prepared(""), "-m", "ml_architect", "check", *(arguments or [EXAMPLES + "/mistakes"]), check=False)


def job_test(arguments: Sequence[str]) -> int:
    """Run all tests, with real torch, TensorFlow, scikit-learn, Neovim and VS Code."""
    return run(prepared("dev,frameworks,llm"), "-m", "pytest", *arguments, check=False)


def job_vscode(arguments: Sequence[str]) -> int:
    """Build the VS Code extension and run its suite in a real VS Code; what cannot be fetched is a failure here."""
    os.environ["ML_ARCHITECT_TEST_VSCODE"] = "required"
    return run(prepared("dev,frameworks,llm"), "-m", "pytest", "tests/editors/vscode", *arguments, check=False)


def job_pictures(_: Sequence[str]) -> int:
    """Let the browser test go a person's whole way, and keep some of its screenshots for the READMEs."""
    os.environ["ML_ARCHITECT_TEST_VSCODE"] = "required"
    run(prepared("dev,frameworks,llm"), "-m", "pytest", "tests/editors/vscode", "-k", "whole_way")
    for name in PICTURES:
        taken = ROOT / "build" / "screenshots" / "person" / f"{name}.png"
        if taken.stat().st_size > LARGEST_PICTURE:
            print(f"{taken} is too large for a README", file=sys.stderr)  # noqa: T201
            return 1
        shutil.copyfile(taken, ROOT / "vscode-client" / "images" / taken.name)
    return 0


def job_editors(arguments: Sequence[str]) -> int:
    """Install the editors that are missing, as far as this machine lets us, and run the tests in them."""
    python = prepared("dev,frameworks,llm")
    install([package for name, packages in EDITORS.items() if not shutil.which(name) for package in packages])
    return run(python, "-m", "pytest", "-rs", "tests/editors", *arguments, check=False)


def job_llama(arguments: Sequence[str]) -> int:
    """Run the tests against a llama.cpp server, in an environment of its own: its first build takes ten minutes."""
    server = ROOT / ".venv" / "llama"
    if not interpreter(server).exists():
        venv.create(server, with_pip=True, clear=True)
    if run(interpreter(server), "-c", "import llama_cpp.server.app", check=False):
        run(interpreter(server), "-m", "pip", "install", "--disable-pip-version-check", "llama-cpp-python[server]")
    os.environ["ML_ARCHITECT_TEST_LLAMA_PYTHON"] = str(interpreter(server))
    tests = ("tests/architect/test_llama_cpp.py", "tests/lsp/test_random_model.py")
    return run(prepared("dev,frameworks,llm"), "-m", "pytest", "-rs", *tests, *arguments, check=False)


def install(packages: Sequence[str]) -> None:
    """Install those Debian packages that this system has; where it cannot, say so, and let the tests skip them."""
    apt, cache = shutil.which("apt-get"), shutil.which("apt-cache")
    if not packages:
        return
    if apt is None or cache is None or os.geteuid():
        print("only root can install, with apt:", *packages, file=sys.stderr)  # noqa: T201
        return
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run(apt, "update", "--quiet")
    known = [package for package in packages if knows(cache, package)]
    run(apt, "install", "--yes", "--quiet", "--no-install-recommends", *known)


def knows(cache: str, package: str) -> bool:
    """Return whether apt has a package."""
    return subprocess.run([cache, "show", package], capture_output=True, check=False).returncode == 0  # noqa: S603


def job_lint(_: Sequence[str]) -> int:
    """Run the format, lint, type and layer checks, and see whether generated pages are up to date."""
    python = prepared("dev,frameworks,llm")
    run(python, "-m", "ruff", "format", "--check", ".")
    run(python, "-m", "ruff", "check", ".")
    run(python, "-m", "mypy")
    run(python.with_name("lint-imports"))
    return run(python, "-m", "ml_architect.docgen", "--check")


def job_matrix(arguments: Sequence[str]) -> int:
    """Run the tests that need no framework on every other supported Python that this machine has."""
    worst = 0
    for minor, python in interpreters():
        environment = ROOT / ".venv" / "matrix" / f"3.{minor}"
        executable = prepared("test,llm", environment, python)
        code = run(executable, "-m", "pytest", *WITHOUT_FRAMEWORKS, *arguments, check=False)
        worst = worst or code
    return worst


def interpreters() -> list[tuple[int, Path]]:
    """Return the supported Pythons of this machine, other than the running one, by minor version."""
    found = []
    for minor in MINORS:
        if minor == sys.version_info.minor:
            continue
        python = next((path for path in candidates(minor) if answers(path, minor)), None)
        if python is not None:
            found.append((minor, python))
    return found


def candidates(minor: int) -> list[Path]:
    """Return where Python 3.`minor` may lie: on PATH, or among the versions that pyenv holds."""
    places = []
    on_path = shutil.which(f"python3.{minor}")
    if on_path:
        places.append(Path(on_path))
    pyenv = shutil.which("pyenv")
    if pyenv:
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True, check=False)  # noqa: S603
        places += sorted(Path(root.stdout.strip()).glob(f"versions/3.{minor}.*/bin/python3.{minor}"))
    return places


def answers(python: Path, minor: int) -> bool:
    """Return whether `python` runs and is Python 3.`minor`."""
    code = f"import sys; sys.exit(sys.version_info[:2] != (3, {minor}))"
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0  # noqa: S603


def job_docs(_: Sequence[str]) -> int:
    """Write the generated rule pages and the README's rule table."""
    return run(prepared("dev,frameworks,llm"), "-m", "ml_architect.docgen")


def job_bench(arguments: Sequence[str]) -> int:
    """Run the benchmarks, which print ratios measured in one run."""
    python = prepared("dev,frameworks,llm")
    peer = ROOT / ".venv" / "peer"  # its own environment: torchfix needs an older libcst than we do
    if not interpreter(peer).exists():
        venv.create(peer, with_pip=True, clear=True)
        run(interpreter(peer), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "torchfix")
    return run(python, "server/benchmarks/run.py", "--peer", interpreter(peer), *arguments, check=False)


JOBS = {
    "try": job_try,
    "test": job_test,
    "vscode": job_vscode,
    "pictures": job_pictures,
    "editors": job_editors,
    "llama": job_llama,
    "lint": job_lint,
    "matrix": job_matrix,
    "docs": job_docs,
    "bench": job_bench,
}


def main() -> int:
    """Run the job that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=JOBS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="handed on to what the job runs")
    options = parser.parse_args()
    return JOBS[options.job](options.arguments)


if __name__ == "__main__":
    sys.exit(main())
