"""What a requirement, as people write it in many files, says about the version of a library."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ml_architect.facts.environment import LibraryVersion

__all__ = ["Declared", "declared", "declared_pin", "known_library", "merged", "poetry_specifier", "target_specifier"]

_NAMES: Final[Mapping[str, str]] = {
    "intel-tensorflow": "tensorflow",
    "keras-gpu": "keras",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "sklearn": "scikit-learn",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-intel": "tensorflow",
    "tensorflow-macos": "tensorflow",
}
_LIBRARIES: Final = frozenset(
    {
        "accelerate",
        "datasets",
        "imbalanced-learn",
        "keras",
        "lightning",
        "numpy",
        "pandas",
        "pytorch-lightning",
        "scikit-learn",
        "tensorflow",
        "tf-keras",
        "torch",
        "torchaudio",
        "torchdata",
        "torchmetrics",
        "torchtext",
        "torchvision",
        "transformers",
    }
)
_CARET = re.compile(r"^\^\s*(\d+(?:\.\d+)*)")
_TILDE = re.compile(r"^~\s*(?!=)(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Declared:
    """The versions of a library that one line of a file allows; `exact` where it names one."""

    library: str
    exact: Version | None = None
    minimum: Version | None = None
    maximum: Version | None = None

    @property
    def says_something(self) -> bool:
        """Whether it narrows the versions at all."""
        return bool(self.exact or self.minimum or self.maximum)


def known_library(name: str) -> str | None:
    """Return the normalised PyPI name of a library that rules ask about, None for another one."""
    normalised = canonicalize_name(name.strip())
    library = _NAMES.get(normalised, str(normalised))
    return library if library in _LIBRARIES else None


def declared(text: str) -> Declared | None:
    """Return what a requirement such as ``torch[extra]>=2.2,<3; marker`` says; None for other libraries, or none."""
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return None
    library = known_library(requirement.name)
    return _bounds(library, requirement.specifier) if library else None


def declared_pin(name: str, specifier: str) -> Declared | None:
    """Return what a name with a specifier, or with a bare version, says; None for other libraries."""
    library = known_library(name)
    if library is None:
        return None
    specifier = specifier.strip()
    try:
        return _bounds(library, SpecifierSet(f"=={specifier}" if specifier[:1].isdigit() else specifier))
    except InvalidSpecifier:
        return None


def target_specifier(text: str) -> str:
    """Return the specifier for a version in settings: ``2.4`` means any 2.4 release."""
    try:
        release = Version(text).release
    except InvalidVersion:
        return text
    return f"=={text}.*" if len(release) < 3 and text.replace(".", "").isdigit() else f"=={text}"  # noqa: PLR2004


def poetry_specifier(text: str) -> str:
    """Return the specifier for a constraint of Poetry or Conda, such as ``^2.1``, ``~2.1`` or ``=2.1``."""
    text = text.strip()
    if text in {"", "*"}:
        return ""
    if match := _CARET.match(text):
        return _up_to(match[1], next((index for index, part in enumerate(match[1].split(".")) if int(part)), 0))
    if match := _TILDE.match(text):
        return _up_to(match[1], min(1, match[1].count(".")))
    if text.startswith("=") and not text.startswith("=="):
        return target_specifier(text[1:].strip().removesuffix(".*")) if text[1:2].isdigit() else text
    return text


def merged(found: Iterable[Declared], origin: str) -> dict[str, LibraryVersion]:
    """Return one version for each library; where lines differ, the range that holds them all."""
    groups: dict[str, list[Declared]] = {}
    for item in found:
        if item.says_something:
            groups.setdefault(item.library, []).append(item)
    return {library: _hull(library, items, origin) for library, items in groups.items()}


def _hull(library: str, items: list[Declared], origin: str) -> LibraryVersion:
    exact = {item.exact for item in items}
    if len(exact) == 1 and None not in exact:
        version = str(items[0].exact)
        return LibraryVersion(f"{library} {version} from {origin}", exact=version)
    lows = [item.exact or item.minimum for item in items]
    highs = [_after(item.exact) if item.exact else item.maximum for item in items]
    minimum = None if None in lows else str(min(low for low in lows if low))
    maximum = None if None in highs else str(max(high for high in highs if high))
    shown = ",".join([*([f">={minimum}"] if minimum else []), *([f"<{maximum}"] if maximum else [])])
    return LibraryVersion(f"{library} {shown or 'of any version'} from {origin}", minimum=minimum, maximum=maximum)


def _bounds(library: str, specifiers: SpecifierSet) -> Declared:
    """Return bounds that hold every version that `specifiers` accept (exclusions are not bounds)."""
    lows: list[Version] = []
    highs: list[Version] = []
    for specifier in specifiers:
        text = specifier.version
        operator = specifier.operator
        if operator == "!=":
            continue
        if text.endswith(".*"):
            lows.append(Version(text[:-2]))
            highs.append(_bumped(lows[-1], len(lows[-1].release)))
            continue
        try:
            version = Version(text)
        except InvalidVersion:
            continue
        if operator in {"==", "==="}:
            return Declared(library, exact=version)
        if operator in {">=", ">", "~="}:
            lows.append(version)
        if operator in {"<", "<="}:
            highs.append(version if operator == "<" else _after(version))
        if operator == "~=":
            highs.append(_bumped(version, len(version.release) - 1))
    return Declared(library, minimum=max(lows, default=None), maximum=min(highs, default=None))


def _after(version: Version) -> Version:
    """Return a version that is above `version` and all its post-releases."""
    release = (*version.release, 0, 0)[: max(3, len(version.release))]
    return _bumped(Version(".".join(map(str, release))), len(release))


def _bumped(version: Version, parts: int) -> Version:
    """Return the first version that does not share the first `parts` numbers of `version`."""
    *leading, last = version.release[:parts]
    return Version(".".join(map(str, [*leading, last + 1])))


def _up_to(text: str, part: int) -> str:
    """Return the specifier from `text` up to where its number at index `part` changes."""
    return f">={text},<{_bumped(Version(text), part + 1)}"
