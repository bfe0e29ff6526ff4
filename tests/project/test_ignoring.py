"""A rule is added to ``ignore`` with the smallest edit: nothing else of the file changes, or nothing is offered."""

import random
import sys

import pytest

from ml_architect.project.ignoring import disable_rule, ignoring
from ml_architect.text import apply_edits

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RULE = "hardcoded-cuda"
TABLE = "[tool.ml-architect]\n"


def ignored(text):
    edits = ignoring(text, RULE)
    return apply_edits(text, edits) if edits else None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f'{TABLE}ignore = ["{RULE}"]\n'),
        ("[project]\nname = 'a'\n", f"[project]\nname = 'a'\n\n{TABLE}ignore = [\"{RULE}\"]\n"),
        ("[project]\nname = 'a'", f"[project]\nname = 'a'\n\n{TABLE}ignore = [\"{RULE}\"]\n"),
        (TABLE, f'{TABLE}ignore = ["{RULE}"]\n'),
        ("[tool.ml-architect]", f'{TABLE}ignore = ["{RULE}"]\n'),
        ("[ tool . 'ml-architect' ] # ours\r\n", f"[ tool . 'ml-architect' ] # ours\r\nignore = [\"{RULE}\"]\r\n"),
        (f"{TABLE}preview = true\n[other]\n", f'{TABLE}ignore = ["{RULE}"]\npreview = true\n[other]\n'),
        (f"{TABLE}ignore = []\n", f'{TABLE}ignore = ["{RULE}"]\n'),
        (f'{TABLE}ignore = ["a"] # why\n', f'{TABLE}ignore = ["a", "{RULE}"] # why\n'),
        (f"{TABLE}ignore = ['a',]\n", f"{TABLE}ignore = ['a', \"{RULE}\",]\n"),
        (
            f'{TABLE}ignore = [\n  "a", # [ why ]\n  "b"   # "b"\n]\n',
            f'{TABLE}ignore = [\n  "a", # [ why ]\n  "b",   # "b"\n  "{RULE}"\n]\n',
        ),
        (f"{TABLE}ignore = [\n\t'a',\n]\n", f"{TABLE}ignore = [\n\t'a',\n\t\"{RULE}\",\n]\n"),
        (
            f'{TABLE}ignore = [\r\n  "a"\r\n]\r\n'.replace(TABLE, TABLE.replace("\n", "\r\n")),
            f'[tool.ml-architect]\r\nignore = [\r\n  "a",\r\n  "{RULE}"\r\n]\r\n',
        ),
        (
            "[tool.ml-architect.severity]\nmodel = 'hint'\n",
            f"{TABLE}ignore = [\"{RULE}\"]\n\n[tool.ml-architect.severity]\nmodel = 'hint'\n",
        ),
        (f'{TABLE}# ignore = ["x"]\nignore=["a"]\n', f'{TABLE}# ignore = ["x"]\nignore=["a", "{RULE}"]\n'),
        (
            f'[tool.other]\nignore = ["b"]\n\n{TABLE}select = ["all"]\n',
            f'[tool.other]\nignore = ["b"]\n\n{TABLE}ignore = ["{RULE}"]\nselect = ["all"]\n',
        ),
    ],
)
def test_the_smallest_edit(before, after):
    assert ignored(before) == after


@pytest.mark.parametrize(
    "text",
    [
        f'{TABLE}ignore = ["{RULE}"]\n',
        "not toml",
        f"{TABLE}ignore = 3\n",
        f"{TABLE}ignore = [[1]]\n",
        "tool = 3\n",
        "[tool]\nml-architect = { preview = true }\n",
        "tool.ml-architect.preview = true\n",
        'note = """\n[tool.ml-architect]\n"""\n',
        f'{TABLE}note = """\nignore = []\n"""\n',
        "[[tool.ml-architect]]\n",
    ],
)
def test_nothing_is_offered_where_it_cannot_be_proven(text):
    assert ignored(text) is None


def test_random_layouts_change_by_one_name_alone():
    chance = random.Random(7)

    def gap():
        return chance.choice(["", " ", "\n", "\n  ", " # [x] \"y'\n  ", "\r\n\t"])

    for _ in range(400):
        names = [f"name-{number}" for number in range(chance.randrange(4))]
        values = [f"{gap()}{quote}{name}{quote}{gap()}" for name in names for quote in [chance.choice("\"'")]]
        array = ",".join(values) + (f",{gap()}" if values and chance.random() < 0.5 else gap())
        text = f"# head\n{TABLE}preview = true\nignore = [{array}]\n\n[tool.ml-architect.severity]\nmodel = 'hint'\n"
        expected = tomllib.loads(text)
        expected["tool"]["ml-architect"]["ignore"].append(RULE)
        after = ignored(text)
        assert after is not None, text
        assert tomllib.loads(after) == expected
        remaining = iter(after)
        assert all(character in remaining for character in text), "what was there is still there, in order"


def test_the_nearest_file_with_our_table_is_chosen_then_the_nearest(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    place = inner / "train.py"
    assert disable_rule(place, RULE, {}) is None or not disable_rule(place, RULE, {}).path.is_relative_to(tmp_path)
    near, far = inner / "pyproject.toml", tmp_path / "pyproject.toml"
    near.write_text("[project]\n")
    assert disable_rule(place, RULE, {}).path == near
    far.write_text(TABLE)
    assert disable_rule(place, RULE, {}).path == far
    newer = {far: f"{TABLE}preview = true\n"}
    assert disable_rule(place, RULE, newer).text == newer[far]
    far.write_bytes(b"\xff")
    assert disable_rule(place, RULE, {}) is None or disable_rule(place, RULE, {}).path != far
