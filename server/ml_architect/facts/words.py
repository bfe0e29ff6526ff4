"""Words in names. A name never proves what a value is; it may lower a severity or break a tie."""

import re
from functools import lru_cache

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

TRAIN = frozenset({"train", "trn", "training", "tr"})
EVALUATION = frozenset(
    {"val", "valid", "validation", "validate", "test", "testing", "eval", "evaluation", "evaluate"}
    | {"dev", "tst", "vali", "holdout"}
)


@lru_cache(maxsize=4096)
def words(name: str) -> frozenset[str]:
    """Return the words of a name: ``trainLoader_v2`` gives train, loader, v, 2."""
    return frozenset(part.lower() for part in _PART.findall(name))


def speaks_of(name: str | None, vocabulary: frozenset[str]) -> bool:
    """Return whether a word of `name` is in `vocabulary`."""
    return name is not None and not vocabulary.isdisjoint(words(name))
