import re
from fnmatch import fnmatch

import pytest

from ml_architect.lsp.handlers.configuration import WATCHED, read_settings
from ml_architect.project.declarations import DECLARATIONS, REQUIREMENTS_PATTERNS
from ml_architect.project.lockfiles import LOCK_FILES


def alternatives(pattern):
    """Return the plain patterns that a pattern with one {a,b} stands for."""
    if found := re.search(r"\{(.*)\}", pattern):
        return [pattern.replace(found[0], choice) for choice in found[1].split(",")]
    return [pattern]


@pytest.mark.parametrize("name", [*LOCK_FILES, *DECLARATIONS, *REQUIREMENTS_PATTERNS])
def test_what_versions_come_from_is_watched(name):
    assert any(fnmatch(f"/{name}", plain) for pattern in WATCHED for plain in alternatives(pattern))


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (None, {}),
        ([], {}),
        ({"perFileIgnores": {"a": []}, "preview": None}, {"per-file-ignores": {"a": []}}),
        ({"ml-architect": {"select": ["all"]}, "python": {}}, {"select": ["all"]}),
        ({"mlArchitect": {"select": ["all"]}}, {"select": ["all"]}),
        ({"settings": {"per_file_ignores": {}}}, {"per-file-ignores": {}}),
    ],
)
def test_settings_are_read_in_whatever_form_they_come(sent, found):
    assert read_settings(sent) == found
