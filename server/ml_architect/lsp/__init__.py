"""The language server: translates between the engine and an editor, and decides nothing.

Importing this package imports neither pygls nor the engine.
"""

from ml_architect.lsp.start import start

__all__ = ["start"]
