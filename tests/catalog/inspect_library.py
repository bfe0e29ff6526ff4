"""Answers questions about installed libraries as JSON; the truth tests run it in a process of its own per library.

Read from stdin: {"library": distribution, "symbols": [name], "uses": [{symbol, keyword, value}], "names": [name]}.
"""

import ast
import contextlib
import enum
import functools
import importlib
import importlib.metadata
import inspect
import io
import json
import math
import platform
import sys
import warnings
from typing import Any


def resolve(name: str) -> Any:
    """Return the object with a qualified name; Keras has some names under tensorflow.keras only."""
    roots = [name, f"tensorflow.{name}"] if name.startswith("keras.") else [name]
    for root in roots:
        with contextlib.suppress(AttributeError, ImportError):
            return _resolve(root)
    raise AttributeError(name)


def _resolve(name: str) -> Any:
    parts = name.split(".")
    if len(parts) == 1:
        return vars(importlib.import_module("builtins"))[name] if name in dir(__builtins__) else _module(name)
    for length in range(len(parts) - 1, 0, -1):
        with contextlib.suppress(ImportError, AttributeError):
            found = _module(".".join(parts[:length]))
            return functools.reduce(_attribute, parts[length:], found)
    return _module(name)


def _attribute(owner: Any, name: str) -> Any:
    try:
        return getattr(owner, name)
    except ImportError as error:  # a name that stands in for another library
        raise IncompleteInstallationError(str(error)) from error


class IncompleteInstallationError(Exception):
    """A module needs another library, which is not there."""


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] != name.partition(".")[0]:
            raise IncompleteInstallationError(error.name) from error
        raise


def spell(value: Any) -> str:
    """Return the Python source of a default value, ``...`` where it has no literal."""
    if isinstance(value, float) and not math.isfinite(value):
        return "float('nan')" if math.isnan(value) else f"{'-' if value < 0 else ''}float('inf')"
    if isinstance(value, enum.Enum):
        return repr(value.value) if isinstance(value.value, (str, int)) else "..."
    if any(value is kind for kind in (int, float, bool, str)):
        return value.__name__
    text = repr(value)
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text if text.startswith("torch.") else "..."
    return text


def parameters(found: Any, name: str) -> dict[str, Any] | None:
    """Return the parameters of a callable, None where it hides them."""
    with contextlib.suppress(ImportError):
        torch = sys.modules.get("torch") or importlib.import_module("torch")
        if inspect.isclass(found) and issubclass(found, torch.nn.Module) and found.__init__ is torch.nn.Module.__init__:
            return {"parameters": [], "extra": False, "bare": found is torch.nn.Module}
    try:
        listed = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError):
        return None
    owner = name.rpartition(".")[0].rpartition(".")[2]
    if owner[:1].isupper() and listed and listed[0].name in {"self", "cls"}:
        del listed[0]
    kinds = inspect.Parameter
    variadic = [p for p in listed if p.kind in {kinds.VAR_POSITIONAL, kinds.VAR_KEYWORD}]
    plain = [p for p in listed if p not in variadic and not (p.name.startswith("_") and p.default is not p.empty)]
    return {
        "parameters": [
            [p.name, None if p.default is p.empty else spell(p.default), p.kind is kinds.KEYWORD_ONLY] for p in plain
        ],
        "extra": bool(variadic),
        "bare": len(variadic) == 2 and not plain,
    }


def symbol(name: str) -> dict[str, Any]:
    """Return whether a symbol is there (None: cannot be said here) and what its parameters are."""
    try:
        found = resolve(name)
    except IncompleteInstallationError:
        return {"found": None, "signature": None}
    except AttributeError:
        return {"found": False, "signature": None}
    return {"found": True, "signature": parameters(found, name)}


def refusal(found: Any, keyword: str, value: str | None) -> str | None:
    """Return the error of a call with this keyword, None where it is accepted."""
    given = ast.literal_eval(value) if value is not None else 1
    required = {}
    with contextlib.suppress(TypeError, ValueError):
        for parameter in inspect.signature(found).parameters.values():
            if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                required[parameter.name] = max if parameter.name == "score_func" else 1
    try:
        made = found(**{**required, keyword: given})
        if hasattr(made, "fit") and type(made).__module__.startswith("sklearn"):
            made.fit([[0.0, 1], [1, 0], [2, 1], [3, 0]] * 4, [0, 1, 0, 1] * 4)
    except Exception as error:  # noqa: BLE001 - any refusal is an answer
        return f"{type(error).__name__}: {error}"
    return None


def gone(name: str) -> str | None:
    """Return why a symbol cannot be used, None where it can; some stay only to raise."""
    try:
        found = resolve(name)
    except (AttributeError, IncompleteInstallationError) as error:
        return str(error)
    arguments: list[tuple[Any, ...]] = [()]
    if name.startswith("torch."):
        eye = importlib.import_module("torch").eye(2)
        arguments += [(eye,), (eye, eye)]
    return next(filter(None, (_raises(found, given) for given in arguments)), None)


def _raises(found: Any, given: tuple[Any, ...]) -> str | None:
    try:
        found(*given)
    except (ImportError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - a call of ours that does not fit
        return None
    return None


def use(question: dict[str, Any]) -> dict[str, Any]:
    """Return what is to know about one row of the deprecation table."""
    answer: dict[str, Any] = {**question, "gone": None, "refused": None, **symbol(question["symbol"])}
    if question["removed"] and question["keyword"] is None:
        answer["gone"] = gone(question["symbol"])
    if question["removed"] and question["keyword"] is not None and answer["found"]:
        answer["refused"] = refusal(resolve(question["symbol"]), question["keyword"], question["value"])
    return answer


def version(library: str) -> str | None:
    """Return the installed version of a distribution."""
    if library == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def main() -> None:
    """Answer all questions on stdin."""
    questions = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    out = sys.stdout
    with contextlib.redirect_stdout(io.StringIO()):
        if questions["library"] == "scikit-learn":  # both are switched on by an import
            importlib.import_module("sklearn.experimental.enable_halving_search_cv")
            importlib.import_module("sklearn.experimental.enable_iterative_imputer")
        answers = {
            "symbols": {name: symbol(name) for name in questions["symbols"]},
            "uses": [use(question) for question in questions["uses"]],
            "names": {name: symbol(name)["found"] is not False for name in questions["names"]},
        }
    json.dump(answers, out)


if __name__ == "__main__":
    main()
