"""What a file of an answer does that nobody should run unread: processes, made-up code, networks, pickles, secrets.

The names are those of `checks.denied`. There a repair may do nothing new at all; here a whole program is judged, which
reads and writes files of its own and saves what it has learned, so some of these names are no danger by themselves.
"""

import ast
from collections.abc import Iterator

from ml_architect.architect.answers import Fault, FaultKind
from ml_architect.architect.checks.denied import why_argument, why_name
from ml_architect.architect.reply.characters import is_odd
from ml_architect.architect.reply.redaction import redact
from ml_architect.catalog import load_catalog

__all__ = ["Names", "dangers", "without_dangers"]

_HARMLESS = (
    *("builtins.getattr", "builtins.setattr", "builtins.delattr", "builtins.vars", "builtins.locals", "builtins.input"),
    *("builtins.open", "tempfile", "os.replace", "os.rename", "os.environ", "signal", "atexit", "shutil.copy"),
    *("shutil.copyfile", "shutil.copy2", "shutil.disk_usage", "shutil.which", "numpy.save", "torch.save"),
    *(
        "tensorflow.io.gfile",
        "tensorflow.io.write_file",
        "multiprocessing",
        "concurrent",
        "urllib.parse",
        "http.HTTPStatus",
    ),
    *("keras.saving", "keras.models.load_model", "numpy.load", "torch.load", "yaml.load", "importlib.metadata"),
    *("importlib.util.find_spec", "keras.layers.Lambda", "socket.gethostname", "pickle.HIGHEST_PROTOCOL"),
)
"""Names that a whole program may use; what makes some of them dangerous is an argument, and that is looked at."""
_PARTLY_HARMLESS = frozenset({"shutil", "socket", "importlib", "http", "urllib"})
"""Modules whose import says nothing: what is used of them decides."""
_LOOKED_AT = {
    "torch.load": ("weights_only", "loads a pickle, which runs code: pass weights_only=True"),
    "yaml.load": ("Loader", "loads any Python object: use yaml.safe_load"),
}
"""Calls that are safe only with the argument that is named."""
_INTERNAL = frozenset(
    {
        "__subclasses__",
        "__globals__",
        "__builtins__",
        "__code__",
        "__bases__",
        "__mro__",
        "__getattribute__",
        "__import__",
    }
)
_REACHED = frozenset({"os", "sys", "subprocess", "builtins", "socket", "shutil", "ctypes", "importlib", "pickle"})
_DETOUR = "reaches a module through another one"
"""Such as ``random._os``, which is `os`."""
_NO_DANGER = frozenset({"download=True"})
"""Known data sets of a library; a run has no network anyway."""
_SUSPECT_MODES = frozenset("wax+")


def without_dangers(text: str) -> tuple[str, list[Fault]]:
    """Return `text` without secrets and characters that hide something, and what had to be taken out."""
    faults: list[Fault] = []
    clean = "".join(character for character in text if character in "\n\t" or not is_odd(character))
    if clean != text:
        faults.append(Fault(FaultKind.UNSAFE, "it held invisible or control characters, which were taken out"))
    redacted = redact(clean)
    if any(_is_credential(secret, clean) for _, secret in redacted.placeholders):
        faults.append(Fault(FaultKind.UNSAFE, "it held what looks like a key or password, a placeholder stands there"))
    return redacted.text, faults


def _is_credential(secret: str, text: str) -> bool:
    """Return whether a replaced piece is a key or password, not the name of a person."""
    return "@" not in secret and f"/home/{secret}" not in text and f"Users/{secret}" not in text


def dangers(tree: ast.Module) -> Iterator[Fault]:
    """Yield what is dangerous in a file, each kind of danger once for each name."""
    seen: set[str] = set()
    for fault in _found(tree):
        if fault.message not in seen:
            seen.add(fault.message)
            yield fault


def _found(tree: ast.Module) -> Iterator[Fault]:
    names = Names(tree)
    fine = _harmless_roots(tree, names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Attribute | ast.Name):
            yield from _named(node, None if node in fine else names.qualified(node))
        elif isinstance(node, ast.Call):
            yield from _called(node, names)


class Names:
    """What the names of a file stand for, by its imports; a name that is bound otherwise stands for nothing known."""

    def __init__(self, tree: ast.Module) -> None:
        self._imports: dict[str, str] = {}
        self._bound: set[str] = set()
        self.modules: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for item in node.names:
                    name = item.asname or item.name.partition(".")[0]
                    self._imports[name] = item.name if item.asname else name
                    self.modules.add(name)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for item in node.names:
                    self._imports[item.asname or item.name] = f"{node.module}.{item.name}"
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                self._bound.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self._bound.add(node.name)

    def qualified(self, node: ast.expr) -> str | None:
        """Return the whole name of what an expression names, None where it is nothing imported or built in."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        root = self._imports.get(node.id)
        if root is None:
            if node.id in self._bound and not parts and node.id not in {"eval", "exec", "compile", "__import__"}:
                return None
            root = f"builtins.{node.id}"
        return load_catalog().canonical(".".join([root, *reversed(parts)]))


def _harmless_roots(tree: ast.Module, names: Names) -> set[ast.AST]:
    """Return the modules that are named only to reach something harmless in them, as in ``shutil.copy``."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        name = names.qualified(node) if isinstance(node, ast.Attribute) else None
        inner = node
        while name and _is_harmless(name) and isinstance(inner, ast.Attribute):
            inner = inner.value
            found.add(inner)
    return found


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[Fault]:
    prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module and not node.level else ""
    for item in node.names:
        if isinstance(node, ast.Import) and item.name in _PARTLY_HARMLESS:
            continue  # each use of it is looked at
        why = _DETOUR if prefix and _is_detour(item.name) else _why(f"{prefix}{item.name}")
        if why:
            yield Fault(FaultKind.UNSAFE, f"`{prefix}{item.name}` {why}", node.lineno)


def _named(node: ast.Attribute | ast.Name, name: str | None) -> Iterator[Fault]:
    if isinstance(node, ast.Attribute) and node.attr in _INTERNAL:
        yield Fault(FaultKind.UNSAFE, f"`{node.attr}` reaches into the interpreter", node.lineno)
    if name and isinstance(node, ast.Attribute) and _is_detour(node.attr):
        yield Fault(FaultKind.UNSAFE, f"`{name}` {_DETOUR}", node.lineno)
    why = _why(name) if name else None
    if name and why:
        yield Fault(FaultKind.UNSAFE, f"`{name.removeprefix('builtins.')}` {why}", node.lineno)


def _is_detour(name: str) -> bool:
    """Return whether something in a module that has this name is another module, which can do harm."""
    return name.lstrip("_") in _REACHED and name != "__builtins__"  # that one is told as part of the interpreter


def _why(name: str) -> str | None:
    """Return why using `name` is dangerous in a whole program."""
    return None if _is_harmless(name) else why_name(name)


def _is_harmless(name: str) -> bool:
    if any(map(_is_detour, name.split(".")[1:])):
        return False
    return any(name == known or name.startswith(f"{known}.") for known in _HARMLESS)


def _called(node: ast.Call, names: Names) -> Iterator[Fault]:
    name = names.qualified(node.func)
    if isinstance(node.func, ast.Attribute) and (name is None or name.startswith("builtins.")):
        why = why_name(f".{node.func.attr}")
        if why and node.func.attr not in {"write_text", "write_bytes", "rename"}:
            yield Fault(FaultKind.UNSAFE, f"`.{node.func.attr}()` {why}", node.lineno)
    keywords = {item.arg: item.value for item in node.keywords if item.arg}
    for keyword, value in keywords.items():
        written = f"{keyword}={ast.unparse(value)}"
        why = why_argument(written)
        if why and written not in _NO_DANGER:
            yield Fault(FaultKind.UNSAFE, f"`{written}` {why}", node.lineno)
    needed = _LOOKED_AT.get(name or "")
    if needed and needed[0] not in keywords and None not in {item.arg for item in node.keywords}:
        yield Fault(FaultKind.UNSAFE, f"`{name}` {needed[1]}", node.lineno)
    if name == "builtins.getattr" and _is_hidden(node, names):
        yield Fault(
            FaultKind.UNSAFE, "`getattr` takes something out of a module by a name made at run time", node.lineno
        )
    if name == "builtins.open" and _writes_elsewhere(node, keywords):
        yield Fault(FaultKind.UNSAFE, "`open` writes a file outside of the working folder", node.lineno)


def _is_hidden(node: ast.Call, names: Names) -> bool:
    """Return whether a getattr reads a module that is no library of layers, by a name that is not written out."""
    if len(node.args) < 2 or isinstance(node.args[1], ast.Constant):  # noqa: PLR2004 - object and name
        return False
    target = names.qualified(node.args[0])
    return target is not None and target.partition(".")[0] in {"os", "sys", "builtins", "importlib", "shutil"}


def _writes_elsewhere(node: ast.Call, keywords: dict[str, ast.expr]) -> bool:
    mode = keywords.get("mode") or (node.args[1] if len(node.args) > 1 else None)
    path = keywords.get("file") or (node.args[0] if node.args else None)
    if not (isinstance(mode, ast.Constant) and isinstance(path, ast.Constant) and isinstance(path.value, str)):
        return False
    writes = bool(_SUSPECT_MODES & set(str(mode.value)))
    return writes and (path.value.startswith(("/", "~", "\\")) or ".." in path.value or ":" in path.value[:3])
