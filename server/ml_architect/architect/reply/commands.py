"""Commands in a model's words: shown as its own, and only where they are plain; code that it shows is no command."""

import ast
import re

__all__ = ["is_command", "is_plain_command", "is_shown_code", "looks_dangerous"]

EXECUTABLES = frozenset(
    {"python", "python3", "pytest", "nvidia-smi", "torchrun", "accelerate", "tensorboard", "htop", "nvtop"}
)
"""What a suggested command may start: programs that a reader of training code has, and that fetch nothing."""

_PROMPT = re.compile(r"^(?:[$%]|>>>|PS>)\s+")
_FORBIDDEN = re.compile(r"[;|&<>$`\\(){}!*?'\"\n]|://|\bwww\.")
_INLINE_CODE = re.compile(r"\s-[A-Za-z]*c\b")
_DANGEROUS = re.compile(
    r"\b(?:curl|wget|sudo|chmod|powershell|iex|Invoke-\w+|scp|ssh|netcat|mkfs|crontab|xargs|rm\s+-\w+"
    r"|(?:pip3?|conda|mamba|npm|brew|apt|apt-get|uv|poetry)\s+(?:install|add)|docker\s+run|git\s+clone|(?:ba|z)?sh\s+-c"
    r"|(?:bash|sh|zsh)\b(?=\s+\S+\.sh|\s*<|\s*$)|npx|pipx|base64\s+-)(?![\w-])|\|\s*(?:ba|z|da)?sh\b",
    re.IGNORECASE,
)
_DANGEROUS_CODE = re.compile(
    r"\bos\.(?:system|popen|exec\w*|spawn\w*|remove|unlink)\b|\btrust_remote_code\b|\bhub\.load\b"
    r"|\b(?:subprocess|importlib|socket|urllib|requests|httpx|ctypes|pty|shutil|pickle)\b"
    r"|(?<![\w.])(?:eval|exec|compile|__import__|getattr|globals|breakpoint|open)\s*\("
)


def looks_dangerous(line: str) -> bool:
    """Return whether a line of prose holds a command that fetches, installs, deletes or runs what it was given."""
    return _DANGEROUS.search(line) is not None


def is_command(line: str) -> bool:
    """Return whether a line reads as a command: it has a prompt, or starts with a known program."""
    words = _without_prompt(line).split()
    return bool(words) and (_PROMPT.match(line.strip()) is not None or words[0] in EXECUTABLES)


def is_plain_command(line: str) -> bool:
    """Return whether a line is one call of a known program, without operators, code of its own and addresses."""
    command = _without_prompt(line)
    words = command.split()
    plain = bool(words) and words[0] in EXECUTABLES and not looks_dangerous(command)
    return plain and not _FORBIDDEN.search(command) and not _INLINE_CODE.search(command)


def is_shown_code(text: str) -> bool:
    """Return whether a code block may be shown: Python without calls of the system, or plain commands only."""
    rows = [row for row in text.split("\n") if row.strip() and not row.strip().startswith("#")]
    if any(looks_dangerous(row) for row in rows):
        return False
    if all(is_plain_command(row) for row in rows):
        return True
    if _DANGEROUS_CODE.search(text):
        return False
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _without_prompt(line: str) -> str:
    return _PROMPT.sub("", line.strip())
