from pathlib import Path

import pytest

from ml_architect.engine import Settings, analyze
from ml_architect.facts.environment import Environment
from ml_architect.policy import Profile
from ml_architect.review.assemble import review_of
from ml_architect.review.notes import notes_of
from ml_architect.review.values import Scope, Stage
from ml_architect.text import Source


@pytest.fixture
def noted():
    """Return the notes on some code."""

    def note(code, path="train.py"):
        return notes_of(analyze(Source(code, Path(path)), Settings(), Environment()), path)

    return note


@pytest.fixture
def said(noted):
    """Return what is stated about some code in a stage, in order."""

    def state(stage, code):
        return [item.text for item in noted(code).statements if item.stage is Stage(stage)]

    return state


@pytest.fixture
def reviewed(noted):
    """Return the review of files, which are given as path and code."""

    def review(files, scope=Scope.PROJECT, **answers):
        notes = [noted(code, path) for path, code in files.items()]
        return review_of("it", notes, scope, Profile(**answers))

    return review


@pytest.fixture
def examples():
    return Path(__file__).parents[2] / "server" / "examples"
