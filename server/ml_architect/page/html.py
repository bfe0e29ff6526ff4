"""Blocks as one HTML page: no script, nothing from elsewhere, readable with a keyboard and a screen reader."""

import re
from collections.abc import Iterable
from html import escape

from ml_architect.page.blocks import Block, Bullets, Code, Heading, Link, Paragraph, Table

__all__ = ["as_html"]

_CODE = re.compile(r"`+([^`]+)`+")
_SAFE_URL = re.compile(r"(?:https?|file)://|[\w./#-]+\Z", re.IGNORECASE)
_STYLE = """
:root { color-scheme: light dark; }
body {
  color: var(--vscode-editor-foreground, CanvasText); background: var(--vscode-editor-background, Canvas);
  font: 1rem/1.5 var(--vscode-font-family, system-ui, sans-serif); max-width: 60rem; margin: 0 auto; padding: 1rem;
  overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.2; margin: 1.5em 0 0.5em; }
h1 { margin-top: 0.5em; }
a { color: var(--vscode-textLink-foreground, LinkText); }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--vscode-panel-border, #8888); padding: 0.3em 0.6em; }
th, td { text-align: left; vertical-align: top; min-width: 4em; }
code, pre { font-family: var(--vscode-editor-font-family, ui-monospace, monospace); font-size: 0.92em; }
code { background: var(--vscode-textCodeBlock-background, #8882); padding: 0.1em 0.2em; }
pre { background: var(--vscode-textCodeBlock-background, #8882); padding: 0.8em; overflow-x: auto; }
pre code { background: none; padding: 0; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Of the page itself, wherever it is opened: no script runs and nothing is fetched."""


def as_html(title: str, blocks: Iterable[Block]) -> str:
    """Return a whole page in UTF-8 that ends with one line break.

    Colours follow the editor that shows it, or the system's light or dark mode.
    """
    body = "\n".join(_block(block) for block in blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading(0, text):
            return f"<p><strong>{_words(text)}</strong></p>"
        case Heading(level, text):
            return f"<h{min(level, 6)}>{_words(text)}</h{min(level, 6)}>"
        case Paragraph(text):
            return f"<p>{_words(text)}</p>"
        case Bullets(items):
            return "\n".join(["<ul>", *(f"<li>{_item(item)}</li>" for item in items), "</ul>"])
        case Table(header, rows):
            head = "".join(f'<th scope="col">{_words(cell)}</th>' for cell in header)
            lines = ["".join(f"<td>{_item(cell)}</td>" for cell in row) for row in rows]
            body = "\n".join(f"<tr>{line}</tr>" for line in lines)
            return f'<table tabindex="0">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>'
        case Code(language, text):
            return f'<pre tabindex="0"><code data-language="{escape(language)}">{escape(text.rstrip())}</code></pre>'


def _item(item: str | Link) -> str:
    if isinstance(item, str):
        return _words(item)
    if _SAFE_URL.match(item.url):
        return f'<a href="{escape(item.url)}">{_words(item.title)}</a>'
    return _words(item.title)


def _words(text: str) -> str:
    """Return plain words as HTML that shows them unchanged; what stands between backticks is code."""
    parts = _CODE.split(text)
    return "".join(f"<code>{escape(part)}</code>" if index % 2 else escape(part) for index, part in enumerate(parts))
