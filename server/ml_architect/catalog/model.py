"""What is known of the libraries: symbols, parameters and versions, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(str, Enum):
    """The role that a symbol's result (or the symbol itself) plays in training code."""

    DATA_LOADER = "data_loader"
    DATASET = "dataset"
    ITERABLE_DATASET = "iterable_dataset"
    SAMPLER = "sampler"
    DISTRIBUTED_SAMPLER = "distributed_sampler"
    OPTIMIZER = "optimizer"
    SCHEDULER = "scheduler"
    PLATEAU_SCHEDULER = "plateau_scheduler"
    GRAD_SCALER = "grad_scaler"
    AUTOCAST = "autocast"
    NO_GRAD = "no_grad"
    LOSS = "loss"
    LOSS_FUNCTION = "loss_function"
    MODULE = "module"
    MODULE_BASE = "module_base"
    MODULE_FACTORY = "module_factory"
    MODULE_WRAPPER = "module_wrapper"
    TENSOR_FACTORY = "tensor_factory"
    TENSOR_FUNCTION = "tensor_function"
    PARAMETER = "parameter"
    DEVICE = "device"
    METRIC = "metric"
    SEED = "seed"
    ENGINE = "engine"
    TRAINER = "trainer"
    PRETRAINED = "pretrained"
    TFDATA_SOURCE = "tfdata_source"
    KERAS_MODEL = "keras_model"
    KERAS_LAYER = "keras_layer"
    KERAS_LOSS = "keras_loss"
    KERAS_METRIC = "keras_metric"
    KERAS_OPTIMIZER = "keras_optimizer"
    KERAS_CALLBACK = "keras_callback"
    ESTIMATOR = "estimator"
    TRANSFORMER = "transformer"
    SUPERVISED_TRANSFORMER = "supervised_transformer"
    RESAMPLER = "resampler"
    CROSS_VALIDATOR = "cross_validator"
    SPLIT = "split"
    PIPELINE = "pipeline"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ParameterSpec:
    """One parameter of a callable, as its documentation spells it.

    `default` is the Python source of the default value; None where there is none.
    """

    name: str
    default: str | None = None
    keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Symbol:
    """One public name of a library under its canonical qualified name.

    `parameters` is None where we do not know the signature. `accepts_extra` says that the callable
    takes ``**kwargs`` (or ``*args``), so that an unknown keyword is no error.
    """

    name: str
    library: str
    kind: Kind
    parameters: tuple[ParameterSpec, ...] | None = None
    accepts_extra: bool = False
    traits: frozenset[str] = frozenset()
    """Further facts, such as ``adaptive``, ``mode_dependent``, ``probabilities``, ``logits``, ``channels``."""

    def position(self, parameter: str) -> int | None:
        """Return the index at which `parameter` may be given by position, else None."""
        for index, spec in enumerate(self.parameters or ()):
            if spec.name == parameter:
                return None if spec.keyword_only else index
        return None

    def default(self, parameter: str) -> str | None:
        """Return the source of the default of `parameter`, or None where there is none or we do not know."""
        return next((spec.default for spec in self.parameters or () if spec.name == parameter), None)


class DeprecationFix(str, Enum):
    """How the use of a deprecated symbol is repaired without judgement."""

    NONE = "none"
    RENAME_SYMBOL = "rename_symbol"
    RENAME_KEYWORD = "rename_keyword"
    REMOVE_KEYWORD = "remove_keyword"
    REPLACE_VALUE = "replace_value"
    UNWRAP = "unwrap"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """One row of the deprecation table.

    `symbol` is a canonical qualified name; with `keyword` set, only that keyword of a call to it is meant,
    with `value` (Python source of a literal) only that value of it. Versions are those of `library`;
    `removed` is None while the symbol is still there. ``data/deprecations/torch.toml`` says what each `fix`
    does with the `replacement`.
    """

    symbol: str
    library: str
    deprecated: str | None
    removed: str | None
    replacement: str
    fix: DeprecationFix
    safe: bool
    note: str
    source: str
    keyword: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All symbols and deprecations, with lookups by canonical name."""

    symbols: Mapping[str, Symbol]
    aliases: Mapping[str, str]
    prefixes: tuple[tuple[str, str], ...]
    deprecations: Mapping[str, tuple[Deprecation, ...]]
    verified: Mapping[str, str] = field(default_factory=dict)
    """The version of each library (by its PyPI name) that signatures were compared with."""
    _canonical: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Answers of `canonical`, which is asked for the same few names again and again."""
    _replacements: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """`prefixes` by prefix, so that a name costs a look-up per dot; the longest prefix counts."""

    deprecated_names: frozenset[str] = field(default=frozenset(), init=False, repr=False, compare=False)
    """The last words of the symbols in `deprecations`, so that a method call is ruled out by one look."""

    def __post_init__(self) -> None:
        self._replacements.update(self.prefixes)
        names = frozenset(name.rpartition(".")[2] for name in self.deprecations)
        object.__setattr__(self, "deprecated_names", names)

    def canonical(self, name: str) -> str:
        """Return the canonical spelling of a qualified name (``tensorflow.keras.Model`` gives ``keras.Model``)."""
        known = self._canonical.get(name)
        if known is None:
            known = self._canonical[name] = self._respelled(name)
        return known

    def _respelled(self, name: str) -> str:
        if name in self.symbols:
            return name
        dot = name.rfind(".")
        while dot > 0:
            replacement = self._replacements.get(name[: dot + 1])
            if replacement is not None:
                name = replacement + name[dot + 1 :]
                break
            dot = name.rfind(".", 0, dot)
        return self.aliases.get(name, name)

    def symbol(self, name: str) -> Symbol | None:
        """Return what is known of the symbol with this qualified name."""
        return self.symbols.get(self.canonical(name))

    def kind(self, name: str) -> Kind | None:
        """Return the kind of the symbol with this qualified name, None where it is not in the catalogue."""
        symbol = self.symbol(name)
        return symbol.kind if symbol else None
