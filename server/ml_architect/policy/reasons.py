"""Errors of the operating system and of parsers, in words for people."""

__all__ = ["reason"]


def reason(error: Exception) -> str:
    """Return what `error` says, on one line that starts in lower case and without paths."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    line = " ".join(text.split())
    return line[:1].lower() + line[1:]
