"""Evaluation: what is measured, on which data, in which mode."""

from collections import defaultdict
from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.estimators import Estimators
from ml_architect.facts.evaluation import EvaluationLoop, Evaluations
from ml_architect.facts.events import EventKind
from ml_architect.facts.keras import FITTING, KerasModels
from ml_architect.review.reader import Reader, Setting, quoted, shown_name
from ml_architect.review.stages.fitting import ARGUMENTS, is_fit
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Constant, For, Node

__all__ = ["statements"]

_STAGE = Stage.EVALUATION
_CROSS = ("cross_val_score", "cross_validate", "cross_val_predict", "learning_curve", "permutation_test_score")
_FOLDS = (
    Setting("n_splits", "number", is_open=False),
    Setting("shuffle", "shuffled", off="not shuffled"),
    Setting("random_state", "seed", is_open=False),
)
_STOPPING = (
    Setting("monitor", "watches", is_open=False),
    Setting("patience", "patience", is_open=False),
    Setting("restore_best_weights", "best weights restored", off="best weights not restored"),
    Setting("early_stopping_patience", "patience", is_open=False),
)
_ARGUMENTS = (
    Setting("eval_strategy", "evaluates by", is_open=False),
    Setting("evaluation_strategy", "evaluates by", is_open=False),
    Setting("load_best_model_at_end", "best model loaded at the end"),
    Setting("metric_for_best_model", "the best one by", is_open=False),
)
_METRIC_MODULES = ("sklearn.metrics.", "torchmetrics.", "keras.metrics.")
_NO_METRIC = ("plot_", "make_scorer", "pairwise", "get_scorer", "check_", "Mean", "Metric", "euclidean_", "cosine_")


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield how the document evaluates."""
    for loop in reader.facts.group(Evaluations).loops:
        if loop.named or _goes_through_data(reader, loop):
            yield _loop(reader, loop)
    yield from _metrics(reader)
    yield from _cross_validation(reader)
    yield from _held_out(reader)
    yield from _stopping(reader)
    for name, call in reader.starting("transformers.", "trl."):
        if name.rpartition(".")[2] in ARGUMENTS:
            phrases = reader.settings(call, _STAGE, name, _ARGUMENTS)
            if phrases:
                yield reader.statement(_STAGE, "held-out", f"the trainer: {', '.join(phrases)}", [call.node])


def _goes_through_data(reader: Reader, item: EvaluationLoop) -> bool:
    """Return whether a loop without a name for it applies a model, without gradients, to what it goes through.

    A loop over ``range`` mostly generates.
    """
    facts, statement = reader.facts, item.loop.site.statement
    call = facts.call_at(statement.iterable) if isinstance(statement, For) else None
    counts = call is not None and facts.call_name(call) == "builtins.range"
    return not counts and facts.grad_mode.disabled(item.forward.call or item.loop.site) is Answer.YES


def _loop(reader: Reader, item: EvaluationLoop) -> Statement:
    facts, site = reader.facts, item.loop.site
    statement = site.statement
    header = ""
    if isinstance(statement, For):
        header = quoted(f"for {facts.text(statement.target)} in {facts.text(statement.iterable)}")
    phrases = ["autograd is off"] if facts.grad_mode.disabled(item.forward.call or site) is Answer.YES else []
    evaluations = facts.group(Evaluations)
    modes = [event for event in facts.events(item.loop.function) if event.kind is EventKind.EVAL_MODE]
    if any(evaluations.about(event, item.forward) is Answer.YES and event.site.order < site.order for event in modes):
        phrases.append("evaluation mode is set before")
    where = f" in `{item.loop.function.name}`" if item.loop.function else ""
    text = f"a loop{where}{f' ({header})' if header else ''} applies {reader.code(item.model)} without a backward pass"
    return reader.statement(_STAGE, "evaluation", ": ".join([text, ", ".join(phrases)]).removesuffix(": "), [statement])


def _metrics(reader: Reader) -> Iterator[Statement]:
    found: dict[str, list[Node]] = defaultdict(list)
    for name, call in reader.starting(*_METRIC_MODULES):
        last = name.rpartition(".")[2]
        is_direct = (
            name in {f"{module}{last}" for module in _METRIC_MODULES} or reader.facts.catalog.kind(name) is Kind.METRIC
        )
        if is_direct and not last.startswith(_NO_METRIC):
            found[last].append(call.node)
    for name, nodes in found.items():
        yield reader.statement(_STAGE, "metric", f"computes the metric `{name}`", nodes)
    models = reader.facts.group(KerasModels)
    for item in models.compiles:
        words = [metric.text for metric in models.metrics(item) or () if metric.text]
        if words:
            text = f"compiles with the metrics {', '.join(f'`{word}`' for word in words)}"
            yield reader.statement(_STAGE, "metric", text, [item.call.node])
    for call in reader.facts.calls_to("evaluate.load", "datasets.load_metric"):
        first = call.node.arguments[0].value if call.node.arguments else None
        shown = (reader.value(first, call) or reader.code(first)) if first is not None else "a metric"
        yield reader.statement(_STAGE, "metric", f"loads the metric {shown}", [call.node])


def _cross_validation(reader: Reader) -> Iterator[Statement]:
    facts = reader.facts
    for name in _CROSS:
        for call in facts.calls_to(f"sklearn.model_selection.{name}"):
            settings = [Setting("cv", "folds or splitter", is_open=False), Setting("scoring", "scoring", is_open=False)]
            text = f"cross-validates with {reader.described(call, _STAGE, name, settings)}"
            yield reader.statement(_STAGE, "cross-validation", text, [call.node])
    for call in facts.calls_of(Kind.CROSS_VALIDATOR):
        name = shown_name(facts.call_name(call) or "")
        text = f"divides into folds or parts with {reader.described(call, _STAGE, name, _FOLDS)}"
        yield reader.statement(_STAGE, "cross-validation", text, [call.node])


def _held_out(reader: Reader) -> Iterator[Statement]:
    facts = reader.facts
    models = facts.group(KerasModels)
    for call in models.calls(*FITTING):
        data = models.passed(call, "validation_data").value
        if data is not None and not (isinstance(data, Constant) and data.value is None):
            shown = quoted(reader.facts.text(data))
            text = f"validates during training{f' on {shown}' if shown else ''}"
            yield reader.statement(_STAGE, "held-out", text, [data])
    for call in models.calls("evaluate"):
        if is_fit(reader, call):
            yield reader.statement(_STAGE, "held-out", "evaluates a Keras model with `evaluate`", [call.node])
    estimators = facts.group(Estimators)
    for call in facts.method_calls("score"):
        estimator = estimators.receiver(call)
        first = call.node.arguments[0].value if call.node.arguments else None
        if estimator is not None and first is not None:
            named = "a pipeline" if estimator.symbol.kind is Kind.PIPELINE else f"`{estimator.name}`"
            text = f"scores {named} on {reader.code(first)}"
            yield reader.statement(_STAGE, "held-out", text, [call.node])
    for call in facts.method_calls("evaluate", "validate", "test"):
        made = facts.construction(call.receiver, call) if call.receiver is not None else None
        symbol = facts.symbol(made) if made is not None else None
        if symbol is not None and symbol.kind is Kind.TRAINER:
            text = f"evaluates with the trainer's method `{call.method}`"
            yield reader.statement(_STAGE, "held-out", text, [call.node])
    for info in facts.classes:
        steps = [name for name in ("validation_step", "test_step") if name in info.methods]
        _, ancestors, _ = facts.names.ancestry(info)
        if steps and any(name.startswith("lightning.") for name in ancestors):
            text = f"`{info.name}` has {' and '.join(f'`{step}`' for step in steps)}"
            yield reader.statement(_STAGE, "held-out", text, [info.methods[steps[0]].node])


def _stopping(reader: Reader) -> Iterator[Statement]:
    for name, call in reader.named:
        last = name.rpartition(".")[2]
        if last in {"EarlyStopping", "EarlyStoppingCallback"} and name.startswith(
            ("keras.", "lightning.", "transformers.")
        ):
            text = f"stops early: {reader.described(call, _STAGE, last, _STOPPING)}"
            yield reader.statement(_STAGE, "early-stopping", text, [call.node])
        elif name == "lightgbm.early_stopping":
            yield reader.statement(
                _STAGE, "early-stopping", "stops boosting early (`lightgbm.early_stopping`)", [call.node]
            )
