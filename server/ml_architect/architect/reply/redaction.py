"""What never leaves the machine: secrets and names of people are replaced by numbered placeholders.

A placeholder is a name, so code that parses still parses; no line is added or lost; equal secrets get equal numbers.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["PLACEHOLDER", "Redacted", "redact", "restore", "without_cut_secrets", "without_secrets"]

PLACEHOLDER = re.compile(r"REDACTED_(\d+)")
"""What stands in the place of a secret."""

_END = r"(?![A-Za-z0-9])"
_START = r"(?<![A-Za-z0-9])"
_TOKEN = re.compile(
    _START
    + r"(?:sk-[A-Za-z0-9_-]{16,}|sk_(?:live|test)_[A-Za-z0-9]{16,}|hf_[A-Za-z0-9]{20,}|gh[opsur]_[A-Za-z0-9]{20,}"
    r"|github_pat_[A-Za-z0-9_]{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}|xox[abeprs]-[A-Za-z0-9-]{10,}|AIza[A-Za-z0-9_-]{30,}"
    r"|glpat-[A-Za-z0-9_-]{16,}|gsk_[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{30,}|ya29\.[A-Za-z0-9_-]{20,}"
    r"|pypi-[A-Za-z0-9_-]{30,}|npm_[A-Za-z0-9]{30,}|dapi[0-9a-f]{32}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)" + _END,
    re.ASCII,
)
"""Keys as the services publish their shapes (prefix and alphabet), and JSON web tokens."""
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{3,40}-----(.*?)-----END [A-Z0-9 ]{3,40}-----", re.DOTALL)
_PEM_OPEN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=]{16,}")
_CREDENTIALS = re.compile(r"://([^\s/@'\"<>{}]{1,200})@")
_KEY_WORD = re.compile(r"wandb|comet|neptune|api.?key|login|token|secret", re.IGNORECASE)
_HEX_KEY = re.compile(_START + r"[0-9a-f]{32,64}" + _END)
_SECRET_NAME = re.compile(
    r"""(?:^|[^A-Za-z])(?:pass(?:word|wd|phrase)|pwd|secret|(?:api|access|auth|private|secret|account|license)_?key
        |(?:api|access|auth|bearer|refresh|hub|hf|bot|use_auth|session|id|secret)_?token|credentials?|wandb_?key)
        (?:_?(?:key|id|value))?$|^token$""",
    re.IGNORECASE | re.VERBOSE,
)
"""A name that a secret is given to. A bare `token` counts; `pad_token` and `eos_token` are words of a vocabulary."""
_SECRET_WORD = re.compile(
    r"[Pp]ass|PASS|[Pp]wd|PWD|[Ss]ecret|SECRET|[Kk]ey|KEY|[Tt]oken|TOKEN|[Cc]redential|CREDENTIAL"
)
"""One of these is in every secret-looking name: looking for it first is quicker."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ASSIGNED = re.compile(
    r"""(?:(?<!\w)(?P<name>[A-Za-z_]\w{0,80})|(?P<call>\(\s{0,4})?["'](?P<key>[A-Za-z_][\w-]{0,80})["'])["']?\]?
        \s{0,8}(?::\s{0,4}[\w.\[\]| ]{1,60})?\s{0,8}(?:[=:]|(?(call),|=))\s{0,8}[rRbBuUfF]{0,2}
        (?P<quote>\"(?!\"\")|'(?!''))(?P<value>(?:\\[^\r\n]|(?!(?P=quote))[^\\\r\n])*)(?P=quote)""",
    re.VERBOSE | re.ASCII,
)
_HOME = re.compile(
    r"(?<![\w.])(?:/home|/Users|/data/home)/([A-Za-z0-9._-]+)|[A-Za-z]:(?:\\\\|\\|/)Users(?:\\\\|\\|/)([\w.-]+)"
)
_SHARED_HOMES = frozenset({"user", "username", "Shared", "shared", "Public", "runner", "ubuntu", "Default"})
_MAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,20}\b"
)
_LONG = re.compile(r"""(?<=["'=:/ ])[A-Za-z0-9+/_=-]{24,}(?=["'&\s,;)]|$)""", re.MULTILINE)
_HIGH_ENTROPY = 4.0
"""Bits a character: random base64 of 24 characters lies above, file names and identifiers mostly below (measured)."""

_REPLACED_ANYWHERE = 8
"""A secret of so many characters is replaced wherever it stands; the name of a person may be part of a word."""
_TELLING = 5
"""So many first characters of a secret give it away."""
_SHORTEST = 3
"""A shorter value of a secret-looking name hides nothing."""
_MOST_DIGITS = 10
"""A placeholder of the document itself with a longer number than this cannot be met by ours."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets, and what stood at each placeholder; `placeholders` are never sent or logged."""

    text: str
    placeholders: tuple[tuple[str, str], ...] = ()


def redact(text: str) -> Redacted:
    """Return `text` with a placeholder for each secret, as many lines as before."""
    spans = _disjoint(text)
    numbers: dict[str, str] = {}
    taken = {int(match.group(1)) for match in PLACEHOLDER.finditer(text) if len(match.group(1)) < _MOST_DIGITS}
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        secret = text[start:end]
        if secret not in numbers:
            number = next(count for count in range(1, len(taken) + 2) if count not in taken)
            taken.add(number)
            numbers[secret] = f"REDACTED_{number}"
        pieces += (text[position:start], numbers[secret])
        position = end
    pieces.append(text[position:])
    return Redacted("".join(pieces), tuple((name, secret) for secret, name in numbers.items()))


def restore(text: str, placeholders: Sequence[tuple[str, str]]) -> str:
    """Return `text` with the secrets in the place of their placeholders; others stay."""
    secrets = dict(placeholders)
    return PLACEHOLDER.sub(lambda match: secrets.get(match.group(), match.group()), text) if secrets else text


def _disjoint(text: str) -> list[tuple[int, int]]:
    """Return the places of secrets in text order; where two overlap they are one."""
    result: list[tuple[int, int]] = []
    for start, stop in sorted(_secrets(text)):
        end = stop
        while end < len(text) and text[end].isdecimal():
            end += 1
        if PLACEHOLDER.search(text, start, end):
            continue
        if result and start < result[-1][1]:
            result[-1] = result[-1][0], max(end, result[-1][1])
        else:
            result.append((start, end))
    return result


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _TOKEN.finditer(text))
    yield from _addresses(text)
    if "/home/" in text or "Users" in text:
        for match in _HOME.finditer(text):
            group = 1 if match.group(1) else 2
            if match.group(group) not in _SHARED_HOMES:
                yield match.span(group)
    yield from _pem(text)
    for match in _HEX_KEY.finditer(text):
        if _KEY_WORD.search(text, text.rfind("\n", 0, match.start()) + 1, match.start()):
            yield match.span()
    yield from _assigned(text)
    yield from (match.span() for match in _LONG.finditer(text) if _is_random(match.group()))


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield user and password in URLs, and e-mail addresses; what stands behind a password is a host."""
    if "@" not in text:
        return
    credentials = [match.span(1) for match in _CREDENTIALS.finditer(text) if ":" in match.group(1)]
    yield from credentials
    hosts = {end for _, end in credentials}
    for match in _MAIL.finditer(text):
        if match.start() + match.group().index("@") not in hosts:
            yield match.span()


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    """Yield the strings that secret-looking names are given on their own line or on the next one."""
    done = 0
    for word in _SECRET_WORD.finditer(text):
        if word.start() < done:
            continue
        start = max(done, text.rfind("\n", 0, word.start()) + 1)
        line = text.find("\n", word.end())
        after = text.find("\n", line + 1) if line >= 0 else -1
        done = len(text) if line < 0 else line
        for match in _ASSIGNED.finditer(text, start, len(text) if after < 0 else after):
            if _is_secret(match.group("name") or match.group("key"), match.group("value")):
                yield match.span("value")


def _pem(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines inside of PEM blocks; of one that does not end, the lines that look like it."""
    for match in _PEM.finditer(text):
        yield from (line.span() for line in _PEM_BODY.finditer(text, match.start(1), match.end(1)))
    for match in _PEM_OPEN.finditer(text):
        yield from (line.span() for line in _PEM_BODY.finditer(text, match.end(), match.end() + 8_000))


def _is_secret(name: str, value: str) -> bool:
    """Return whether a string given to `name` is a secret: not empty, no template, no name of a variable."""
    if len(value) < _SHORTEST or not _SECRET_NAME.search(_HUMP.sub("_", name.replace("-", "_"))):
        return False
    return not ("{" in value or value.startswith(("$", "<", "REDACTED_")) or re.fullmatch(r"[A-Z][A-Z_]+", value))


def _is_random(text: str) -> bool:
    """Return whether `text` looks drawn by chance: letters of both cases and digits mixed, and no word of a path."""
    mixed = re.search(r"[a-z]", text) and re.search(r"[A-Z]", text) and len(re.findall(r"\d", text)) > 1
    if not mixed or PLACEHOLDER.search(text):
        return False
    return _entropy(text) >= _HIGH_ENTROPY and not re.search(r"[a-z]{6,}|[A-Z]{6,}", text)


def _entropy(text: str) -> float:
    """Return the bits that a character of `text` carries, by how often each occurs in it."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def without_secrets(text: str, placeholders: Iterable[tuple[str, str]]) -> str:
    """Return `text` with each secret replaced by its placeholder, a short one where it stands as a word only."""
    for placeholder, secret in sorted(placeholders, key=lambda pair: -len(pair[1])):
        if len(secret) >= _REPLACED_ANYWHERE:
            text = text.replace(secret, placeholder)
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", placeholder, text)
    return text


def without_cut_secrets(text: str, placeholders: Iterable[tuple[str, str]]) -> str:
    """Return `text` without secrets, and without the beginning of one where a quotation is cut off within it."""
    placeholders = tuple(placeholders)
    text = without_secrets(text, placeholders)
    for placeholder, secret in placeholders:
        for length in range(len(secret) - 1, _TELLING - 1, -1):
            text = re.sub(rf"{re.escape(secret[:length])}(?=\.\.\.|`)", placeholder, text)
    return text
