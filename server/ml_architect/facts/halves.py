"""Names of features and labels, training and held-out parts: hints, or the trigger of a rule that says so."""

from typing import Literal, TypeAlias

from ml_architect.facts.words import EVALUATION, TRAIN, words

Role: TypeAlias = Literal["features", "labels"]
Part: TypeAlias = Literal["train", "test"]

_FEATURES = frozenset({"x", "feature", "features", "inputs", "data"})
_LABELS = frozenset({"y", "label", "labels", "target", "targets"})
_PARTS = TRAIN | EVALUATION
_LETTERS = frozenset("xy")


def parts_of_name(name: str) -> frozenset[str]:
    """Return the words of a name, with ``xtrain`` and ``trainX`` taken apart as well."""
    found = set(words(name))
    for word in tuple(found):
        for letter, rest in ((word[:1], word[1:]), (word[-1:], word[:-1])):
            if letter in _LETTERS and rest in _PARTS:
                found |= {letter, rest}
    return frozenset(found)


def role_of_name(name: str | None) -> Role | None:
    """Return whether a name speaks of features or of labels; None for neither and for both."""
    if name is None:
        return None
    found = parts_of_name(name)
    features, labels = not found.isdisjoint(_FEATURES), not found.isdisjoint(_LABELS)
    return None if features == labels else "features" if features else "labels"


def part_of_name(name: str | None) -> Part | None:
    """Return whether a name speaks of training data or of held-out data; None for neither and for both."""
    if name is None:
        return None
    found = parts_of_name(name)
    train, test = not found.isdisjoint(TRAIN), not found.isdisjoint(EVALUATION)
    return None if train == test else "train" if train else "test"


def pair_of_name(name: str) -> frozenset[str]:
    """Return the words of a name that do not say which part it is: the same for ``X_train`` and ``X_test``."""
    found = parts_of_name(name)
    glued = {word for word in found if {word[1:], word[:-1]} & _PARTS and (word[0] in "xy" or word[-1] in "xy")}
    return found - _PARTS - glued
