"""Through which arguments a library is given code to run, and what is handed over there."""

from collections.abc import Iterator

from ml_architect.syntax.nodes import Attribute, Call, Lambda, Name, Node, children

__all__ = ["CALLABLE_KEYWORDS", "handed_over"]

CALLABLE_KEYWORDS = frozenset(
    {"collate_fn", "worker_init_fn", "map_fn", "map_func", "default_factory", "pickle_module", "target", "callback"}
    | {"callbacks", "hook", "custom_objects", "object_hook", "multiprocessing_context", "py_function"}
)
"""Keywords through which a library is given code to run."""


def handed_over(node: Node) -> Iterator[Node]:
    """Yield what is handed over by name, not functions called at once; lambdas and computed functions as a whole."""
    if isinstance(node, Call):
        if not isinstance(node.func, (Name, Attribute)):
            yield node.func
        for argument in node.arguments:
            yield from handed_over(argument.value)
    elif isinstance(node, (Name, Attribute, Lambda)):
        yield node
    else:
        for child in children(node):
            yield from handed_over(child)
