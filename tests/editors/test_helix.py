"""A real Helix in a terminal opens a real file, with the configuration that our users copy. It has no batch mode."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

SNIPPET = Path(__file__).parents[2] / "server" / "editors" / "helix" / "languages.toml"
PATIENCE = 60.0
"""Seconds to wait for something to appear."""

CODE = "parameters-not-called"
MISSING = [name for name in ("hx", "tmux") if shutil.which(name) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not on the PATH: {', '.join(MISSING)}")


class Terminal:
    """A terminal of its own that Helix runs in."""

    def __init__(self, folder, env):
        self._socket = folder / "terminal"
        self._env = env

    def tmux(self, *arguments, check=True):
        command = ("tmux", "-S", self._socket, "-f", os.devnull, *arguments)
        return subprocess.run(command, check=check, env=self._env, capture_output=True, text=True, timeout=PATIENCE)

    def start(self, folder, *command):
        self.tmux("new-session", "-d", "-x", "180", "-y", "50", "-c", folder, *command)

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def command(self, text):
        self.type(f":{text}")
        self.keys("Enter")

    @property
    def screen(self):
        return self.tmux("capture-pane", "-p").stdout

    def wait(self, condition):
        """Return the screen once `condition` holds for it."""
        deadline = time.monotonic() + PATIENCE
        while not condition(screen := self.screen):
            assert time.monotonic() < deadline, screen
            time.sleep(0.05)
        return screen

    def act(self, title, code=CODE):
        """Choose the action whose title has `title` in it, wherever it stands in the menu; return all titles."""
        self.type(" a")
        screen = self.wait(lambda screen: f"ignore {code}" in screen)
        titles = re.findall(r"ml-architect(?:: | \()[^│\n]*", screen)
        place = next((index for index, item in enumerate(titles) if title in item), None)
        assert place is not None, screen
        self.keys(*["Down"] * place, "Enter")
        return titles

    def leave(self):
        """Leave Helix, and return whether it and its terminal end by themselves."""
        self.command("quit-all!")
        deadline = time.monotonic() + PATIENCE
        while self.tmux("has-session", check=False).returncode == 0:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


@pytest.fixture
def terminal(desktop, tmp_path):
    made = Terminal(tmp_path, desktop.env)
    yield made
    made.tmux("kill-server", check=False)


def test_a_session_in_helix(terminal, desktop):
    configuration = Path(desktop.env["XDG_CONFIG_HOME"]) / "helix"
    configuration.mkdir()
    shutil.copy(SNIPPET, configuration / "languages.toml")
    original = desktop.read("train it.py")
    terminal.start(desktop.project, "hx", "train it.py")
    terminal.wait(lambda screen: "model.parameters" in screen)

    terminal.wait(lambda screen: findings(screen) == 2)
    terminal.type("gg]d k")
    terminal.wait(lambda screen: CODE in screen and "iterate over" in screen)
    terminal.keys("Escape")
    terminal.wait(lambda screen: "iterate over" not in screen)  # else what is typed next would belong to the escape

    titles = terminal.act(f"({CODE}): ")
    assert CODE in titles[0]
    terminal.wait(lambda screen: screen.count("model.parameters()") == 1 and findings(screen) == 1)

    terminal.type("gg]d")
    terminal.act(f"ignore {CODE} here")
    terminal.wait(lambda screen: f"# ml-architect: ignore[{CODE}]" in screen and findings(screen) == 0)
    terminal.type("u")
    terminal.wait(lambda screen: f"# ml-architect: ignore[{CODE}]" not in screen and findings(screen) == 1)

    terminal.type("gg]d")
    terminal.act("fix all that is safe")
    terminal.wait(lambda screen: screen.count("model.parameters()") == 2 and findings(screen) == 0)
    terminal.type("u")
    terminal.wait(lambda screen: screen.count("model.parameters()") == 1 and findings(screen) == 1)
    terminal.command("write")
    terminal.wait(lambda _: desktop.read("train it.py") == original.replace("parameters", "parameters()", 1))

    # Helix tells only of files that were saved in it; what another program wrote is seen at the next save.
    with (desktop.project / "pyproject.toml").open("a") as file:
        file.write(f'[tool.ml-architect]\nignore = ["{CODE}"]\n')
    terminal.command("write!")
    terminal.wait(lambda screen: findings(screen) == 0)
    assert terminal.leave()


def findings(screen):
    """Return how many findings the line at the bottom counts."""
    count = re.search(r"● (\d+) +\d+ sel", screen)
    return int(count[1]) if count else 0


def test_a_change_that_helix_cannot_ask_about_waits_among_the_actions(terminal, desktop, model):
    configuration = Path(desktop.env["XDG_CONFIG_HOME"]) / "helix"
    configuration.mkdir()
    shutil.copy(SNIPPET, configuration / "languages.toml")
    desktop.env.update(model)
    original = desktop.read("loop.py")
    terminal.start(desktop.project, "hx", "loop.py")
    terminal.wait(lambda screen: findings(screen) == 1)
    terminal.type("gg]d")
    terminal.act("fix with", "missing-zero-grad")
    terminal.wait(lambda screen: "waits among the code actions" in screen)
    terminal.act("apply the proposed change", "missing-zero-grad")
    terminal.wait(lambda screen: "optimizer.zero_grad()" in screen and findings(screen) == 0)
    terminal.command("write")
    terminal.wait(lambda _: desktop.read("loop.py") != original)
    assert desktop.read("loop.py") == original + "        optimizer.zero_grad()\n"
    assert terminal.leave()
