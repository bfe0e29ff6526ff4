"""Says whether a repair is right, with the standard library's `ast` alone.

Shares nothing with the engine, the rules or the architect's checks, so that their mistakes cannot hide in it.
"""
