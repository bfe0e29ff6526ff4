"""The two halves of a directory split are drawn with different seeds."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, CallSite, ModuleFacts
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Free,
    Number,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)

_FUNCTIONS = tuple(f"keras.utils.{what}_dataset_from_directory" for what in ("image", "text", "audio"))


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a validation subset that is drawn in another way than the training subset of the same directory."""
    for name in _FUNCTIONS:
        calls = facts.calls_to(name)
        training = [call for call in calls if _text(facts, call, "subset") == "training"]
        for call in calls:
            if _text(facts, call, "subset") != "validation":
                continue
            partner = [other for other in training if _same_directory(facts, other, call)]
            difference = _difference(facts, partner[0], call) if len(partner) == 1 else ""
            if difference:
                yield Finding(
                    call.node,
                    f"{difference}, so files of the training subset are in the validation subset, too",
                    related=(Related(partner[0].node, "the training subset"),),
                    fix=partial(_fix, facts, partner[0], call),
                )


def _text(facts: ModuleFacts, call: CallSite, parameter: str) -> object:
    known = facts.known(facts.passed(call, parameter).value, call)
    return known.value if known is not None and not known.overridable else None


def _same_directory(facts: ModuleFacts, one: CallSite, other: CallSite) -> bool:
    first, second = facts.passed(one, "directory").value, facts.passed(other, "directory").value
    if first is None or second is None or one.scope is not other.scope:
        return False
    known, known_other = facts.known(first, one), facts.known(second, other)
    if known is not None and known_other is not None:
        return known.value == known_other.value
    return facts.same_object(first, one, second, other) is Answer.YES


def _difference(facts: ModuleFacts, one: CallSite, other: CallSite) -> str:
    shuffles = [_value(facts, call, "shuffle", default=True) for call in (one, other)]
    splits = [_value(facts, call, "validation_split", default=None) for call in (one, other)]
    seeds = [_value(facts, call, "seed", default=None) for call in (one, other)]
    if {*shuffles} == {True, False}:
        return "only one of the two subsets is shuffled"
    if None not in splits and "unknown" not in splits and splits[0] != splits[1]:
        return "the two subsets have different `validation_split`"
    if shuffles == [True, True] and None not in seeds and "unknown" not in seeds and seeds[0] != seeds[1]:
        return "the two subsets have different seeds"
    return ""


def _value(facts: ModuleFacts, call: CallSite, parameter: str, *, default: object) -> object:
    passed = facts.passed(call, parameter)
    if passed.absent:
        return default
    known = facts.known(passed.value, call)
    return known.value if known is not None and not known.overridable else "unknown"


def _fix(facts: ModuleFacts, training: CallSite, validation: CallSite) -> Fix | None:
    """Write the training subset's seed into the validation subset, where only the seeds differ."""
    seed = facts.passed(training, "seed").value
    if seed is None or not _difference(facts, training, validation).endswith("seeds"):
        return None
    edit = set_keyword(facts, validation, "seed", facts.text(seed))
    return Fix(f"use the same seed: `seed={facts.text(seed)}`", (edit,), Safety.UNSAFE) if edit else None


RULE = Rule(
    name="directory-split-seed-mismatch",
    summary="training and validation subset of one directory are drawn with different seeds or splits",
    framework=Framework.KERAS,
    category=Category.LEAKAGE,
    severity=Severity.ERROR,
    why=(
        "`validation_split` with `subset=` cuts the list of files after it was shuffled with `seed`. Both calls must shuffle in the same way "
        "and cut at the same place: with different seeds, splits, or with `shuffle=False` in one of them, the two subsets overlap, "
        "the model is validated on files that it was trained on, and other files are never used."
    ),
    tradeoffs={Cost.GENERALISATION: "disjoint subsets make the validation score an estimate for unseen files again"},
    references=(
        Reference("Image data loading", "https://keras.io/api/data_loading/image/"),
        Reference("Text data loading", "https://keras.io/api/data_loading/text/"),
    ),
    fires=(
        Fires(
            """\
import keras

train = keras.utils.image_dataset_from_directory(
    "photos", validation_split=0.2, subset="training", seed=1, image_size=(64, 64)
)
validation = keras.utils.image_dataset_from_directory(
    "photos", validation_split=0.2, subset="validation", seed=2, image_size=(64, 64)
)
""",
            """\
import keras

train = keras.utils.image_dataset_from_directory(
    "photos", validation_split=0.2, subset="training", seed=1, image_size=(64, 64)
)
validation = keras.utils.image_dataset_from_directory(
    "photos", validation_split=0.2, subset="validation", seed=1, image_size=(64, 64)
)
""",
        ),
        Fires(
            """\
import tensorflow as tf

def load(folder):
    read = dict(validation_split=0.1, seed=7)
    train = tf.keras.utils.text_dataset_from_directory(folder, subset="training", **read)
    held_out = tf.keras.utils.text_dataset_from_directory(folder, subset="validation", shuffle=False, **read)
    return train, held_out
"""
        ),
    ),
    quiet=(
        Quiet(
            """\
import keras

train = keras.utils.image_dataset_from_directory("photos", validation_split=0.2, subset="training", seed=1)
test = keras.utils.image_dataset_from_directory("photos", validation_split=0.2, subset="validation", seed=1)
""",
            because="both subsets are drawn in the same way",
        ),
        Quiet(
            """\
import keras

train = keras.utils.image_dataset_from_directory("cats", validation_split=0.2, subset="training", seed=1)
test = keras.utils.image_dataset_from_directory("dogs", validation_split=0.2, subset="validation", seed=2)
""",
            because="the directories differ",
        ),
        Quiet(
            """\
import keras

def load(folder, seed, other):
    train = keras.utils.image_dataset_from_directory(folder, validation_split=0.2, subset="training", seed=seed)
    test = keras.utils.image_dataset_from_directory(folder, validation_split=0.2, subset="validation", seed=other)
    return train, test
""",
            because="the seeds are not known",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="other files are validated on",
    architect=Allowance(
        keywords={
            f"{name}:{parameter}": values
            for name in _FUNCTIONS
            for parameter, values in (
                ("seed", Free()),
                ("shuffle", Choice(("True", "False"))),
                ("validation_split", Number(0.05, 0.5)),
            )
        },
        advice="Draw both subsets in the same way: one `seed`, one `validation_split`, `shuffle` on in both or off in both.",
    ),
    evidence=Shown(
        "tests/evidence/test_directory_split_seed_mismatch.py::test_different_seeds_put_training_files_into_validation"
    ),
    detect=detect,
)
