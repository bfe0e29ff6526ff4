"""The versions of the libraries that the code under analysis runs with, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

__all__ = ["Environment", "LibraryVersion"]

_IMPORT_NAMES = {"sklearn": "scikit-learn", "imblearn": "imbalanced-learn"}


@dataclass(frozen=True, slots=True)
class LibraryVersion:
    """What is known of the version of one library.

    `exact` is set where it is pinned or installed; else the version lies from `minimum` (inclusive) to
    `maximum` (exclusive), as far as they are known. All are spelled as valid versions (PEP 440).
    """

    origin: str
    """Where it comes from, such as ``torch 2.4.1 from uv.lock``."""
    exact: str | None = None
    minimum: str | None = None
    maximum: str | None = None

    @property
    def lowest(self) -> str | None:
        """The lowest version that the code has to run with, where one is known."""
        return self.exact or self.minimum


@dataclass(frozen=True, slots=True)
class Environment:
    """The version of each library of which something is known; keys are normalised PyPI names."""

    versions: Mapping[str, LibraryVersion] = field(default_factory=dict)

    def version(self, library: str) -> LibraryVersion | None:
        """Return what is known of `library`, which may be its PyPI or its import name."""
        return self.versions.get(_normalised(library))

    def allows(self, requirement: str) -> bool | None:
        """Return whether the version certainly satisfies (or does not satisfy) `requirement`; None where unknown.

        `requirement` reads like ``torch<2.6``; an empty one is always satisfied. A pre-release counts as the
        release that it leads to.

        Raises:
            packaging.requirements.InvalidRequirement: if `requirement` is none.
        """
        if not requirement:
            return True
        parsed = _requirement(requirement)
        known = self.version(parsed.name)
        if known is None:
            return None if parsed.specifier else True
        if known.exact is not None:
            return parsed.specifier.contains(Version(known.exact).base_version, prereleases=True)
        return _compare(known, parsed.specifier)


def _normalised(library: str) -> str:
    name = canonicalize_name(library)
    return _IMPORT_NAMES.get(name, name)


@lru_cache(maxsize=1024)
def _requirement(text: str) -> Requirement:
    return Requirement(text)


@dataclass(frozen=True, slots=True)
class _Range:
    """Versions between two ends; an end of None is open. A low end always belongs, unless `above` is set."""

    low: Version | None = None
    above: bool = False
    high: Version | None = None
    inclusive: bool = False

    def holds(self, low: Version | None, high: Version | None) -> bool:
        """Return whether all versions from `low` to `high` (exclusive) lie in this range."""
        starts = self.low is None or (low is not None and (low > self.low or (low == self.low and not self.above)))
        ends = self.high is None or (high is not None and high <= self.high)
        return starts and ends

    def misses(self, low: Version | None, high: Version | None) -> bool:
        """Return whether no version from `low` to `high` (exclusive) lies in this range."""
        before = high is not None and self.low is not None and high <= self.low
        after = (
            low is not None and self.high is not None and (low > self.high or (low == self.high and not self.inclusive))
        )
        return before or after


def _compare(known: LibraryVersion, specifiers: SpecifierSet) -> bool | None:
    low = Version(known.minimum) if known.minimum else None
    high = Version(known.maximum) if known.maximum else None
    ranges = [_range(specifier) for specifier in specifiers]
    if any(part is not None and part.misses(low, high) for part in ranges):
        return False
    if all(part is not None and part.holds(low, high) for part in ranges):
        return True
    return None


def _range(specifier: Specifier) -> _Range | None:
    """Return the versions that `specifier` accepts as one range, None where they are none."""
    operator, text = specifier.operator, specifier.version
    if operator in {"!=", "==="}:
        return None
    if text.endswith(".*"):
        low = Version(text[:-2])
        return _Range(low=low, high=_next(low, len(low.release)))
    version = Version(text)
    ranges = {
        "<": _Range(high=version),
        "<=": _Range(high=version, inclusive=True),
        ">": _Range(low=version, above=True),
        ">=": _Range(low=version),
        "==": _Range(low=version, high=version, inclusive=True),
    }
    return ranges.get(operator) or _Range(low=version, high=_next(version, len(version.release) - 1))


def _next(version: Version, parts: int) -> Version:
    """Return the first version that does not share the first `parts` numbers of `version`."""
    *leading, last = version.release[:parts]
    return Version(".".join(map(str, [*leading, last + 1])))
