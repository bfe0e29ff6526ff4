"""Faults of our own that the engine's guard caught and logged, collected for the end of the run."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

LOGGER = "ml_architect"


class _Collector(logging.Handler):
    def __init__(self, verbose: bool) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.verbose = verbose
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if self.verbose:
            self.lines.append(self.format(record))
            return
        error = record.exc_info[1] if record.exc_info else None
        self.lines.append(record.getMessage() + (f" ({type(error).__name__}: {error})" if error else ""))


@contextmanager
def collected(verbose: bool) -> Iterator[list[str]]:
    """Yield a list that fills with what is logged as an error meanwhile; `verbose` adds tracebacks."""
    logger = logging.getLogger(LOGGER)
    collector = _Collector(verbose)
    propagates = logger.propagate
    logger.addHandler(collector)
    logger.propagate = False
    try:
        yield collector.lines
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagates
