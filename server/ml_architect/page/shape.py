"""The one shape of what the architect says, as data: which parts there are, in which order, and what each holds."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

__all__ = ["SHAPE", "Form", "Kind", "Part", "Section", "missing", "needed", "part_of", "sections_of", "wanted"]


class Kind(str, Enum):
    """What an answer is about."""

    EXPLAIN = "explain"
    """One finding."""
    REVIEW = "review"
    """A file or a project as it is."""
    ASK = "ask"
    """A question of the user's own, such as a design."""


class Section(str, Enum):
    """The names of the parts, in the order in which they are read."""

    APPROACH = "approach"
    CODE = "code"
    VALUES = "values"
    DECISIONS = "decisions"
    TRADEOFFS = "tradeoffs"
    ENVIRONMENT = "environment"
    VERIFY = "verify"
    EXPECT = "expect"
    NEXT = "next"
    CARE = "care"


class Form(str, Enum):
    """How the text of a part is written."""

    WORDS = "words"
    CODE = "code"
    """Whole files, each complete."""
    VALUES = "values"
    """Lines ``name = start | low to high | why``."""
    SIDES = "sides"
    """Lines ``side: what it costs or gains``."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer: it must not be missing in the kinds `needed`, and may be there in those of `welcome`."""

    section: Section
    title: str
    holds: str
    """What belongs there, for whoever writes it."""
    form: Form = Form.WORDS
    needed: frozenset[Kind] = frozenset()
    welcome: frozenset[Kind] = frozenset()


_ALL = frozenset(Kind)
_WIDER = frozenset({Kind.REVIEW, Kind.ASK})
_ASK = frozenset({Kind.ASK})
_EXPLAIN = frozenset({Kind.EXPLAIN})

SHAPE = (
    Part(Section.APPROACH, "Approach", "the idea in a few sentences: what, and why it fits this case", needed=_ALL),
    Part(
        Section.CODE,
        "Code",
        "complete, commented files that run as they stand: imports, configuration, seeds, devices, errors handled",
        Form.CODE,
        needed=_ASK,
    ),
    Part(
        Section.VALUES,
        "Values",
        "each hyperparameter with a starting value, a range, and why they fit this case",
        Form.VALUES,
        needed=_EXPLAIN | _ASK,
        welcome=frozenset({Kind.REVIEW}),
    ),
    Part(
        Section.DECISIONS,
        "Decisions",
        "the key decisions, each with the reason and what was decided against",
        needed=_ASK,
        welcome=frozenset({Kind.REVIEW}),
    ),
    Part(
        Section.TRADEOFFS,
        "Trade-offs",
        "compute and memory complexity, stability and convergence, generalisation, latency and throughput, maintenance",
        Form.SIDES,
        needed=_EXPLAIN | _ASK,
        welcome=frozenset({Kind.REVIEW}),
    ),
    Part(
        Section.ENVIRONMENT,
        "Environment",
        "Python and library versions, pinned where behaviour depends on them, hardware, how to install",
        needed=_WIDER,
    ),
    Part(
        Section.VERIFY,
        "How to verify",
        "commands to check, train, evaluate and profile, and what each of them shows",
        needed=_ALL,
    ),
    Part(
        Section.EXPECT,
        "Expected behaviour",
        "what is printed, which losses and metrics are plausible, how long it takes and what that depends on",
        needed=_ASK,
        welcome=frozenset({Kind.EXPLAIN, Kind.REVIEW}),
    ),
    Part(
        Section.NEXT,
        "Next steps",
        "what to try next, what to look at first when it goes wrong, how to deploy where that applies",
        needed=_WIDER,
        welcome=_EXPLAIN,
    ),
    Part(
        Section.CARE,
        "Privacy, bias, security",
        "personal data, bias and fairness, security of files and credentials, interpretability where it is required",
        needed=_WIDER,
    ),
)
"""All parts, in their order."""


def sections_of(kind: Kind) -> tuple[Section, ...]:
    """Return the sections that an answer of `kind` may have, in their order."""
    return tuple(part.section for part in SHAPE if kind in part.needed | part.welcome)


def needed(kind: Kind) -> tuple[Section, ...]:
    """Return the sections that an answer of `kind` has to have, in their order."""
    return tuple(part.section for part in SHAPE if kind in part.needed)


def missing(kind: Kind, there: Collection[Section]) -> tuple[Part, ...]:
    """Return the parts that an answer of `kind` with the sections `there` lacks, in their order."""
    return tuple(part for part in SHAPE if kind in part.needed and part.section not in there)


def part_of(section: Section) -> Part:
    """Return the part with the name `section`."""
    return next(part for part in SHAPE if part.section is section)


def wanted(sections: Collection[Section]) -> str:
    """Return what a writer is told who left out these `sections`."""
    named = ", ".join(f"## {section.value} ({part_of(section).holds})" for section in sections)
    verb = "is" if len(sections) == 1 else "are"
    return f"what belongs under {named} {verb} missing; write it"
