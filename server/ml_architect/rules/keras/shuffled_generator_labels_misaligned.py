"""Predictions and labels come from two passes over shuffled data."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import Answer, CallSite, ModuleFacts
from ml_architect.facts.keras import PREDICTING, KerasModels
from ml_architect.facts.summary import own_expressions
from ml_architect.facts.tfdata import TfData
from ml_architect.rewrite import set_keyword
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Collection, Comprehension, Expression, Name, Node, walk

_FACTORY = "keras.preprocessing.image.ImageDataGenerator"
_FLOWS = frozenset({"flow_from_directory", "flow_from_dataframe"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``predict`` on shuffled data whose labels are read in another order."""
    models = facts.group(KerasModels)
    seen = set()
    for call in models.calls(*PREDICTING):
        data = models.passed(call, "x").value or (call.node.arguments[0].value if call.node.arguments else None)
        source = _shuffled_source(facts, data, call) if data is not None else None
        if data is None or source is None or source.node in seen:
            continue
        labels = _labels(facts, data, call, source)
        if labels is None:
            continue
        seen.add(source.node)
        yield Finding(
            call.node,
            f"`{facts.text(data)}` is shuffled, so these predictions do not line up with labels read apart from them",
            related=(Related(labels, "labels, in another order"), Related(source.node, "shuffles by default")),
            fix=partial(_fix, facts, source),
        )


def _shuffled_source(facts: ModuleFacts, data: Expression, at: CallSite) -> CallSite | None:
    """Return the call that makes the predicted data, if that shuffles and its order can be read elsewhere."""
    pipeline = facts.group(TfData).only(data, at)
    made = pipeline.source if pipeline is not None else facts.construction(data, at)
    if made is None:
        return None
    symbol = facts.symbol(made)
    is_directory = symbol is not None and {"shuffled", "splits"} <= symbol.traits
    if not is_directory and not _is_flow(facts, made):
        return None
    shuffle = facts.passed(made, "shuffle")
    if shuffle.absent:
        return made
    known = facts.known(shuffle.value, made)
    return made if known is not None and known.value is True and not known.overridable else None


def _is_flow(facts: ModuleFacts, made: CallSite) -> bool:
    if made.method not in _FLOWS or made.receiver is None:
        return False
    factory = facts.construction(made.receiver, made)
    return factory is not None and facts.call_name(factory) == _FACTORY


def _labels(facts: ModuleFacts, data: Expression, call: CallSite, source: CallSite) -> Node | None:
    """Return where labels of the same data are read: ``data.classes``, or a comprehension over it."""
    is_flow = source.method in _FLOWS
    for site in facts.structure.sites:
        if site.scope.function is not call.scope.function or site.order <= source.site.order:
            continue
        for expression in own_expressions(site.statement):
            for node in walk(expression):
                read = _read_from(node, is_flow=is_flow)
                if read is not None and facts.same_object(read, site, data, call) is Answer.YES:
                    return node
    return None


def _read_from(node: Node, *, is_flow: bool) -> Expression | None:
    """Return the data whose labels `node` reads, None where it reads none."""
    if is_flow:
        return node.value if isinstance(node, Attribute) and node.attr in {"classes", "labels"} else None
    if not isinstance(node, Comprehension) or len(node.generators) != 1:
        return None
    target = node.generators[0].target
    if not isinstance(target, Collection) or len(target.elements) != _PAIR:
        return None
    images, labels = target.elements
    used = {inner.id for inner in walk(node.element) if isinstance(inner, Name)}
    if not isinstance(labels, Name) or labels.id not in used or (isinstance(images, Name) and images.id in used):
        return None
    return node.generators[0].iterable


def _fix(facts: ModuleFacts, source: CallSite) -> Fix | None:
    edit = set_keyword(facts, source, "shuffle", "False")
    return Fix("keep the order of this data: `shuffle=False`", (edit,), Safety.UNSAFE) if edit else None


_PAIR = 2

RULE = Rule(
    name="shuffled-generator-labels-misaligned",
    summary="predictions on shuffled data are compared with labels that were read in another order",
    framework=Framework.KERAS,
    category=Category.EVALUATION,
    severity=Severity.ERROR,
    why=(
        "`flow_from_directory`, `flow_from_dataframe` and the `*_dataset_from_directory` functions shuffle unless they are told not to. "
        "`predict` sees the examples in one random order, `.classes` lists the labels in the order of the files, and a second pass over a "
        "dataset has a third order. A confusion matrix or report of the two is that of a random classifier, however good the model is.\n\n"
        "Evaluation data needs no shuffling: build it with `shuffle=False`, or collect labels and predictions in one loop."
    ),
    tradeoffs={
        Cost.GENERALISATION: "only data for evaluation may keep its order; training data stays shuffled",
    },
    references=(
        Reference("Image data loading", "https://keras.io/api/data_loading/image/"),
        Reference(
            "ImageDataGenerator",
            "https://www.tensorflow.org/api_docs/python/tf/keras/preprocessing/image/ImageDataGenerator",
        ),
    ),
    fires=(
        Fires(
            """\
from sklearn.metrics import confusion_matrix
from tensorflow.keras.preprocessing.image import ImageDataGenerator

def report(model):
    generator = ImageDataGenerator(rescale=1 / 255).flow_from_directory("test", target_size=(64, 64))
    scores = model.predict(generator)
    return confusion_matrix(generator.classes, scores.argmax(axis=1))
""",
            """\
from sklearn.metrics import confusion_matrix
from tensorflow.keras.preprocessing.image import ImageDataGenerator

def report(model):
    generator = ImageDataGenerator(rescale=1 / 255).flow_from_directory("test", target_size=(64, 64), shuffle=False)
    scores = model.predict(generator)
    return confusion_matrix(generator.classes, scores.argmax(axis=1))
""",
        ),
        Fires(
            """\
import keras
import numpy as np

model = keras.models.load_model("model.keras")
test = keras.utils.image_dataset_from_directory("test", image_size=(64, 64))
labels = np.concatenate([y for x, y in test], axis=0)
predicted = model.predict(test).argmax(axis=1)
print((labels == predicted).mean())
""",
            """\
import keras
import numpy as np

model = keras.models.load_model("model.keras")
test = keras.utils.image_dataset_from_directory("test", image_size=(64, 64), shuffle=False)
labels = np.concatenate([y for x, y in test], axis=0)
predicted = model.predict(test).argmax(axis=1)
print((labels == predicted).mean())
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
from tensorflow.keras.preprocessing.image import ImageDataGenerator

def report(model):
    generator = ImageDataGenerator().flow_from_directory("test", shuffle=False)
    return generator.classes, model.predict(generator)
""",
            because="the generator keeps the order of the files",
        ),
        Quiet(
            """\
import keras
import numpy as np

model = keras.models.load_model("model.keras")
test = keras.utils.image_dataset_from_directory("test")
pairs = [(y, model.predict(x)) for x, y in test]
""",
            because="labels and predictions come from one pass",
        ),
        Quiet(
            """\
from tensorflow.keras.preprocessing.image import ImageDataGenerator

def train(model, weights_of):
    factory = ImageDataGenerator()
    train = factory.flow_from_directory("train")
    test = factory.flow_from_directory("test", class_mode=None, shuffle=False)
    model.fit(train, class_weight=weights_of(train.classes))
    return model.predict(test)
""",
            because="the classes of the training data give weights; nothing is compared",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="the order of the data changes, also where it is used for training",
    architect=Allowance(
        keywords={"shuffle": Choice(("False",))},
        advice="Build the data that is predicted on with `shuffle=False`; training data stays shuffled.",
    ),
    evidence=Shown(
        "tests/evidence/test_shuffled_generator_labels_misaligned.py::"
        "test_labels_collected_apart_from_predictions_do_not_belong_to_them"
    ),
    detect=detect,
)
