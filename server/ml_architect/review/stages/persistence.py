"""Persistence and deployment: what is saved, loaded, logged, exported and served."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.answer import Answer
from ml_architect.facts.kinds import MODULES
from ml_architect.facts.structure import CallSite
from ml_architect.review.reader import Reader, Setting, shown_name
from ml_architect.review.stages.fitting import ARGUMENTS
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Call, Constant, Dictionary, Expression

__all__ = ["statements"]

_STAGE = Stage.PERSISTENCE
_EXPORTS = {
    "torch.onnx.export": "exports to ONNX with `torch.onnx.export`",
    "torch.jit.script": "compiles to TorchScript with `torch.jit.script`",
    "torch.jit.trace": "traces to TorchScript with `torch.jit.trace`",
    "torch.export.export": "exports with `torch.export.export`",
    "tensorflow.saved_model.save": "exports a SavedModel with `tensorflow.saved_model.save`",
    "tensorflow.lite.TFLiteConverter.from_keras_model": "converts to TensorFlow Lite",
    "tensorflow.lite.TFLiteConverter.from_saved_model": "converts to TensorFlow Lite",
    "tf2onnx.convert.from_keras": "exports to ONNX with `tf2onnx`",
    "skl2onnx.convert_sklearn": "exports to ONNX with `skl2onnx`",
    "skl2onnx.to_onnx": "exports to ONNX with `skl2onnx`",
    "coremltools.convert": "converts to Core ML",
}
_LOGS = {
    "torch.utils.tensorboard.SummaryWriter": "logs to TensorBoard with a `SummaryWriter`",
    "tensorboardX.SummaryWriter": "logs to TensorBoard with a `SummaryWriter`",
    "keras.callbacks.TensorBoard": "logs to TensorBoard with a callback",
    "keras.callbacks.CSVLogger": "logs to a CSV file with a callback",
    "tensorflow.summary.create_file_writer": "logs to TensorBoard",
    "wandb.init": "starts a run of Weights & Biases",
    "mlflow.start_run": "starts a run of MLflow",
    "mlflow.autolog": "lets MLflow log by itself",
    "neptune.init_run": "starts a run of Neptune",
    "comet_ml.Experiment": "starts an experiment of Comet",
    "lightning.pytorch.loggers.TensorBoardLogger": "logs to TensorBoard (`TensorBoardLogger`)",
    "lightning.pytorch.loggers.WandbLogger": "logs to Weights & Biases (`WandbLogger`)",
    "lightning.pytorch.loggers.CSVLogger": "logs to a CSV file (`CSVLogger`)",
}
_SERVING = {
    "fastapi.FastAPI": "serves with FastAPI",
    "flask.Flask": "serves with Flask",
    "gradio.Interface": "serves a page with Gradio",
    "gradio.Blocks": "serves a page with Gradio",
    "bentoml.Service": "serves with BentoML",
}
_DUMPS = {
    "joblib.dump": "saves with `joblib.dump` (a pickle)",
    "pickle.dump": "saves a pickle with `pickle.dump`",
    "joblib.load": "loads a pickle with `joblib.load`",
    "pickle.load": "loads a pickle with `pickle.load`",
    "keras.models.load_model": "loads a whole Keras model with `load_model`",
    "torch.jit.load": "loads TorchScript with `torch.jit.load`",
}
_ARGUMENTS = (
    Setting("save_strategy", "saves by", is_open=False),
    Setting("save_total_limit", "checkpoints kept:", is_open=False),
    Setting("report_to", "reports to", is_open=False),
    Setting("push_to_hub", "pushes to the Hub", off="does not push to the Hub"),
)
_CHECKPOINT = (
    Setting("monitor", "watches", is_open=False),
    Setting("save_best_only", "only the best", off="not only the best"),
    Setting("save_weights_only", "weights alone", off="not weights alone"),
    Setting("save_top_k", "best kept:", is_open=False),
)


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield what the document keeps of its models and runs."""
    yield from _torch(reader)
    yield from _keras(reader)
    yield from _libraries(reader)
    for table, topic in ((_EXPORTS, "export"), (_LOGS, "log"), (_SERVING, "serve")):
        for name, text in table.items():
            nodes = [call.node for call in reader.facts.calls_to(name)]
            if nodes:
                yield reader.statement(_STAGE, topic, text, nodes)
    for name, text in _DUMPS.items():
        nodes = [call.node for call in reader.facts.calls_to(name)]
        if nodes:
            yield reader.statement(_STAGE, "load" if "loads" in text else "save", text, nodes)


def _torch(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_to("torch.save"):
        saved = reader.facts.passed(call, "obj", 0).value
        if saved is not None:
            yield reader.statement(_STAGE, "save", _saved(reader, saved, call), [call.node])
    for call in reader.facts.calls_to("torch.load"):
        settings = [Setting("weights_only", "`weights_only` on", off="`weights_only` off")]
        phrases = reader.settings(call, _STAGE, "torch.load", settings)
        text = f"loads with `torch.load`{': ' + phrases[0] if phrases else ''}"
        yield reader.statement(_STAGE, "load", text, [call.node])


def _saved(reader: Reader, saved: Expression, call: CallSite) -> str:
    only = reader.facts.origins(saved, call).only
    node = only.node if only is not None and only.how == "value" and not only.path else saved
    if isinstance(node, Call) and getattr(node.func, "attr", "") == "state_dict":
        return f"saves what {reader.code(node)} gives with `torch.save`"
    if isinstance(node, Dictionary):
        keys = [key.value for key in node.keys if isinstance(key, Constant) and isinstance(key.value, str)]
        if keys and len(keys) == len(node.keys) and len(keys) <= _MOST_KEYS and not any("`" in key for key in keys):
            return f"saves a dict with `torch.save`: {', '.join(f'`{key}`' for key in keys)}"
        return "saves a dict with `torch.save`"
    if reader.facts.is_kind(saved, call, *MODULES) is Answer.YES:
        return f"saves the whole module {reader.code(saved)} with `torch.save` (a pickle)"
    return f"saves {reader.code(saved)} with `torch.save`"


_MOST_KEYS = 10


def _keras(reader: Reader) -> Iterator[Statement]:
    facts = reader.facts
    for method, what in (("save", "saves a whole Keras model"), ("save_weights", "saves the weights of a Keras model")):
        for call in reader.methods(method):
            if call.receiver is not None and facts.is_kind(call.receiver, call, Kind.KERAS_MODEL) is Answer.YES:
                first = call.node.arguments[0].value if call.node.arguments else None
                value = reader.value(first, call) if first is not None else None
                yield reader.statement(_STAGE, "save", f"{what}{f' as {value}' if value else ''}", [call.node])
    for name in ("keras.callbacks.ModelCheckpoint", "lightning.pytorch.callbacks.ModelCheckpoint"):
        for call in facts.calls_to(name):
            text = f"saves checkpoints in training: {reader.described(call, _STAGE, 'ModelCheckpoint', _CHECKPOINT)}"
            yield reader.statement(_STAGE, "save", text, [call.node])
    for call in facts.calls_to("keras.models.save_model"):
        yield reader.statement(_STAGE, "save", "saves a whole Keras model with `save_model`", [call.node])


def _libraries(reader: Reader) -> Iterator[Statement]:
    if reader.facts.imports("transformers", "peft", "diffusers", "datasets", "sentence_transformers"):
        for method in ("save_pretrained", "push_to_hub", "save_model"):
            nodes = [call.node for call in reader.methods(method)]
            if nodes:
                topic = "export" if method == "push_to_hub" else "save"
                yield reader.statement(_STAGE, topic, f"calls `{method}`", nodes)
    for name, call in reader.starting("transformers.", "trl."):
        if name.rpartition(".")[2] in ARGUMENTS:
            phrases = reader.settings(call, _STAGE, shown_name(name), _ARGUMENTS)
            if phrases:
                yield reader.statement(_STAGE, "save", f"the trainer: {', '.join(phrases)}", [call.node])
    if reader.facts.imports("accelerate"):
        nodes = [call.node for call in reader.methods("save_state")]
        if nodes:
            yield reader.statement(_STAGE, "save", "saves the state of training with `save_state`", nodes)
