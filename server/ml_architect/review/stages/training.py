"""Training configuration: losses, optimizers, loops, precision, devices, seeds."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.events import EventKind
from ml_architect.facts.kinds import SCHEDULERS
from ml_architect.facts.structure import CallSite, Site
from ml_architect.facts.training import Loop
from ml_architect.review.reader import Reader, Setting, quoted, shown_name
from ml_architect.review.stages.fitting import fits
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Assign, Attribute, Call, Constant, For, Node

__all__ = ["statements"]

_STAGE = Stage.TRAINING
_OPTIMIZER = (
    Setting("lr", "learning rate", absent="the library's default learning rate"),
    Setting("weight_decay", "weight decay"),
    Setting("momentum", "momentum"),
    Setting("nesterov", "Nesterov momentum"),
    Setting("betas", "betas", is_open=False),
)
_KERAS_OPTIMIZER = (
    Setting("learning_rate", "learning rate", absent="the library's default learning rate"),
    Setting("weight_decay", "weight decay"),
    Setting("momentum", "momentum"),
    Setting("clipnorm", "gradients clipped to the norm"),
    Setting("clipvalue", "gradients clipped to"),
)
_SCHEDULER = (
    Setting("step_size", "step size", is_open=False),
    Setting("gamma", "gamma", is_open=False),
    Setting("milestones", "milestones", is_open=False),
    Setting("T_max", "half a period of", is_open=False),
    Setting("max_lr", "peak learning rate", is_open=False),
    Setting("patience", "patience", is_open=False),
    Setting("factor", "factor", is_open=False),
    Setting("num_warmup_steps", "warm-up steps", is_open=False),
)
_LOSS = (
    Setting("weight", "class weights", is_open=False),
    Setting("pos_weight", "weight of the positive class", is_open=False),
    Setting("label_smoothing", "label smoothing", is_open=False),
    Setting("ignore_index", "ignored index", is_open=False),
)
_DISTRIBUTED = {
    "torch.nn.parallel.DistributedDataParallel": "wraps a model in `DistributedDataParallel`",
    "torch.nn.DataParallel": "wraps a model in `DataParallel`",
    "torch.distributed.fsdp.FullyShardedDataParallel": "wraps a model in `FullyShardedDataParallel`",
    "torch.distributed.fsdp.fully_shard": "shards a model with `fully_shard`",
    "torch.distributed.init_process_group": "starts a process group with `torch.distributed.init_process_group`",
    "tensorflow.distribute.MirroredStrategy": "makes a `MirroredStrategy`",
    "tensorflow.distribute.MultiWorkerMirroredStrategy": "makes a `MultiWorkerMirroredStrategy`",
    "tensorflow.distribute.TPUStrategy": "makes a `TPUStrategy`",
    "torch.compile": "compiles a model or function with `torch.compile`",
    "deepspeed.initialize": "hands the model to DeepSpeed",
}
_PLAIN = {
    "torch.use_deterministic_algorithms": (
        "seed",
        "switches deterministic algorithms with `torch.use_deterministic_algorithms`",
    ),
    "tensorflow.config.experimental.enable_op_determinism": ("seed", "makes TensorFlow's operations deterministic"),
    "keras.mixed_precision.set_global_policy": ("precision", "sets Keras' precision policy"),
    "torch.cuda.is_available": ("device", "asks whether there is a CUDA device"),
    "torch.backends.mps.is_available": ("device", "asks whether there is an Apple GPU"),
    "torch.set_float32_matmul_precision": ("precision", "sets the precision of matrix products"),
}


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield how the document trains."""
    yield from _losses(reader)
    yield from _optimizers(reader)
    yield from fits(reader)
    for loop in reader.facts.training_loops:
        yield from _loop(reader, loop)
    yield from _precision(reader)
    yield from _clipping(reader)
    yield from _devices(reader)
    yield from _seeds(reader)
    for name, text in _DISTRIBUTED.items():
        nodes = [call.node for call in reader.facts.calls_to(name)]
        if nodes:
            yield reader.statement(_STAGE, "compile" if name == "torch.compile" else "distributed", text, nodes)
    for name, (topic, text) in _PLAIN.items():
        nodes = [call.node for call in reader.facts.calls_to(name)]
        if nodes:
            yield reader.statement(_STAGE, topic, text, nodes)


def _losses(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_of(Kind.LOSS, Kind.LOSS_FUNCTION, Kind.KERAS_LOSS):
        name = reader.facts.call_name(call) or ""
        text = f"loss {reader.described(call, _STAGE, shown_name(name), _LOSS)}"
        yield reader.statement(_STAGE, "loss", text, [call.node])


def _optimizers(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_of(Kind.OPTIMIZER):
        name = reader.facts.call_name(call) or ""
        settings = _OPTIMIZER if name.startswith("torch.optim.") else _OPTIMIZER[1:]
        text = f"optimizer {reader.described(call, _STAGE, shown_name(name), settings)}"
        yield reader.statement(_STAGE, "optimizer", text, [call.node])
    for call in reader.facts.calls_of(Kind.KERAS_OPTIMIZER):
        name = reader.facts.call_name(call) or ""
        last = shown_name(name)
        legacy = next((item for item in call.node.arguments if item.keyword == "lr"), None)
        if legacy is not None:
            value = reader.value(legacy.value, call) or reader.code(legacy.value)
            yield reader.statement(_STAGE, "optimizer", f"optimizer `{last}`: learning rate {value}", [call.node])
        else:
            text = f"optimizer {reader.described(call, _STAGE, last, _KERAS_OPTIMIZER)}"
            yield reader.statement(_STAGE, "optimizer", text, [call.node])
    for call in reader.facts.calls_of(*SCHEDULERS):
        name = reader.facts.call_name(call) or ""
        text = f"learning-rate scheduler {reader.described(call, _STAGE, shown_name(name), _SCHEDULER)}"
        yield reader.statement(_STAGE, "scheduler", text, [call.node])
    for name, call in reader.starting("keras.optimizers.schedules.", "keras.callbacks."):
        last = name.rpartition(".")[2]
        if "schedules" in name or last in {"LearningRateScheduler", "ReduceLROnPlateau"}:
            text = f"learning-rate schedule {reader.described(call, _STAGE, last, _SCHEDULER)}"
            yield reader.statement(_STAGE, "scheduler", text, [call.node])


def _loop(reader: Reader, loop: Loop) -> Iterator[Statement]:
    header = _header(reader, loop.site)
    where = f" in `{loop.function.name}`" if loop.function else ""
    around = reader.facts.loops_around(loop)
    if not _steps(reader, loop, around):
        text = f"a loop{where}{f' ({header})' if header else ''} with a backward pass, and no optimizer step in sight"
        yield reader.statement(_STAGE, "backward", text, [loop.site.statement])
        return
    text = f"a training loop{where}{f' ({header})' if header else ''}: a backward pass in each pass"
    yield reader.statement(_STAGE, "loop", text, [loop.site.statement])
    for site in around:
        header, count = _header(reader, site), _count(reader, site)
        if header:
            text = f"a training loop runs inside {header}{f', {count}' if count else ''}"
            yield reader.statement(_STAGE, "epochs", text, [site.statement])


def _steps(reader: Reader, loop: Loop, around: tuple[Site, ...]) -> bool:
    """Return whether an optimizer steps, or may step out of sight, in a loop or in one around it."""
    loops = [loop, *(item for item in reader.facts.loops if item.site in around)]
    return loop.by_engine or any(item.of(*_STEPS) for item in loops)


_STEPS = (EventKind.OPTIMIZER_STEP, EventKind.SCALER_STEP, EventKind.OTHER_STEP)


def _header(reader: Reader, site: Site) -> str:
    statement = site.statement
    if not isinstance(statement, For):
        return ""
    return quoted(f"for {reader.facts.text(statement.target)} in {reader.facts.text(statement.iterable)}")


def _count(reader: Reader, site: Site) -> str:
    """Return how often a loop over ``range`` with one argument runs, in words; empty where that is not certain."""
    statement = site.statement
    if not isinstance(statement, For) or not isinstance(statement.iterable, Call):
        return ""
    call = reader.facts.call_at(statement.iterable)
    arguments = statement.iterable.arguments
    if call is None or reader.facts.call_name(call) != "builtins.range" or len(arguments) != 1:
        return ""
    value = reader.value(arguments[0].value, call)
    if not value or isinstance(arguments[0].value, Constant):
        return ""
    return f"{value.removesuffix(' by default')} times{' by default' if value.endswith(' by default') else ''}"


def _precision(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_of(Kind.AUTOCAST):
        phrases = _switched(reader, call)
        dtype = reader.facts.passed(call, "dtype")
        if dtype.given and dtype.value is not None:
            phrases.append(f"dtype {reader.code(dtype.value)}")
        text = f"mixed precision with `autocast`{': ' + ', '.join(phrases) if phrases else ''}"
        yield reader.statement(_STAGE, "precision", text, [call.node])
    for call in reader.facts.calls_of(Kind.GRAD_SCALER):
        text = ": ".join(["makes a `GradScaler` for the loss", *_switched(reader, call)])
        yield reader.statement(_STAGE, "precision", text, [call.node])


def _switched(reader: Reader, call: CallSite) -> list[str]:
    """Return what decides whether a context or scaler does anything; empty where it always does."""
    passed = reader.facts.passed(call, "enabled")
    if not passed.given or passed.value is None:
        return []
    known = reader.facts.known(passed.value, call)
    if known is None or known.overridable:
        return [f"switched by {reader.code(passed.value)}"]
    return [] if known.value else ["switched off"]


def _clipping(reader: Reader) -> Iterator[Statement]:
    names = {"clip_grad_norm_": ("max_norm", "the norm"), "clip_grad_value_": ("clip_value", "the value")}
    for name, (parameter, what) in names.items():
        for call in reader.facts.calls_to(f"torch.nn.utils.{name}"):
            passed = reader.facts.passed(call, parameter, 1)
            value = passed.value
            shown = (reader.value(value, call) or reader.code(value)) if value is not None else ""
            if value is not None and shown.startswith("0") and shown.endswith("by default"):
                shown = reader.code(value)  # a limit of 0 mostly says that nothing is clipped
            text = f"clips gradients to {what} {shown}".rstrip()
            yield reader.statement(_STAGE, "clipping", f"{text} (`{name}`)", [call.node])


def _devices(reader: Reader) -> Iterator[Statement]:
    fixed: list[Node] = [call.node for call in reader.methods("cuda") if not call.node.arguments]
    for call in reader.methods("to") + reader.facts.calls_of(Kind.DEVICE):
        first = call.node.arguments[0].value if call.node.arguments else None
        if isinstance(first, Constant) and isinstance(first.value, str) and first.value.startswith("cuda"):
            fixed.append(call.node)
    if fixed:
        yield reader.statement(_STAGE, "device", "names the CUDA device in fixed words (`cuda`)", fixed)


def _seeds(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_of(Kind.SEED):
        name = reader.facts.call_name(call) or ""
        first = call.node.arguments[0].value if call.node.arguments else None
        shown = (reader.value(first, call) or reader.code(first)) if first is not None else ""
        text = f"sets a seed with `{name}`{f': {shown}' if shown else ''}"
        if shown in {"", "`None`"}:
            text = f"takes a new seed from the operating system with `{name}`"
        yield reader.statement(_STAGE, "seed", text, [call.node])
    for site in reader.facts.statements(Assign):
        statement = site.statement
        if isinstance(statement, Assign) and any(_is_cudnn(target) for target in statement.targets):
            text = f"{quoted(reader.facts.text(statement)) or 'sets flags of cuDNN'}"
            yield reader.statement(_STAGE, "cudnn", text, [statement])


def _is_cudnn(target: Node) -> bool:
    return isinstance(target, Attribute) and (target.dotted or "").endswith(
        ("cudnn.deterministic", "cudnn.benchmark", "allow_tf32")
    )
