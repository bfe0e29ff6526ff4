"""Pages as HTML: whole, escaped, and without anything that runs or is fetched."""

from html.parser import HTMLParser

import pytest

from ml_architect.page import Bullets, Code, Heading, Link, Paragraph, Table, as_html

VOID = {"meta", "br", "hr", "link", "img", "input"}


class Reader(HTMLParser):
    """Collects tags and text, and fails where tags are not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.words = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def read(*blocks, title="A page"):
    reader = Reader()
    reader.feed(as_html(title, blocks))
    reader.close()
    assert reader.open == []
    return reader


def named(reader, tag):
    return [attributes for name, attributes in reader.tags if name == tag]


def test_every_block_is_a_well_formed_element():
    reader = read(
        Heading(1, "One"),
        Heading(0, "Bold"),
        Paragraph("Words with `code`."),
        Bullets(("first", Link("second", "https://example.org/a"))),
        Table(("Name", "Value"), (("`lr`", "0.1"),)),
        Code("python", "if a < b:\n    pass\n"),
    )
    for tag in ("h1", "strong", "p", "code", "ul", "li", "table", "thead", "tbody", "pre"):
        assert named(reader, tag), tag
    assert "if a < b:\n    pass" in reader.words
    assert named(reader, "th") == [{"scope": "col"}, {"scope": "col"}]
    assert named(reader, "html") == [{"lang": "en"}]


@pytest.mark.parametrize(
    "block",
    [
        Paragraph('<script>alert(1)</script> & "quotes" `<b>`'),
        Heading(2, "<script>alert(1)</script>"),
        Bullets(("<img src=x onerror=alert(1)>",)),
        Table(("<script>",), (("</td><script>",),)),
        Code('"><script>', "</code></pre><script>alert(1)</script>"),
    ],
)
def test_nothing_in_a_block_becomes_an_element(block):
    reader = read(block, title="</title><script>")
    assert named(reader, "script") == []
    assert named(reader, "img") == []


@pytest.mark.parametrize("url", ["javascript:alert(1)", "command:evil", "data:text/html,x", "vbscript:x", "//host/x y"])
def test_a_link_that_is_no_plain_address_is_only_words(url):
    reader = read(Bullets((Link("title", url),)))
    assert named(reader, "a") == []
    assert "title" in reader.words


@pytest.mark.parametrize("url", ["https://example.org/x?y=1&z=2", "http://example.org", "rules/a-rule.md", "#stage-1"])
def test_a_plain_address_is_a_link(url):
    assert named(read(Bullets((Link("title", url),))), "a") == [{"href": url}]


def test_the_page_forbids_scripts_and_other_hosts():
    page = as_html("x", [])
    assert "default-src &#x27;none&#x27;" in page
    assert "http" not in page.replace("http-equiv", "")
