"""Texts as lines, split where Python and the protocol split them."""

import re

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


def split_lines(text: str) -> list[str]:
    r"""Return the lines of `text` with their endings; the last one has none and may be empty.

    Only ``\n``, ``\r\n`` and ``\r`` end a line; a form feed or U+2028 does not.
    """
    lines = _LINE.findall(text)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines
