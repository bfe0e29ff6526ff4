"""The questions that the worker answers. Each travels to the worker process and is run there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ml_architect.lsp.report import Explanation, Repair, Report, Subject

if TYPE_CHECKING:  # the server's own process never imports the engine
    from ml_architect.lsp.backend import Backend

_Answer_co = TypeVar("_Answer_co", covariant=True)


class Job(Protocol[_Answer_co]):
    """One question and how it is answered."""

    def run(self, backend: "Backend") -> _Answer_co:
        """Return the answer; called in the worker process."""


@dataclass(frozen=True, slots=True)
class Analyze:
    """What is to be said about a document?"""

    subject: Subject
    whole_menus: bool = False
    """Whether the editor cannot ask for an edit once its action is chosen."""

    def run(self, backend: "Backend") -> Report:
        """Return all findings."""
        return backend.report(self.subject, whole_menus=self.whole_menus)


@dataclass(frozen=True, slots=True)
class FixEach:
    """How are these findings repaired, each on its own?"""

    subject: Subject
    fingerprints: tuple[str, ...]

    def run(self, backend: "Backend") -> tuple[Repair | None, ...]:
        """Return the verified repairs in the order of `fingerprints`, None where there is none."""
        repairs = backend.repairs(self.subject)
        return tuple(repairs.of_finding(fingerprint) for fingerprint in self.fingerprints)


@dataclass(frozen=True, slots=True)
class FixRule:
    """How are all findings of one rule repaired?"""

    subject: Subject
    code: str
    unsafe: bool = True
    """Whether repairs that are not safe count as well."""

    def run(self, backend: "Backend") -> Repair | None:
        """Return one repair for all that can be repaired together, None if there is none."""
        return backend.repairs(self.subject).of_rule(self.code, unsafe=self.unsafe)


@dataclass(frozen=True, slots=True)
class FixThese:
    """How are these findings repaired together, as far as that is safe?"""

    subject: Subject
    fingerprints: tuple[str, ...]

    def run(self, backend: "Backend") -> Repair | None:
        """Return one repair, None if there is none."""
        return backend.repairs(self.subject).of_these(self.fingerprints)


@dataclass(frozen=True, slots=True)
class FixAll:
    """What does the document look like after all safe fixes?"""

    subject: Subject

    def run(self, backend: "Backend") -> Repair | None:
        """Return the edits that lead there, None if there are none."""
        return backend.repairs(self.subject).of_all()


@dataclass(frozen=True, slots=True)
class Suppress:
    """Which comment silences this finding?"""

    subject: Subject
    fingerprint: str
    whole_file: bool = False
    """Whether it is to silence all findings of the same rule in the file."""

    def run(self, backend: "Backend") -> Repair | None:
        """Return the edits that add or extend the comment."""
        return backend.repairs(self.subject).suppression(self.fingerprint, whole_file=self.whole_file)


@dataclass(frozen=True, slots=True)
class Explain:
    """What is there to know about the place `offset`?"""

    subject: Subject
    offset: int
    plain: bool

    def run(self, backend: "Backend") -> Explanation | None:
        """Return text, in Markdown unless `plain`; None where nothing of ours stands."""
        return backend.explain(self.subject, self.offset, plain=self.plain)
