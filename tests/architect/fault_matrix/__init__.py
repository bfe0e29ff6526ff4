"""The fault matrix of the architect, as data: what a provider and a model may do, and the one end of each."""

from . import changes, grammar, hostile, places, several, wire

ROWS = (
    *wire.TRANSPORT,
    *wire.STREAM,
    *grammar.ROWS,
    *places.APPLY,
    *places.TEXT,
    *changes.SHAPE,
    *changes.SNEAKY,
    *hostile.ROWS,
    *changes.MEANING,
    *several.ROWS,
)
