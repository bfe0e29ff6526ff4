"""Training that a library runs: `fit` of Keras and scikit-learn, the trainers of transformers and Lightning."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.estimators import Estimators
from ml_architect.facts.keras import FITTING, KerasModels
from ml_architect.facts.structure import CallSite
from ml_architect.review.reader import Reader, Setting, shown_name
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Constant

__all__ = ["ARGUMENTS", "fits", "is_fit"]

_STAGE = Stage.TRAINING
ARGUMENTS = ("TrainingArguments", "Seq2SeqTrainingArguments", "SFTConfig", "DPOConfig", "RewardConfig", "GRPOConfig")
"""Classes that hold the configuration of a trainer of transformers or trl."""
_TRANSFORMERS = (
    Setting("learning_rate", "learning rate", absent="the library's default learning rate"),
    Setting("per_device_train_batch_size", "batch size on each device"),
    Setting("num_train_epochs", "epochs"),
    Setting("max_steps", "steps at most", is_open=False),
    Setting("weight_decay", "weight decay"),
    Setting("warmup_ratio", "warm-up share", is_open=False),
    Setting("warmup_steps", "warm-up steps", is_open=False),
    Setting("lr_scheduler_type", "schedule", is_open=False),
    Setting("gradient_accumulation_steps", "batches accumulated for a step"),
    Setting("fp16", "float16", off="float16 off"),
    Setting("bf16", "bfloat16", off="bfloat16 off"),
    Setting("gradient_checkpointing", "gradient checkpointing", off="no gradient checkpointing"),
    Setting("max_grad_norm", "gradients clipped to the norm", is_open=False),
    Setting("seed", "seed", is_open=False),
)
_LIGHTNING = (
    Setting("max_epochs", "epochs at most"),
    Setting("max_steps", "steps at most", is_open=False),
    Setting("accelerator", "accelerator", is_open=False),
    Setting("devices", "devices", is_open=False),
    Setting("gpus", "GPUs", is_open=False),
    Setting("strategy", "strategy", is_open=False),
    Setting("precision", "precision", is_open=False),
    Setting("gradient_clip_val", "gradients clipped to"),
    Setting("accumulate_grad_batches", "batches accumulated for a step"),
    Setting("deterministic", "deterministic", off="not deterministic"),
)
_ACCELERATE = (
    Setting("mixed_precision", "mixed precision", is_open=False),
    Setting("gradient_accumulation_steps", "batches accumulated for a step"),
)
_KERAS = (Setting("epochs", "epochs"), Setting("batch_size", "batch size"))


def fits(reader: Reader) -> Iterator[Statement]:
    """Yield the trainings that libraries run."""
    yield from _keras(reader)
    yield from _estimators(reader)
    yield from _trainers(reader)
    for name, what in (("xgboost.train", "XGBoost"), ("lightgbm.train", "LightGBM")):
        for call in reader.facts.calls_to(name):
            rounds = Setting("num_boost_round", "rounds")
            yield reader.statement(
                _STAGE, "fit", f"trains {what}: {reader.described(call, _STAGE, name, [rounds])}", [call.node]
            )


def is_fit(reader: Reader, call: CallSite) -> bool:
    """Return whether a `fit` call is one of Keras: its model is in sight, or it passes what only Keras takes."""
    models = reader.facts.group(KerasModels)
    if not models.present or call.receiver is None:
        return False
    given = {item.keyword for item in call.node.arguments}
    return bool(models.makers(call.receiver, call)) or not given.isdisjoint(
        {"epochs", "validation_data", "steps_per_epoch"}
    )


def _keras(reader: Reader) -> Iterator[Statement]:
    models = reader.facts.group(KerasModels)
    for item in models.compiles:
        optimizer = models.passed(item.call, "optimizer").value
        known = reader.facts.known(optimizer, item.call)
        if known is not None and isinstance(known.value, str) and not known.overridable:
            text = f"optimizer `{known.value}` by its name, with the library's default learning rate"
            yield reader.statement(_STAGE, "optimizer", text, [item.call.node])
        loss = models.passed(item.call, "loss").value
        word = reader.facts.known(loss, item.call)
        if word is not None and isinstance(word.value, str) and "`" not in word.value:
            yield reader.statement(_STAGE, "loss", f"loss `{word.value}`", [item.call.node])
        elif item.loss is not None and item.loss.form == "function":
            yield reader.statement(_STAGE, "loss", f"loss `{item.loss.name}`", [item.call.node])
    for call in models.calls(*FITTING):
        if is_fit(reader, call):
            yield _fit(reader, models, call)


def _fit(reader: Reader, models: KerasModels, call: CallSite) -> Statement:
    phrases: list[str] = []
    for setting in _KERAS:
        passed = models.passed(call, setting.name)
        if (
            passed.given
            and passed.value is not None
            and not (isinstance(passed.value, Constant) and passed.value.value is None)
        ):
            value = reader.value(passed.value, call) or reader.code(passed.value)
            phrases.append(f"{setting.label} {value}")
        elif passed.absent and setting.name == "epochs" and call.method == "fit":
            phrases.append("1 epoch (the default)")
    start = models.passed(call, "initial_epoch").value
    if start is not None and not (isinstance(start, Constant) and not start.value):
        phrases.append(f"from epoch {reader.value(start, call) or reader.code(start)} on")
    text = f"fits a Keras model with `{call.method}`{': ' + ', '.join(phrases) if phrases else ''}"
    return reader.statement(_STAGE, "fit", text, [call.node])


def _estimators(reader: Reader) -> Iterator[Statement]:
    estimators = reader.facts.group(Estimators)
    for fit in estimators.fits:
        kind = fit.estimator.symbol.kind
        is_pipeline = kind is Kind.PIPELINE and fit.call.method == "fit" and fit.target is not None
        if kind is not Kind.ESTIMATOR and not is_pipeline:
            continue
        named = "a pipeline" if is_pipeline else f"`{fit.estimator.name}`"
        what = f"fits {named} on {reader.code(fit.data)}"
        if is_pipeline and (final := estimators.final(fit.estimator)) is not None:
            what += f"; it ends with `{final.name}`"
        topic = "search-fit" if fit.estimator.has("search") else "fit"
        yield reader.statement(_STAGE, topic, what, [fit.call.node])


def _trainers(reader: Reader) -> Iterator[Statement]:
    for name, call in reader.starting("transformers.", "trl."):
        last = name.rpartition(".")[2]
        if last in ARGUMENTS:
            text = f"trainer settings {reader.described(call, _STAGE, last, _TRANSFORMERS)}"
            yield reader.statement(_STAGE, "trainer", text, [call.node])
    for call in reader.facts.calls_of(Kind.TRAINER):
        name = reader.facts.call_name(call) or ""
        lightning = name.startswith("lightning.")
        text = reader.described(call, _STAGE, shown_name(name), _LIGHTNING if lightning else ())
        yield reader.statement(_STAGE, "trainer", f"makes a trainer {text}", [call.node])
    for call in reader.facts.calls_to("accelerate.Accelerator"):
        text = f"trains through {reader.described(call, _STAGE, 'Accelerator', _ACCELERATE)}"
        yield reader.statement(_STAGE, "engine", text, [call.node])
