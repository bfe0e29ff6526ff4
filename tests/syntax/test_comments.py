"""Comments are found wherever Python's tokeniser finds them."""

import io
import tokenize

from ml_architect.syntax import parse
from ml_architect.text import Source


def found(text):
    return [(comment.text, comment.alone) for comment in parse(Source(text)).comments]


def test_comments_agree_with_tokenize(texts):
    for text in texts:
        rows = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
        try:
            expected = [
                token.string for token in tokenize.generate_tokens(rows.readline) if token.type == tokenize.COMMENT
            ]
        except tokenize.TokenError:
            continue
        assert [comment.text for comment in parse(Source(text)).comments] == expected


def test_where_comments_stand():
    text = "# a\nx = 1  # b\n  # c\n"
    assert found(text) == [("# a", True), ("# b", False), ("# c", True)]
    assert [comment.start for comment in parse(Source(text)).comments] == [0, 11, 17]


def test_a_hash_in_a_string_is_no_comment():
    assert found("x = '#a' \"#b\" '''\n#c\n''' f'#d{x}' f\"{d['#e']}\" rb'#f'  # g\n") == [("# g", False)]


def test_an_open_quote_hides_comments_of_its_line_only():
    assert found("x = 'open # a\ny = 1  # b\n") == [("# b", False)]
    assert found("x = (1,  # a\ny = 1  # b\n") == [("# a", False), ("# b", False)]
    after = parse(Source('x = """open\ny = 1  # b\n'), parse(Source("x = open\ny = 1  # b\n")))
    assert [comment.text for comment in after.comments] == ["# b"]
