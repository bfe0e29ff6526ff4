"""Features: what examples go through before a model sees them, and where that is fitted."""

from collections import defaultdict
from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.estimators import Estimator, Estimators, Fit
from ml_architect.facts.structure import CallSite
from ml_architect.review.reader import Reader, Setting, shown_name
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Constant, Node

__all__ = ["statements"]

_STAGE = Stage.FEATURES
_IMAGE = ("torchvision.transforms.", "albumentations.")
_NO_TRANSFORM = frozenset({"Compose", "Lambda", "InterpolationMode", "OneOf", "SomeOf", "Sequential"})
_RANDOM = ("Random", "ColorJitter", "AutoAugment", "RandAugment", "TrivialAugmentWide", "AugMix", "HorizontalFlip")
_KERAS_FIXED = ("Rescaling", "Normalization", "Resizing", "CenterCrop", "TextVectorization", "StringLookup")
_KERAS_MORE = ("IntegerLookup", "CategoryEncoding", "Discretization", "Hashing")
_GENERATOR = (
    *("rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range", "horizontal_flip"),
    *("vertical_flip", "brightness_range", "channel_shift_range"),
)
_TRANSFORMERS = (Kind.TRANSFORMER, Kind.SUPERVISED_TRANSFORMER)
_SETTINGS = (
    Setting("n_components", "components", is_open=False),
    Setting("k", "best", is_open=False),
    Setting("max_features", "features at most", is_open=False),
    Setting("degree", "degree", is_open=False),
    Setting("handle_unknown", "unknown categories:", is_open=False),
)


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield what the document does to examples."""
    yield from _images(reader)
    yield from _keras(reader)
    yield from _transformers(reader)
    yield from _text(reader)
    for call in reader.facts.calls_to("pandas.get_dummies"):
        yield reader.statement(_STAGE, "encoding", "one-hot encodes columns with `pandas.get_dummies`", [call.node])


def _images(reader: Reader) -> Iterator[Statement]:
    fixed: dict[str, list[Node]] = defaultdict(list)
    drawn: dict[str, list[Node]] = defaultdict(list)
    for name, call in reader.starting(*_IMAGE):
        last = name.rpartition(".")[2]
        if last[:1].isupper() and last not in _NO_TRANSFORM and not last.endswith("Params"):
            (drawn if last.startswith(_RANDOM) else fixed)[last].append(call.node)
    if fixed:
        yield reader.statement(_STAGE, "transforms", f"image transforms: {_listed(fixed)}", _nodes(fixed))
    if drawn:
        text = f"random augmentation of images: {_listed(drawn)}"
        yield reader.statement(_STAGE, "augmentation", text, _nodes(drawn))


def _listed(found: dict[str, list[Node]]) -> str:
    return ", ".join(f"`{name}`" for name in found)


def _nodes(found: dict[str, list[Node]]) -> list[Node]:
    return [node for nodes in found.values() for node in nodes]


def _keras(reader: Reader) -> Iterator[Statement]:
    fixed: dict[str, list[Node]] = defaultdict(list)
    drawn: dict[str, list[Node]] = defaultdict(list)
    for name, call in reader.starting("keras.layers."):
        last = name.rpartition(".")[2]
        if last in (*_KERAS_FIXED, *_KERAS_MORE):
            fixed[last].append(call.node)
        elif last.startswith("Random"):
            drawn[last].append(call.node)
    if fixed:
        yield reader.statement(_STAGE, "transforms", f"preprocessing layers: {_listed(fixed)}", _nodes(fixed))
    if drawn:
        text = f"random augmentation in layers: {_listed(drawn)}"
        yield reader.statement(_STAGE, "augmentation", text, _nodes(drawn))
    for name, call in reader.named:
        if name.rpartition(".")[2] == "ImageDataGenerator":
            yield from _generator(reader, call)


def _generator(reader: Reader, call: CallSite) -> Iterator[Statement]:
    given = {item.keyword: item for item in call.node.arguments if item.keyword in _GENERATOR}
    on = [name for name, item in given.items() if not (isinstance(item.value, Constant) and not item.value.value)]
    if on:
        text = f"random augmentation by `ImageDataGenerator`: {', '.join(f'`{name}`' for name in on)}"
        yield reader.statement(_STAGE, "augmentation", text, [call.node])
    scale = next((item for item in call.node.arguments if item.keyword == "rescale"), None)
    if scale is not None:
        text = f"rescales images by {reader.code(scale.value)} (`ImageDataGenerator`)"
        yield reader.statement(_STAGE, "transforms", text, [call.node])


def _transformers(reader: Reader) -> Iterator[Statement]:
    estimators = reader.facts.group(Estimators)
    inside = _members(reader, estimators)
    fitted: dict[Node, list[Fit]] = defaultdict(list)
    for fit in estimators.fits:
        fitted[fit.estimator.made.node].append(fit)
    for call in reader.facts.calls_of(*_TRANSFORMERS):
        symbol = reader.facts.symbol(call)
        if symbol is None or symbol.name.startswith("sklearn.impute.") or "function" in symbol.traits:
            continue
        text = reader.described(call, _STAGE, shown_name(symbol.name), _SETTINGS)
        own = [] if call.node in inside else fitted[call.node]
        if call.node in inside:
            text += ", a step of a pipeline"
        elif own:
            text += (
                f", fitted outside of a pipeline on {' and '.join(dict.fromkeys(reader.code(it.data) for it in own))}"
            )
        topic = "label-encoding" if "label_encoder" in symbol.traits else "transformer"
        yield reader.statement(_STAGE, topic, text, [call.node, *(it.call.node for it in own)])


def _members(reader: Reader, estimators: Estimators) -> set[Node]:
    """Return the calls that make steps of pipelines."""
    found: set[Node] = set()
    for call in reader.facts.calls_of(Kind.PIPELINE):
        symbol = reader.facts.symbol(call)
        members = estimators.members(Estimator(call, symbol)) if symbol is not None else None
        for member in members or ():
            made = reader.facts.construction(member.value, member.at)
            if made is not None:
                found.add(made.node)
    return found


def _text(reader: Reader) -> Iterator[Statement]:
    for name, call in reader.starting("sklearn.feature_extraction."):
        if name.rpartition(".")[2][:1].isupper() and reader.facts.catalog.kind(name) not in _TRANSFORMERS:
            text = f"extracts features: {reader.described(call, _STAGE, shown_name(name), _SETTINGS)}"
            yield reader.statement(_STAGE, "text", text, [call.node])
    for name, call in reader.named:
        owner, _, method = name.rpartition(".")
        if method == "from_pretrained" and owner.endswith(("Tokenizer", "TokenizerFast", "Processor", "Extractor")):
            first = call.node.arguments[0].value if call.node.arguments else None
            value = reader.value(first, call) if first is not None else None
            shown = value or (reader.code(first) if first is not None else "")
            text = f"prepares examples with `{owner.rpartition('.')[2]}` from {shown}" if shown else ""
            if text:
                yield reader.statement(_STAGE, "text", text, [call.node])
