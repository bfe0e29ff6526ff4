"""Finds misconfigured model training code, explains it and fixes it."""

__version__ = "0.1.0"
