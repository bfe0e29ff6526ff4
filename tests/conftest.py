"""What all tests share: a rule that raises makes its test fail, and is not passed over; no test is timed."""

import pytest
from hypothesis import settings

from ml_architect.engine.guard import GUARD

GUARD.reraise = True
settings.register_profile("patient", deadline=None)  # a slow machine is no failure
settings.load_profile("patient")


@pytest.fixture
def quiet_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the guard around rules swallow exceptions, as it does for people."""
    monkeypatch.setattr(GUARD, "reraise", False)
    monkeypatch.setattr(GUARD, "_logged", set())
