"""How deeply a text nests, found out before a parser that recurses is let near it."""

from ml_architect.syntax.tokens import Tokens, tokenize

_MAX_BRACKETS = 60
_MAX_OPERATORS = 400
_SEPARATORS = frozenset({",", ";"})
_NESTING_WORDS = frozenset({"await", "else", "if", "lambda", "not", "and", "or"})


def is_too_deep(text: str, tokens: Tokens) -> bool:
    """Return whether parsing `text` could exhaust the stack of a thread.

    LibCST's parser takes about 8 KB of stack for a bracket and 1 KB for an operator, and does not
    check. Operators count if no comma, semicolon or line end stands between them.
    """
    texts = tokens.texts
    longest = max(map(len, texts), default=0)
    if longest > _MAX_OPERATORS and any(_is_deep_string(token) for token in texts if len(token) > _MAX_OPERATORS):
        return True
    openers = texts.count("(") + texts.count("[") + texts.count("{")
    if openers <= _MAX_BRACKETS and len(texts) <= _MAX_OPERATORS:
        return False
    return _deepest(text, tokens)


def _deepest(text: str, tokens: Tokens) -> bool:
    operators = [0]
    previous_end = 0
    for word, start, end in zip(*tokens, strict=True):
        if word in _SEPARATORS or (len(operators) == 1 and _has_break(text, previous_end, start)):
            operators[-1] = 0
        if not (word[0].isalnum() or word[0] in "_\"'") or word in _NESTING_WORDS:
            operators[-1] += 1
        if word in "([{":
            operators.append(0)
            if len(operators) > _MAX_BRACKETS:
                return True
        elif word in ")]}" and len(operators) > 1:
            operators.pop()
        if operators[-1] > _MAX_OPERATORS:
            return True
        previous_end = end
    return False


def _has_break(text: str, start: int, end: int) -> bool:
    between = text[start:end]
    return "\n" in between or "\r" in between


def _is_deep_string(token: str) -> bool:
    """Return whether `token` is an f-string that holds something too deep, taking its text for code."""
    quoted = token.lstrip("fFtTrR")
    prefix = token[: len(token) - len(quoted)].lower()
    if not {"f", "t"}.intersection(prefix) or token[-1] not in "\"'":
        return False
    inside = quoted.strip("\"'")
    return is_too_deep(inside, tokenize(inside))
