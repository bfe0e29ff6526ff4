"""One version of a document as statements with places, and how it follows from the version before."""

from collections.abc import Iterable
from functools import cached_property

from ml_architect.syntax.blocks import Blocks
from ml_architect.syntax.build import Builder
from ml_architect.syntax.comments import comments_of
from ml_architect.syntax.entries import Placed, Pool, gathered
from ml_architect.syntax.lines import Line, updated_lines
from ml_architect.syntax.nodes import Comment, Handler, Node, Piece, Statement
from ml_architect.syntax.parts import lines_of, rows_of_parts
from ml_architect.syntax.past import Past
from ml_architect.syntax.tokens import tokenize
from ml_architect.syntax.window import changed_window
from ml_architect.text import Source, Span


class Module:
    """A parsed document version; see `parse`.

    Attributes:
        source: the text that was parsed.
        body: its top-level statements, in order.
        problems: what does not parse.
        bases: where the text of each piece starts.
        lines: the logical lines of the text.
        entries: what the next version can take over.
    """

    def __init__(self, source: Source, lines: list[Line], entries: list[Placed]) -> None:
        self.source = source
        self.lines = lines
        self.entries = entries
        self.body: tuple[Statement, ...] = tuple(
            [item for placed in entries for item in placed.entry.statements if not isinstance(item, Handler)]
        )
        pieces, self.problems, stale = gathered(entries, 0)
        self.bases: dict[Piece, int] = dict(pieces)
        self._stale = frozenset(stale)

    def span(self, node: Node) -> Span:
        """Return where `node`, which must be part of this version, stands in the document."""
        base = self.bases[node.piece]
        return Span(base + node.start, base + node.end)

    def text_of(self, node: Node) -> str:
        """Return the source text of `node`."""
        base = self.bases[node.piece]
        return self.source.text[base + node.start : base + node.end]

    def header_span(self, statement: Node) -> Span:
        """Return where a compound statement's header stands: from its first word to its colon."""
        span = self.span(statement)
        tokens = tokenize(self.source.text[span.start : span.end])
        depth = lambdas = 0
        for text, end in zip(tokens.texts, tokens.ends, strict=True):
            depth += (text in "([{") - (text in ")]}")
            if text == ":" and not depth and not lambdas:
                return Span(span.start, span.start + end)
            lambdas += (text == "lambda" and not depth) - (text == ":" and not depth)
        return span

    def is_stale(self, node: Node) -> bool:
        """Return whether `node` was lowered from an earlier text, as the present one does not parse there."""
        return node.piece in self._stale

    def mentions(self, words: Iterable[str]) -> bool:
        """Return whether any of `words` occurs anywhere in the text, even inside another word."""
        return any(word in self.source.text for word in words)

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        """All comments, in order."""
        return tuple(comments_of(self.source.text, self.lines))


def parse(source: Source, previous: Module | None = None) -> Module:
    """Parse `source`, taking over what `previous` has of unchanged statements.

    Never raises: a statement that does not parse becomes a problem of the module, and keeps the
    meaning that `previous` has for it (see `Module.is_stale`); all other statements are not affected.
    No statement goes on from one cell of a notebook to the next, whatever is left open.
    """
    text = source.text
    if previous is None:
        lines, past, pool = lines_of(source), None, Pool(())
    else:
        window = changed_window(previous.source.text, text)
        lines = lines_of(source) if source.layout else updated_lines(text, window, previous.lines)
        past = Past(previous.source.text, previous.body, previous.bases, window)
        pool = Pool(placed.entry for placed in previous.entries)
    builder = Builder(Blocks(text, lines), pool, past)
    entries = [placed for rows in rows_of_parts(source, lines) for placed in builder.block(rows)]
    return Module(source, lines, entries)
