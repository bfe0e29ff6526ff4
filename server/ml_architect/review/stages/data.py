"""Data and validation: where examples come from, how they are batched and divided, and what is missing in them."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.loaders import DataLoader
from ml_architect.facts.structure import CallSite
from ml_architect.facts.tfdata import TfData
from ml_architect.review.reader import Reader, Setting, shown_name
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Argument, Constant, Node

__all__ = ["statements"]

_STAGE = Stage.DATA
_READING = ("pandas.read_", "torchvision.datasets.", "torchaudio.datasets.", "torchtext.datasets.", "keras.datasets.")
_SOURCES = frozenset(
    {
        *("datasets.load_dataset", "datasets.load_from_disk", "tensorflow_datasets.load", "numpy.load"),
        *("numpy.loadtxt", "numpy.genfromtxt", "keras.utils.image_dataset_from_directory"),
        *("keras.utils.text_dataset_from_directory", "keras.utils.audio_dataset_from_directory"),
    }
)
_LOADER = (
    Setting("num_workers", "worker processes", absent="no worker processes (the default)"),
    Setting("pin_memory", "pinned memory", off="memory not pinned", absent="memory not pinned (the default)"),
    Setting("drop_last", "the last incomplete batch dropped", off="the last incomplete batch kept"),
)
_SPLIT = (
    Setting("test_size", "test share or size"),
    Setting("train_size", "training share or size"),
    Setting("random_state", "seed", absent="no seed", is_open=False),
    Setting("shuffle", "shuffled", off="not shuffled"),
)
_STEPS = {
    "batch": Setting("batch_size", "size", position=0),
    "padded_batch": Setting("batch_size", "size", position=0),
    "shuffle": Setting("buffer_size", "buffer", position=0),
    "prefetch": Setting("buffer_size", "buffer", position=0, is_open=False),
    "cache": Setting("filename", "file", position=0, is_open=False),
    "repeat": Setting("count", "count", position=0, is_open=False),
}
_MISSING = {
    "dropna": "drops what has missing values with `dropna`",
    "fillna": "fills missing values with `fillna`",
    "drop_duplicates": "drops duplicates with `drop_duplicates`",
}


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield what the document does with its data."""
    yield from _sources(reader)
    for loader in reader.facts.data_loaders:
        yield _loader(reader, loader)
    yield from _pipelines(reader)
    yield from _divisions(reader)
    yield from _missing_values(reader)
    yield from _balance(reader)


def _sources(reader: Reader) -> Iterator[Statement]:
    for name, call in reader.named:
        is_loading = name.startswith("sklearn.datasets.") and name.rpartition(".")[2].startswith(("load_", "fetch_"))
        if (
            is_loading
            or name in _SOURCES
            or (name.startswith(_READING) and not name.startswith("torchvision.datasets.utils"))
        ):
            text = f"reads data with `{shown_name(name)}`{_what(reader, call)}"
            yield reader.statement(_STAGE, "tables" if name.startswith("pandas.") else "source", text, [call.node])
        elif name.startswith("sklearn.datasets.make_"):
            yield reader.statement(_STAGE, "source", f"makes artificial data with `{name}`", [call.node])
    for info in reader.facts.classes:
        if reader.facts.kinds.of_class(info)[0] in {Kind.DATASET, Kind.ITERABLE_DATASET}:
            text = f"defines the dataset class `{info.name}`"
            yield reader.statement(_STAGE, "dataset", text, [info.node])


def _what(reader: Reader, call: CallSite) -> str:
    first: Argument | None = call.node.arguments[0] if call.node.arguments else None
    if first is None or first.keyword or first.star:
        return ""
    value = reader.value(first.value, call)
    return f": {value}" if value is not None and value.startswith("`") else ""


def _loader(reader: Reader, loader: DataLoader) -> Statement:
    call = loader.call
    named = f" (`{loader.name}`)" if loader.name else ""
    phrases = [_batch_size(reader, call), _order(reader, call)]
    phrases += reader.settings(call, _STAGE, "DataLoader", _LOADER)
    text = f"a `DataLoader`{named}: {', '.join(phrase for phrase in phrases if phrase)}"
    return reader.statement(_STAGE, "loader", text.removesuffix(": "), [call.node])


def _batch_size(reader: Reader, call: CallSite) -> str:
    if reader.facts.passed(call, "batch_sampler").given:
        return "batches from a batch sampler"
    setting = Setting("batch_size", "batch size", absent="batch size 1 (the default)")
    if not reader.facts.passed(call, "batch_sampler").absent:
        setting = Setting("batch_size", "batch size")
    return next(iter(reader.settings(call, _STAGE, "DataLoader", [setting])), "")


def _order(reader: Reader, call: CallSite) -> str:
    shuffle, sampler = reader.facts.passed(call, "shuffle"), reader.facts.passed(call, "sampler")
    batches = reader.facts.passed(call, "batch_sampler")
    if sampler.given and sampler.value is not None:
        is_none = isinstance(sampler.value, Constant) and sampler.value.value is None
        return "" if is_none else f"order from the sampler {reader.code(sampler.value)}"
    if shuffle.given:
        settings = [Setting("shuffle", "shuffled", off="not shuffled")]
        return next(iter(reader.settings(call, _STAGE, "DataLoader", settings)), "")
    return "not shuffled (the default)" if shuffle.absent and sampler.absent and batches.absent else ""


def _pipelines(reader: Reader) -> Iterator[Statement]:
    data = reader.facts.group(TfData)
    for method, setting in _STEPS.items():
        for call in data.steps(method):
            phrases = reader.settings(call, _STAGE, method, [setting])
            text = f"a tf.data step `{method}`{': ' + phrases[0] if phrases else ''}"
            yield reader.statement(_STAGE, "loader", text, [call.node])
    for call in reader.methods("flow_from_directory", "flow_from_dataframe"):
        settings = [Setting("batch_size", "batch size"), Setting("shuffle", "shuffled", off="not shuffled")]
        yield reader.statement(
            _STAGE, "loader", reader.described(call, _STAGE, str(call.method), settings), [call.node]
        )


def _divisions(reader: Reader) -> Iterator[Statement]:
    facts = reader.facts
    for call in facts.calls_to("sklearn.model_selection.train_test_split"):
        phrases = reader.settings(call, _STAGE, "train_test_split", _SPLIT)
        stratify = facts.passed(call, "stratify")
        if stratify.given and stratify.value is not None and not _is_none(stratify.value):
            phrases.append(f"stratified by {reader.code(stratify.value)}")
        elif stratify.absent:
            phrases.append("not stratified")
        text = f"divides rows with `train_test_split`: {', '.join(phrases)}"
        yield reader.statement(_STAGE, "split", text, [call.node])
    for call in facts.calls_to("torch.utils.data.random_split"):
        parts = facts.passed(call, "lengths", 1)
        how = f" into {reader.code(parts.value)}" if parts.value is not None else ""
        seed = ", no generator is given" if facts.passed(call, "generator", 2).absent else ""
        yield reader.statement(_STAGE, "split", f"divides a dataset with `random_split`{how}{seed}", [call.node])
    for call in reader.methods("fit", "flow_from_directory") + facts.calls_to(
        "keras.utils.image_dataset_from_directory"
    ):
        share = facts.passed(call, "validation_split")
        if share.given and share.value is not None and not _is_none(share.value):
            value = reader.value(share.value, call) or reader.code(share.value)
            text = f"keeps a share of {value} for validation (`validation_split`)"
            yield reader.statement(_STAGE, "split", text, [call.node])
    for call in reader.methods("train_test_split"):
        yield reader.statement(_STAGE, "split", "divides a dataset with its method `train_test_split`", [call.node])


def _is_none(value: Node) -> bool:
    return isinstance(value, Constant) and value.value is None


def _missing_values(reader: Reader) -> Iterator[Statement]:
    if reader.facts.imports("pandas"):
        for method, text in _MISSING.items():
            nodes = [call.node for call in reader.methods(method)]
            if nodes:
                yield reader.statement(_STAGE, "missing-values", text, nodes)
    for name, call in reader.starting("sklearn.impute."):
        settings = [Setting("strategy", "strategy", absent="", is_open=False)]
        text = f"fills or marks missing values: {reader.described(call, _STAGE, shown_name(name), settings)}"
        yield reader.statement(_STAGE, "missing-values", text, [call.node])


def _balance(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_of(Kind.RESAMPLER):
        name = reader.facts.call_name(call) or ""
        if name.startswith("imblearn."):
            yield reader.statement(_STAGE, "balance", f"resamples classes with `{shown_name(name)}`", [call.node])
    for call in reader.facts.calls_to("sklearn.utils.resample"):
        yield reader.statement(_STAGE, "balance", "resamples rows with `sklearn.utils.resample`", [call.node])
    for call in reader.facts.calls_to("torch.utils.data.WeightedRandomSampler"):
        yield reader.statement(_STAGE, "balance", "draws examples by weight (`WeightedRandomSampler`)", [call.node])
    for call in reader.facts.calls:
        weights = next((item for item in call.node.arguments if item.keyword == "class_weight"), None)
        if weights is not None and not _is_none(weights.value):
            text = f"weights classes: `class_weight` is {reader.code(weights.value)}"
            yield reader.statement(_STAGE, "balance", text, [weights])
