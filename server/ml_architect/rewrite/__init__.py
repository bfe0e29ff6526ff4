"""Builders that turn an intention, such as "set this keyword", into edits."""

from ml_architect.rewrite.activations import drop_activation, rename_last, rename_losses, unwrapped
from ml_architect.rewrite.arguments import remove_argument, replace, set_keyword
from ml_architect.rewrite.fix import Fix, Safety
from ml_architect.rewrite.imports import add_import, spell
from ml_architect.rewrite.methods import swap_methods
from ml_architect.rewrite.statements import (
    body_start,
    delete,
    indentation,
    insert_after,
    insert_before,
    is_alone,
    lines_of,
    move_after,
    move_before,
)

__all__ = [
    "Fix",
    "Safety",
    "add_import",
    "body_start",
    "delete",
    "drop_activation",
    "indentation",
    "insert_after",
    "insert_before",
    "is_alone",
    "lines_of",
    "move_after",
    "move_before",
    "remove_argument",
    "rename_last",
    "rename_losses",
    "replace",
    "set_keyword",
    "spell",
    "swap_methods",
    "unwrapped",
]
