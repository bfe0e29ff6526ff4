"""Architecture: the models that are defined, made and loaded, and what they end with."""

from collections import Counter
from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts.keras import KerasModels
from ml_architect.facts.keras_heads import Head
from ml_architect.facts.modules import ModuleClasses
from ml_architect.facts.structure import CallSite, Class
from ml_architect.review.reader import Reader, Setting, shown_name
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Assign, Attribute, Constant, Expression, Node

__all__ = ["statements"]

_STAGE = Stage.ARCHITECTURE
_MOST_LAYERS = 8
_LAYERS = "torch.nn."
_NO_LAYER = (Kind.LOSS, Kind.PARAMETER, Kind.MODULE_BASE, Kind.MODULE_WRAPPER)
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"})
_PREPROCESSING = ("Random", "Rescaling", "Normalization", "Resizing", "CenterCrop", "TextVectorization", "StringLookup")
_ZOOS = ("torchvision.models.", "timm.create_model", "segmentation_models_pytorch.")
_MADE = frozenset({Kind.MODULE_FACTORY, Kind.MODULE, Kind.PRETRAINED})
_ESTIMATOR = (
    Setting("n_estimators", "trees or rounds", is_open=False),
    Setting("max_depth", "depth at most", is_open=False),
    Setting("n_neighbors", "neighbours", is_open=False),
    Setting("n_clusters", "clusters", is_open=False),
    Setting("kernel", "kernel", is_open=False),
    Setting("C", "C", is_open=False),
    Setting("alpha", "alpha", is_open=False),
    Setting("penalty", "penalty", is_open=False),
    Setting("hidden_layer_sizes", "hidden layers", is_open=False),
)


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield what models the document has."""
    for info in reader.facts.group(ModuleClasses).all:
        yield _module(reader, info)
    yield from _keras(reader)
    yield from _heads(reader)
    yield from _loaded(reader)
    yield from _estimators(reader)
    yield from _frozen(reader)


def _module(reader: Reader, info: Class) -> Statement:
    layers: Counter[str] = Counter()
    for call in reader.facts.calls:
        function = call.site.function
        name = reader.facts.call_name(call)
        if function is None or function.owner is not info or name is None or not name.startswith(_LAYERS):
            continue
        last = name.rpartition(".")[2]
        kind = reader.facts.catalog.kind(name)
        if name == _LAYERS + last and last[:1].isupper() and last not in _CONTAINERS and kind not in _NO_LAYER:
            layers[last] += 1
    _, ancestors, _ = reader.facts.names.ancestry(info)
    lightning = any(name.startswith("lightning.") for name in ancestors)
    what = "a `LightningModule`" if lightning else "a PyTorch module"
    made = f"; its code makes {_counted(layers)}" if layers else ""
    return reader.statement(_STAGE, "model", f"defines `{info.name}`, {what}{made}", [info.node])


def _counted(layers: "Counter[str]") -> str:
    shown = [
        f"`{name}`{f' in {count} places' if count > 1 else ''}" for name, count in layers.most_common(_MOST_LAYERS)
    ]
    more = len(layers) - _MOST_LAYERS
    return ", ".join(shown) + (f" and {more} other kinds of layers" if more > 0 else "")


def _keras(reader: Reader) -> Iterator[Statement]:
    facts = reader.facts
    layers: Counter[str] = Counter()
    nodes: list[Node] = []
    for name, call in reader.starting("keras.layers."):
        last = name.rpartition(".")[2]
        if last[:1].isupper() and last != "Input" and not last.startswith(_PREPROCESSING):
            layers[last] += 1
            nodes.append(call.node)
    if layers:
        yield reader.statement(_STAGE, "layers", f"makes Keras layers: {_counted(layers)}", nodes[:1])
    for name, what in (("keras.Sequential", "a `Sequential` model"), ("keras.Model", "a functional `keras.Model`")):
        made = [call.node for call in facts.calls_to(name)]
        if made:
            yield reader.statement(_STAGE, "model", f"makes {what}", made)
    for info in facts.classes:
        if facts.kinds.of_class(info)[0] is Kind.KERAS_MODEL:
            yield reader.statement(_STAGE, "model", f"defines `{info.name}`, a Keras model", [info.node])
    for name, call in reader.starting("keras.applications."):
        if name.rpartition(".")[2][:1].isupper():
            yield _application(reader, name, call)


def _heads(reader: Reader) -> Iterator[Statement]:
    heads: dict[str, list[Node]] = {}
    for item in reader.facts.group(KerasModels).compiles:
        if item.head is not None and (text := _head(item.head)):
            heads.setdefault(text, []).append((item.head.layer or item.head.chosen_by).node)
    for text, places in heads.items():
        yield reader.statement(_STAGE, "head", text, places)


def _head(head: Head) -> str:
    if head.units is None:
        return ""
    activation = "another activation" if head.activation == "other" else f"{head.activation} activation"
    return f"a compiled model ends with {head.units} unit{'s' if head.units != 1 else ''}, {activation}"


def _application(reader: Reader, name: str, call: CallSite) -> Statement:
    weights = reader.facts.passed(call, "weights")
    last = name.rpartition(".")[2]
    if weights.absent:
        return reader.statement(_STAGE, "pretrained", f"`{last}` with its ImageNet weights (the default)", [call.node])
    if weights.value is not None and _says_no(weights.value):
        return reader.statement(_STAGE, "model", f"`{last}` from Keras with random weights", [call.node])
    shown = reader.value(weights.value, call) or reader.code(weights.value) if weights.value is not None else ""
    text = f"`{last}` from Keras{f', weights {shown}' if shown else ''}"
    return reader.statement(_STAGE, "pretrained", text, [call.node])


def _loaded(reader: Reader) -> Iterator[Statement]:
    for name, call in reader.named:
        owner, _, method = name.rpartition(".")
        kind = reader.facts.catalog.kind(owner)
        if method == "from_pretrained" and kind in {
            Kind.PRETRAINED,
            Kind.MODULE,
            Kind.MODULE_BASE,
            Kind.MODULE_FACTORY,
        }:
            shown = _first(reader, call)
            text = f"loads the pretrained weights {shown} into `{owner.rpartition('.')[2]}`" if shown else ""
            if text:
                yield reader.statement(_STAGE, "pretrained", text, [call.node])
        elif name == "torch.hub.load":
            yield _from_hub(reader, call)
        elif name.startswith(_ZOOS) and reader.facts.catalog.kind(name) in _MADE:
            yield _from_zoo(reader, name, call)
        elif name == "sentence_transformers.SentenceTransformer" and (shown := _first(reader, call)):
            yield reader.statement(_STAGE, "pretrained", f"loads the sentence encoder {shown}", [call.node])
        elif name == "peft.get_peft_model":
            yield reader.statement(_STAGE, "adapter", "wraps a model in adapters with `peft`", [call.node])


def _from_hub(reader: Reader, call: CallSite) -> Statement:
    model = reader.facts.passed(call, "model", 1).value
    shown = (reader.value(model, call) or reader.code(model)) if model is not None else "a model"
    return reader.statement(_STAGE, "model", f"loads {shown} with `torch.hub.load`", [call.node])


def _first(reader: Reader, call: CallSite) -> str:
    first = call.node.arguments[0] if call.node.arguments else None
    if (
        first is None
        or first.star
        or first.keyword not in {None, "pretrained_model_name_or_path", "model_name_or_path"}
    ):
        return ""
    value = reader.value(first.value, call)
    return value if value is not None else reader.code(first.value)


def _from_zoo(reader: Reader, name: str, call: CallSite) -> Statement:
    shown = name.rpartition(".")[2] if name.startswith("torchvision.") else name
    model = reader.facts.passed(call, "model_name", 0).value if name == "timm.create_model" else None
    if model is not None:
        shown += f"` of {reader.value(model, call) or reader.code(model)}"
    shown = f"`{shown}`" if "` of " not in shown else f"`{shown}"
    keywords = ("weights", "pretrained", "encoder_weights", "weights_backbone")
    given = {item.keyword: item.value for item in call.node.arguments if item.keyword in keywords}
    weights = given.get("weights") or given.get("pretrained") or given.get("encoder_weights")
    if weights is None:
        return reader.statement(_STAGE, "model", f"makes {shown}", [call.node])
    if _says_no(weights):
        return reader.statement(_STAGE, "model", f"makes {shown} with random weights", [call.node])
    word = next(key for key, value in given.items() if value is weights)
    if isinstance(weights, Constant) and weights.value is True:
        return reader.statement(_STAGE, "pretrained", f"makes {shown} with pretrained weights", [call.node])
    return reader.statement(_STAGE, "pretrained", f"makes {shown}, `{word}` is {reader.code(weights)}", [call.node])


def _says_no(value: Expression) -> bool:
    return isinstance(value, Constant) and value.value in {None, False}


def _estimators(reader: Reader) -> Iterator[Statement]:
    for call in reader.facts.calls_of(Kind.ESTIMATOR):
        symbol = reader.facts.symbol(call)
        if symbol is None or "function" in symbol.traits or "search" in symbol.traits:
            continue
        text = f"makes {reader.described(call, _STAGE, shown_name(symbol.name), _ESTIMATOR)}"
        yield reader.statement(_STAGE, "estimator", text, [call.node])


def _frozen(reader: Reader) -> Iterator[Statement]:
    nodes: list[Node] = []
    for site in reader.facts.statements(Assign):
        statement = site.statement
        if not isinstance(statement, Assign) or not isinstance(statement.value, Constant):
            continue
        if statement.value.value is False and any(_is_switch(target) for target in statement.targets):
            nodes.append(statement)
    if nodes:
        text = "freezes parameters (`requires_grad` or `trainable` is set to `False`)"
        yield reader.statement(_STAGE, "frozen", text, nodes)


def _is_switch(target: Expression) -> bool:
    return isinstance(target, Attribute) and target.attr in {"requires_grad", "trainable"}
