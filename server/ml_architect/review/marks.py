"""What a document is about, as far as it decides which questions and cautions fit: never guessed from names."""

from ml_architect.catalog import Kind
from ml_architect.facts import ModuleFacts
from ml_architect.facts.keras import KerasModels
from ml_architect.facts.losses import Losses
from ml_architect.syntax.nodes import Call, Constant

__all__ = ["MULTICLASS", "classes_of", "marks_of"]

MULTICLASS = ("torch.nn.CrossEntropyLoss", "torch.nn.NLLLoss", "torch.nn.functional.cross_entropy")
_LABEL_COUNTS = frozenset({"num_labels", "num_classes", "n_classes"})
_VISION = frozenset({"torchvision", "timm", "albumentations", "cv2", "PIL", "segmentation_models_pytorch", "kornia"})
_TEXT = frozenset({"transformers", "nltk", "spacy", "torchtext", "sentence_transformers", "trl", "tokenizers"})
_TABULAR = frozenset({"pandas", "xgboost", "lightgbm", "catboost"})
_DEEP = frozenset({"torch", "tensorflow", "keras", "tf_keras", "lightning", "pytorch_lightning", "transformers"})
_TRACKERS = frozenset({"wandb", "neptune", "comet_ml"})
_PICKLES = ("pickle.load", "joblib.load", "pandas.read_pickle")
_SECRET = frozenset({"token", "api_key", "use_auth_token", "hf_token", "auth_token", "password", "secret"})
_LONG = 12


def marks_of(facts: ModuleFacts) -> frozenset[str]:
    """Return the marks of a document.

    ``vision``, ``text``, ``tabular``, ``deep``, ``tracker`` (a service gets the runs), ``multiclass``, ``accuracy``,
    ``pickle`` (one is loaded), ``whole-module`` (`torch.load` may run code), ``remote-code``, ``credential``.
    """
    found = {
        "vision": facts.imports(*_VISION),
        "text": facts.imports(*_TEXT),
        "tabular": facts.imports(*_TABULAR),
        "deep": facts.imports(*_DEEP),
        "tracker": facts.imports(*_TRACKERS),
        "multiclass": _is_multiclass(facts),
        "accuracy": _measures_accuracy(facts),
        "pickle": bool(facts.calls_to(*_PICKLES)),
        "torch-load": bool(facts.calls_to("torch.load")),
        "remote-code": _passes_true(facts, "trust_remote_code"),
        "credential": _has_credential(facts),
    }
    return frozenset(name for name, value in found.items() if value)


def _is_multiclass(facts: ModuleFacts) -> bool:
    losses = (item.loss for item in facts.group(KerasModels).compiles)
    return bool(facts.calls_to(*MULTICLASS)) or any(loss is not None and loss.has("multiclass") for loss in losses)


def _measures_accuracy(facts: ModuleFacts) -> bool:
    if facts.calls_to("sklearn.metrics.accuracy_score"):
        return True
    models = facts.group(KerasModels)
    return any(metric.text in {"accuracy", "acc"} for item in models.compiles for metric in models.metrics(item) or ())


def _passes_true(facts: ModuleFacts, keyword: str) -> bool:
    return any(
        item.keyword == keyword and isinstance(item.value, Constant) and item.value.value is True
        for call in facts.calls
        for item in call.node.arguments
    )


def _has_credential(facts: ModuleFacts) -> bool:
    return any(
        item.keyword in _SECRET and isinstance(item.value, Constant) and len(str(item.value.value)) >= _LONG
        for call in facts.calls
        for item in call.node.arguments
    )


def classes_of(facts: ModuleFacts) -> frozenset[int]:
    """Return the numbers of classes that output layers and factories of models state in fixed words."""
    found: set[int] = set()
    for item in facts.group(KerasModels).compiles:
        if item.head is not None and item.head.units is not None and item.loss is not None:
            if item.loss.has("multiclass") and item.head.units > 1:
                found.add(item.head.units)
            elif item.loss.has("binary") and item.head.units == 1:
                found.add(2)
    losses = facts.group(Losses)
    for use in losses.of(*MULTICLASS):
        operation = losses.operation(use)
        if operation is not None and operation.name == "torch.nn.Linear" and operation.made is not None:
            found |= _fixed(facts, operation.made.node, "out_features")
    for kind in (Kind.MODULE_FACTORY, Kind.PRETRAINED, Kind.MODULE):
        for call in facts.calls_of(kind):
            for keyword in _LABEL_COUNTS:
                found |= _fixed(facts, call.node, keyword)
    return frozenset(found)


def _fixed(facts: ModuleFacts, node: Call, parameter: str) -> set[int]:
    call = facts.call_at(node)
    passed = facts.passed(call, parameter) if call is not None else None
    if call is None or passed is None or passed.value is None:
        return set()
    known = facts.known(passed.value, call)
    if known is None or known.overridable or not isinstance(known.value, int) or isinstance(known.value, bool):
        return set()
    return {known.value} if known.value > 0 else set()
