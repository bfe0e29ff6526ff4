"""What a rule is made of. A rule file holds one `detect` function and one `RULE` value."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from ml_architect.facts import ModuleFacts
from ml_architect.rewrite import Fix, Safety
from ml_architect.rules.allowance import Allowance, Choice, Free, Number, Place
from ml_architect.syntax.nodes import Node
from ml_architect.text.span import Span

__all__ = [
    "Allowance",
    "Category",
    "Choice",
    "Cost",
    "Evidence",
    "Finding",
    "Fires",
    "Fix",
    "FixKind",
    "Framework",
    "Free",
    "Guidance",
    "Number",
    "Place",
    "Quiet",
    "Reference",
    "Related",
    "Rule",
    "Safety",
    "Severity",
    "Shown",
    "StartingValue",
]


class Severity(str, Enum):
    """How much a finding matters by default."""

    ERROR = "error"
    """The program raises, or its result is wrong."""
    WARNING = "warning"
    """The result is probably not the intended one, or a resource is wasted badly."""
    INFO = "info"
    """Advice that a reader may decline."""
    HINT = "hint"
    """Shown faintly, never counted as a problem."""


class Category(str, Enum):
    """What part of the work a rule is about."""

    DATA_LOADING = "data-loading"
    OPTIMIZER = "optimizer"
    TRAINING_LOOP = "training-loop"
    MODEL = "model"
    LOSS = "loss"
    DEVICE = "device"
    PRECISION = "precision"
    EVALUATION = "evaluation"
    REPRODUCIBILITY = "reproducibility"
    CHECKPOINT = "checkpoint"
    SECURITY = "security"
    DISTRIBUTED = "distributed"
    LEAKAGE = "leakage"
    HYPERPARAMETER = "hyperparameter"
    UPGRADE = "upgrade"


class Framework(str, Enum):
    """The library whose use a rule judges."""

    TORCH = "torch"
    LIGHTNING = "lightning"
    TRANSFORMERS = "transformers"
    TENSORFLOW = "tensorflow"
    KERAS = "keras"
    SKLEARN = "sklearn"
    PANDAS = "pandas"
    ANY = "any"


class Cost(str, Enum):
    """The sides of a trade-off."""

    COMPUTE = "compute"
    MEMORY = "memory"
    STABILITY = "stability"
    GENERALISATION = "generalisation"
    LATENCY = "latency"
    MAINTENANCE = "maintenance"


class FixKind(str, Enum):
    """What repair a rule offers at best."""

    NONE = "none"
    SAFE = "safe"
    UNSAFE = "unsafe"
    ARCHITECT = "architect"
    """No template can write it; a model may, under the architect's checks."""


@dataclass(frozen=True, slots=True)
class StartingValue:
    """A concrete value to begin with."""

    setting: str
    value: str
    range: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a claim can be read up."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Fires:
    """Code in which the rule reports exactly once; `after` is the code once its fix is applied.

    For a rule whose repairs need judgement `after` is one good repair, which a model may reach.

    `versions` are the library versions that the example assumes, such as ``{"torch": "2.4.0"}``.
    """

    code: str
    after: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quiet:
    """A near miss: code in which the rule says nothing, and why that is right."""

    code: str
    because: str
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """The claim is executed by this test, ``tests/evidence/<file>.py::<function>``."""

    test: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """The claim is advice that cannot be executed here, and why."""

    reason: str


Evidence: TypeAlias = Shown | Guidance


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that explains a finding."""

    place: Node | Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. `fix` is a promise: it is called only when somebody asks for the edits.

    A fix that returns None says that this finding has no deterministic repair.
    `severity` replaces the rule's own where the facts lower or raise it.
    """

    place: Node | Span
    message: str
    related: tuple[Related, ...] = ()
    fix: Callable[[], Fix | None] | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: what it is about, why it matters, how it is detected, and examples that are its tests."""

    name: str
    """The bad pattern, in kebab-case; never changes once landed."""
    summary: str
    """One sentence without a full stop: what is wrong."""
    framework: Framework
    category: Category
    severity: Severity
    why: str
    """One or two paragraphs of plain text: what happens, and when it is all right."""
    tradeoffs: Mapping[Cost, str]
    starting_values: tuple[StartingValue, ...] = ()
    references: tuple[Reference, ...]
    fires: tuple[Fires, ...]
    quiet: tuple[Quiet, ...]
    fix: FixKind
    fix_safety: str = ""
    """Why the fix is safe or unsafe."""
    architect: Allowance | None = None
    """What a repair by a model may change; None where no model is asked for one."""
    evidence: Evidence
    detect: Callable[[ModuleFacts], Iterator[Finding]] = field(repr=False)
    applies_to: str = ""
    """A requirement on the library's version, such as ``torch<2.6``; empty for all."""
    since: str = "0.1.0"
    """The version of ml-architect that brought the rule."""
    no_effect: bool = False
    """Whether what is marked does nothing at all, so that editors fade it."""
    preview: bool = False
