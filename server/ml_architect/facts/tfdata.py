"""tf.data pipelines: the methods that a dataset went through, in order."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.structure import CallSite
from ml_architect.facts.values import At, Frame, Origin
from ml_architect.syntax.nodes import Call, Expression, Parameter

if TYPE_CHECKING:
    from ml_architect.facts.module import ModuleFacts

TRANSFORMATIONS = frozenset(
    {
        "apply",
        "batch",
        "bucket_by_sequence_length",
        "cache",
        "concatenate",
        "enumerate",
        "filter",
        "flat_map",
        "group_by_window",
        "interleave",
        "map",
        "padded_batch",
        "prefetch",
        "ragged_batch",
        "rebatch",
        "repeat",
        "scan",
        "shard",
        "shuffle",
        "skip",
        "snapshot",
        "take",
        "take_while",
        "unbatch",
        "unique",
        "window",
        "with_options",
    }
)
"""Methods of a dataset that return a new one and leave the old one as it was."""
_AUTOTUNE = frozenset({"tensorflow.data.AUTOTUNE", "tensorflow.data.experimental.AUTOTUNE"})
_DATASET = "tensorflow.data.Dataset"
_DEPTH = 40
_WIDTH = 8


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One way that a dataset may have been made.

    `source` is the call that makes the first dataset, None where it is not in sight. `steps` are the method calls on
    it, in the order in which they apply. `is_dataset` says whether it certainly is a ``tf.data.Dataset``.
    """

    source: CallSite | None
    steps: tuple[CallSite, ...]
    is_dataset: Answer

    def last(self, *methods: str) -> int | None:
        """Return the index of the last step with one of these names, None where there is none."""
        found = [index for index, step in enumerate(self.steps) if step.method in methods]
        return found[-1] if found else None

    def has(self, *methods: str) -> bool:
        """Return whether a step has one of these names."""
        return self.last(*methods) is not None


_UNSEEN = Pipeline(None, (), Answer.UNKNOWN)


class TfData:
    """Follows datasets back to their source through chained calls and reassigned names."""

    def __init__(self, facts: "ModuleFacts") -> None:
        self._facts = facts
        self._memo: dict[Expression, tuple[Pipeline, ...]] = {}
        self._asked: dict[tuple[Expression, Frame | None], tuple[Pipeline, ...]] = {}
        """Answers to parts of the question that is being answered; what is not answered yet is unseen."""
        self._depth = 0

    @property
    def present(self) -> bool:
        """Whether the module can hold datasets at all: it imports TensorFlow, Keras or TensorFlow Datasets."""
        return self._facts.imports("tensorflow", "keras", "tensorflow_datasets")

    def pipelines(self, expression: Expression, at: At, frame: Frame | None = None) -> tuple[Pipeline, ...]:
        """Return the ways that the dataset may have been made: several where branches differ, never none."""
        if expression in self._memo and frame is None:
            return self._memo[expression]
        key = expression, frame
        if key in self._asked or self._depth > _DEPTH:
            return self._asked.get(key, (_UNSEEN,))
        self._asked[key] = (_UNSEEN,)
        self._depth += 1
        try:
            found = self._asked[key] = self._pipelines(expression, at, frame)
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._asked.clear()
        if frame is None and self._depth == 0:
            self._memo[expression] = found
        return found

    def only(self, expression: Expression, at: At, frame: Frame | None = None) -> Pipeline | None:
        """Return the one way that a value was made if it certainly is a dataset, else None."""
        found = self.pipelines(expression, at, frame)
        return found[0] if len(found) == 1 and found[0].is_dataset is Answer.YES else None

    def before(self, step: CallSite) -> tuple[Pipeline, ...]:
        """Return the ways that the dataset was made on which `step` is called, if it certainly is one; else nothing."""
        receiver = step.receiver
        if receiver is None or self._facts.call_name(step) is not None:
            return ()
        found = self.pipelines(receiver, step)
        proven = self._is_proof(step) or any(item.is_dataset is Answer.YES for item in found)
        return found if proven else ()

    def steps(self, *methods: str) -> list[CallSite]:
        """Return the calls of these methods on what certainly is a dataset, in source order."""
        if not self.present:
            return []
        return [call for call in self._facts.method_calls(*methods) if self.before(call)]

    def followed_by(self, step: CallSite, *methods: str) -> bool:
        """Return whether one of these methods is called somewhere on a dataset that went through `step`."""
        return any(
            step in pipeline.steps
            for call in self._facts.method_calls(*methods)
            if call is not step and call.receiver is not None
            for pipeline in self.pipelines(call.receiver, call)
        )

    # --- following -----------------------------------------------------------------------------------

    def _pipelines(self, expression: Expression, at: At, frame: Frame | None) -> tuple[Pipeline, ...]:
        origins = self._facts.origins(expression, at, frame)
        found: list[Pipeline] = []
        for item in origins.items[:_WIDTH]:
            found += [pipeline for pipeline in self._of_origin(item) if pipeline not in found]
        return tuple(found[:_WIDTH]) or (_UNSEEN,)

    def _of_origin(self, item: Origin) -> tuple[Pipeline, ...]:
        node = item.node
        if isinstance(node, Parameter):
            return (Pipeline(None, (), self._annotated(node, item)),)
        if not isinstance(node, Call) or item.how != "value":
            return (_UNSEEN,)
        call = self._facts.structure.site_of_call[node]
        if self._is_source(call):
            return (Pipeline(call, (), Answer.YES),)
        if item.path or call.method not in TRANSFORMATIONS or call.receiver is None or self._facts.call_name(call):
            return (_UNSEEN,)
        inner = self.pipelines(call.receiver, call, item.frame)
        proof = self._is_proof(call)
        return tuple(
            Pipeline(part.source, (*part.steps, call), Answer.YES if proof else part.is_dataset) for part in inner
        )

    def _is_source(self, call: CallSite) -> bool:
        name = self._facts.call_name(call)
        return name is not None and self._facts.catalog.kind(name) is Kind.TFDATA_SOURCE

    def _is_proof(self, call: CallSite) -> bool:
        """Whether an argument shows that the method belongs to a dataset: ``tf.data.AUTOTUNE`` fits nothing else."""
        return any(self._facts.qualified(argument.value, call) in _AUTOTUNE for argument in call.node.arguments)

    def _annotated(self, node: Parameter, item: Origin) -> Answer:
        if node.annotation is None:
            return Answer.UNKNOWN
        name = self._facts.qualified(node.annotation, item.site)
        return Answer.UNKNOWN if name is None else Answer.of(name == _DATASET)
