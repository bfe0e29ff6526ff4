"""Tuning: which search runs over hyperparameters, and which of them are open on the command line."""

from collections.abc import Iterator

from ml_architect.facts.structure import CallSite
from ml_architect.review.reader import Reader, Setting, shown_name
from ml_architect.review.values import Stage, Statement
from ml_architect.syntax.nodes import Constant, Node

__all__ = ["statements"]

_STAGE = Stage.TUNING
_SEARCHES = {
    "optuna.create_study": "makes an Optuna study",
    "ray.tune.run": "runs a search with Ray Tune",
    "ray.tune.Tuner": "makes a tuner of Ray Tune",
    "wandb.sweep": "makes a sweep of Weights & Biases",
    "hyperopt.fmin": "runs a search with Hyperopt",
    "keras_tuner.RandomSearch": "makes a random search of Keras Tuner",
    "keras_tuner.Hyperband": "makes a Hyperband search of Keras Tuner",
    "keras_tuner.BayesianOptimization": "makes a Bayesian search of Keras Tuner",
    "keras_tuner.GridSearch": "makes a grid search of Keras Tuner",
}
_SEARCH = (
    Setting("cv", "folds or splitter", is_open=False),
    Setting("n_iter", "tries", is_open=False),
    Setting("scoring", "scoring", absent="the estimator's own score", is_open=False),
)
_HYPERPARAMETERS = frozenset(
    {
        *("lr", "learning_rate", "batch_size", "epochs", "num_epochs", "n_epochs", "weight_decay", "momentum"),
        *("dropout", "warmup_steps", "hidden_size", "hidden_dim", "num_layers", "gamma", "max_epochs", "wd"),
        *("train_batch_size", "num_train_epochs", "per_device_train_batch_size", "clip", "n_layers", "batchsize"),
    }
)


def statements(reader: Reader) -> Iterator[Statement]:
    """Yield how the document searches for hyperparameters."""
    for name, call in reader.named:
        symbol = reader.facts.symbol(call)
        if symbol is not None and "search" in symbol.traits:
            text = f"searches with {reader.described(call, _STAGE, shown_name(name), _SEARCH)}"
            yield reader.statement(_STAGE, "search", text, [call.node])
        elif name in _SEARCHES:
            yield reader.statement(_STAGE, "search", _SEARCHES[name], [call.node])
        elif name in {"sklearn.model_selection.validation_curve", "sklearn.model_selection.ParameterGrid"}:
            yield reader.statement(
                _STAGE, "search", f"goes through values with `{name.rpartition('.')[2]}`", [call.node]
            )
    if reader.facts.imports("optuna"):
        calls = [call for call in reader.facts.calls if (call.method or "").startswith("suggest_")]
        if calls:
            names = dict.fromkeys(_suggested(call) for call in calls)
            shown = ", ".join(name for name in names if name)
            among = ", among them " if "" in names else ": "
            text = f"lets Optuna suggest values{among + shown if shown else ''}"
            yield reader.statement(_STAGE, "search", text, [call.node for call in calls])
    yield from _options(reader)


def _suggested(call: CallSite) -> str:
    first = call.node.arguments[0].value if call.node.arguments else None
    if isinstance(first, Constant) and isinstance(first.value, str) and "`" not in first.value:
        return f"`{first.value}`"
    return ""


def _options(reader: Reader) -> Iterator[Statement]:
    found: dict[str, Node] = {}
    for call in reader.methods("add_argument"):
        words = [
            item.value.value for item in call.node.arguments if not item.keyword and isinstance(item.value, Constant)
        ]
        for word in words:
            if isinstance(word, str) and word.lstrip("-").replace("-", "_").lower() in _HYPERPARAMETERS:
                found.setdefault(word, call.node)
    if found:
        text = f"hyperparameters on the command line: {', '.join(f'`{word}`' for word in found)}"
        yield reader.statement(_STAGE, "options", text, found.values())
