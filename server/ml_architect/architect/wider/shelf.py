"""Which of our static pages match a question: rules and arguments, ranked by BM25 over their words.

Written here rather than taken from a package: the ranking is thirty lines, the corpus some three hundred short texts,
and the libraries for it bring NumPy along.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ml_architect.catalog import load_catalog
from ml_architect.catalog.arguments import load_arguments
from ml_architect.engine import rule_url
from ml_architect.rules import all_rules, rule_named
from ml_architect.rules.api import Rule

__all__ = ["StaticPage", "matching"]

_SATURATION = 1.2
_LENGTH = 0.75
"""The usual parameters k1 and b of BM25 (Robertson and Zaragoza, 2009)."""
_LEAST = 4.5
"""A lower score is a match of words that stand nearly everywhere; found with the questions in the tests."""
_ENOUGH = 0.3
"""One word that fits is chance where a question has more others than this share allows."""
_TITLE = 3
"""Words of a title count so many times."""
_WORD = re.compile(r"[a-z][a-z0-9]*|\d+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_")
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("ers", "er"), ("s", ""))
_SHORTEST = 4
"""A word keeps so many letters when its ending is taken off."""
_COMMON = """
a an and are as at be by can do does for from get give given gives has have how i if in into is it its me my
no not of on one or our set should so such that the their them then there these this to too up use used uses
using was we what when where which while who why will with without would you your each every more most than
all any must may make makes made need needs want because after before only about over under it's value values
code python machine two three four five six seven eight nine ten thousand million good best better using help
question tell learning train training model data network pytorch torch tensorflow keras sklearn scikit learn
write please
"""
_PHRASING = """
goes go down much higher lower same keep kept between although become becomes few hundred out still
check handle correctly design classifier image images explain
"""
_STOP = frozenset(_COMMON.split())
"""Words that say nothing about which page is meant; the last ones stand on nearly every page."""
_ASKED = frozenset(_PHRASING.split())
"""Words that say nothing in a question, though they may in a page."""
_SAME = {
    "slow": "worker",
    "slower": "worker",
    "speed": "worker",
    "bottleneck": "worker",
    "oom": "memory",
    "overfit": "regularisation",
    "overfitting": "regularisation",
    "lr": "rate",
    "imbalance": "imbalanced",
    "unbalanced": "imbalanced",
    "cycle": "onecycle",
    "ddp": "distributed",
    "gpus": "gpu",
    "amp": "autocast",
    "reproducible": "seed",
    "determinism": "seed",
    "deterministic": "seed",
    "leak": "split",
    "leakage": "split",
}
"""What people say, and the word that our pages use for it."""


@dataclass(frozen=True, slots=True)
class StaticPage:
    """A page that needs no model: what it is called, what it says in one line, where it is, and its starting values."""

    title: str
    summary: str
    url: str
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    page: StaticPage
    counts: Mapping[str, int]
    length: int


def matching(question: str, most: int = 5) -> list[StaticPage]:
    """Return the pages that match `question` best, the best one first; none where nothing really matches."""
    terms = Counter(_terms(question, as_asked=True))
    shelf, frequency, usual = _shelf()
    scored: list[tuple[float, str, StaticPage]] = []
    for entry in shelf:
        score, hits = 0.0, 0
        for term in terms:
            count = entry.counts.get(term, 0)
            if count:
                hits += 1
                rarity = math.log(1 + (len(shelf) - frequency[term] + 0.5) / (frequency[term] + 0.5))
                weight = count + _SATURATION * (1 - _LENGTH + _LENGTH * entry.length / usual)
                score += rarity * count * (_SATURATION + 1) / weight
        if score >= _LEAST and (hits > 1 or hits >= _ENOUGH * len(terms)):
            scored.append((-score, entry.page.title, entry.page))
    return [page for _, _, page in sorted(scored, key=lambda item: item[:2])[:most]]


@cache
def _shelf() -> tuple[tuple[_Entry, ...], Mapping[str, int], float]:
    """Return all pages, in how many of them each word stands, and their mean length in words."""
    entries = tuple(_entry(page, title, text) for page, title, text in (*_rules(), *_arguments()))
    frequency = Counter(term for entry in entries for term in entry.counts)
    return entries, frequency, sum(entry.length for entry in entries) / len(entries)


def _entry(page: StaticPage, title: str, text: str) -> _Entry:
    counts = Counter(_terms(text))
    for term in _terms(title):
        counts[term] += _TITLE
    return _Entry(page, counts, sum(counts.values()))


def _rules() -> Iterator[tuple[StaticPage, str, str]]:
    for rule in all_rules():
        starts = " ".join(f"{start.setting} {start.reason}" for start in rule.starting_values)
        costs = " ".join(rule.tradeoffs.values())
        title = f"{rule.name} {rule.category.value} {rule.framework.value}"
        page = StaticPage(rule.name, rule.summary, rule_url(rule.name), rule)
        yield page, title, f"{rule.summary} {rule.why} {starts} {costs}"


def _arguments() -> Iterator[tuple[StaticPage, str, str]]:
    """Yield what is known of arguments, each once whatever takes it."""
    seen: set[tuple[str, str]] = set()
    for use, argument in load_arguments().items():
        callee = use.partition(":")[0]
        if (argument.parameter, argument.does) in seen:
            continue
        seen.add((argument.parameter, argument.does))
        symbol = load_catalog().symbol(callee)
        name = symbol.name.rpartition(".")[2] if symbol is not None else callee.replace("_", " ")
        rule = rule_named(argument.rule) if argument.rule else None
        start = f"; start with {argument.start}, {argument.range}" if argument.start else ""
        page = StaticPage(f"{argument.parameter} of {name}", f"{argument.does}{start}", argument.source, rule)
        yield page, f"{argument.parameter} {name}", f"{argument.does} {argument.interacts} {argument.reason}"


def _terms(text: str, *, as_asked: bool = False) -> Iterator[str]:
    for word in _WORD.findall(_HUMP.sub(" ", text).lower()):
        if word in _STOP or len(word) == 1 or (as_asked and (word in _ASKED or word.isdigit())):
            continue
        if as_asked and word in _SAME:
            yield _stem(_SAME[word])
        yield _stem(word)


def _stem(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _SHORTEST:
            return word.removesuffix(ending) + instead
    return word
