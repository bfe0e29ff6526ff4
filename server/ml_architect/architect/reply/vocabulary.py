"""Which names a model may speak of: those of the document, of the libraries that we know, and of the rule itself."""

import builtins
import keyword
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from ml_architect.architect.reply.commands import is_plain_command
from ml_architect.catalog import load_catalog
from ml_architect.engine import Analysis
from ml_architect.rules.api import Rule

__all__ = ["Vocabulary", "vocabulary_in", "vocabulary_of"]

_WORD = re.compile(r"[A-Za-z_]\w*")
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_STRING = re.compile(r"'[^'\\]{0,60}'|\"[^\"\\]{0,60}\"")
_NUMBER = re.compile(r"(?<![\w.])\d[\d_,]*\.?\d*(?:[eE][+-]?\d+)?(?:x|%|j)?(?![\w])")
_PLAIN = re.compile(r"[\s\w.,:;=+\-*/%@()\[\]<>!'\"]*")
_MOST = 120
_CUSTOMARY = {"nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim", "np": "numpy", "tf": "tensorflow"}
"""Short names that people use in prose, whether the document has them or not."""
_THINGS = frozenset(
    {
        *(
            "model",
            "net",
            "loss",
            "criterion",
            "optimizer",
            "scheduler",
            "scaler",
            "loader",
            "dataloader",
            "dataset",
            "batch",
        ),
        *("inputs", "outputs", "targets", "labels", "logits", "device", "epoch", "epochs", "step", "steps"),
    }
)
"""Names of variables that people use in prose for what everybody has."""
_PYTHON = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | frozenset(keyword.softkwlist)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that are known, and how the document calls modules."""

    words: Collection[str]
    """Names of the document, of the rules' own texts, and of Python."""
    aliases: Collection[tuple[str, str]]
    """Names that the document's imports bind, and what they stand for."""

    def knows(self, code: str) -> bool:
        """Return whether all names in `code`, which stood between backticks, are known."""
        if len(code) > _MOST or "://" in code:
            return False
        if is_plain_command(code):
            return True
        bare = _NUMBER.sub(" ", _STRING.sub(" ", code))
        return _PLAIN.fullmatch(bare) is not None and all(self._is_known(name) for name in _DOTTED.findall(bare))

    def has_root(self, name: str) -> bool:
        """Return whether a dotted name starts with a library, or with a short name that people use for one."""
        return name.partition(".")[0] in {**_libraries(), **_CUSTOMARY, **dict(self.aliases)}

    def _is_known(self, name: str) -> bool:
        if name in self.words or name in _THINGS or name in _known_names():
            return True
        root, dot, rest = name.partition(".")
        if not dot:
            return name in _parameters()
        aliases = {**_libraries(), **_CUSTOMARY, **dict(self.aliases)}
        if root in aliases:
            full = load_catalog().canonical(f"{aliases[root]}.{rest}")
            return full in _known_names() or _is_object_method(full)
        if root in _THINGS or (root in self.words and root not in _PYTHON):
            return all(part in self.words or part in _last_words() for part in rest.split("."))
        return False


def vocabulary_of(rules: Sequence[Rule], analysis: Analysis) -> Vocabulary:
    """Return the names that an explanation of `rules` for the document of `analysis` may use."""
    words = set(_WORD.findall(analysis.source.text)) | _PYTHON
    for rule in rules:
        for text in _texts(rule):
            words.update((*_WORD.findall(text), *_DOTTED.findall(text)))
    path = analysis.source.path
    if path is not None:
        words.add(path.name)
    return Vocabulary(frozenset(words), tuple(sorted(_aliases(analysis))))


def vocabulary_in(texts: Iterable[str], rules: Sequence[Rule]) -> Vocabulary:
    """Return the names that words about several documents may use: theirs, and those of `rules`."""
    words = set(_PYTHON)
    for text in (*texts, *(text for rule in rules for text in _texts(rule))):
        words.update((*_WORD.findall(text), *_DOTTED.findall(text)))
    return Vocabulary(frozenset(words), ())


def _texts(rule: Rule) -> Iterator[str]:
    """Yield what the rule itself says, in words and in code."""
    yield from (rule.name, rule.summary, rule.why, rule.fix_safety, *rule.tradeoffs.values())
    for start in rule.starting_values:
        yield from (start.setting, start.value, start.range, start.reason)
    for example in rule.fires:
        yield from (example.code, example.after or "")
    yield from (near.because for near in rule.quiet)
    if rule.architect is not None:
        yield from (rule.architect.advice, *rule.architect.keywords, *rule.architect.statements)
        yield from (*rule.architect.headers, *rule.architect.rewrites.values(), *rule.architect.calls)


def _aliases(analysis: Analysis) -> Iterator[tuple[str, str]]:
    if analysis.facts is None:
        return
    for site in analysis.facts.structure.sites:
        for binding in site.summary.bindings:
            if binding.how == "import" and binding.qualified:
                yield binding.name, binding.qualified


def _is_object_method(full: str) -> bool:
    """Return whether a known symbol is called by the last part of `full`, and the part before it is known as well."""
    owner, _, last = full.rpartition(".")
    return owner in load_catalog().symbols and last in _last_words()


@cache
def _known_names() -> frozenset[str]:
    """Return all names of the catalogue, its modules, and what is left of them without leading parts."""
    catalog = load_catalog()
    names: set[str] = set()
    for name in (*catalog.symbols, *catalog.aliases, *catalog.deprecations):
        parts = name.split(".")
        names.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
        names.update(".".join(parts[count:]) for count in range(len(parts)))
    return frozenset(names)


@cache
def _libraries() -> Mapping[str, str]:
    """Return the top-level packages of the catalogue, each as its own alias."""
    return {root: root for root in {name.partition(".")[0] for name in load_catalog().symbols}}


@cache
def _last_words() -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in load_catalog().symbols)


@cache
def _parameters() -> frozenset[str]:
    """Return the names of all parameters in the catalogue."""
    catalog = load_catalog()
    return frozenset(spec.name for symbol in catalog.symbols.values() for spec in symbol.parameters or ())
