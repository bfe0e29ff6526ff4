"""The same outcomes whatever form a provider speaks: five of them, against one endpoint."""

from urllib.parse import urlsplit

import pytest
from calling import KEY, PROMPT, access_to
from endpoint import fails, in_turn, says

from ml_architect.architect.model.provider import ErrorKind, ProviderError

TEXT = "first line\n    second line, naïve 漢 and 😀\n"
KEY_HEADERS = {
    "openai": "authorization",
    "hosted_vllm": "authorization",
    "ollama_chat": "authorization",
    "anthropic": "x-api-key",
    "gemini": "x-goog-api-key",
}
ROWS = {
    "unauthorised": (fails(401), ErrorKind.UNAUTHORISED, 1),
    "missing": (fails(404), ErrorKind.NOT_FOUND, 1),
    "limited": (fails(429), ErrorKind.RATE_LIMITED, 2),
    "limited-once": (in_turn(fails(429), says(TEXT)), TEXT, 2),
    "broken": (fails(500), ErrorKind.SERVER, 2),
    "broken-once": (in_turn(fails(503), says(TEXT)), TEXT, 2),
    "cut": (says("part", finish="length"), ErrorKind.CUT, 1),
    "filtered": (says("part", finish="content_filter"), ErrorKind.FILTERED, 1),
    "one-by-one": (says(TEXT, size=1), TEXT, 1),
}
UNSEEN = {("ollama_chat", "filtered")}
"""Ollama has no content filter."""


@pytest.fixture(scope="module", autouse=True)
def process(calls):
    calls.use(access_to(calls.endpoint.url))
    calls.run(calls.provider.warm())


@pytest.mark.parametrize("provider", KEY_HEADERS)
def test_text_key_prompt_and_usage_arrive(calls, provider):
    model = f"{provider}/whole"
    calls.endpoint.script("whole", says(TEXT, usage=(21, 34)))
    calls.at(access_to(calls.endpoint.base(model), model))
    before = len(calls.endpoint.requests)
    reply = calls.ask(model)
    (seen,) = calls.endpoint.requests[before:]
    assert reply.text == TEXT
    assert reply.usage.output_tokens == 34
    assert KEY in seen.headers[KEY_HEADERS[provider]] and KEY not in urlsplit(seen.path).query
    assert PROMPT in seen.text and "200" in seen.text


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("provider", KEY_HEADERS)
def test_faults_mean_the_same_everywhere(calls, provider, row):
    if (provider, row) in UNSEEN:
        pytest.skip("this provider has no such answer")
    behaviour, expected, requests = ROWS[row]
    model = f"{provider}/{row}"
    calls.endpoint.script(row, behaviour)
    calls.at(access_to(calls.endpoint.base(model), model))
    before = len(calls.endpoint.of(row))
    if isinstance(expected, str):
        assert calls.ask(model).text == expected
    else:
        with pytest.raises(ProviderError) as caught:
            calls.ask(model)
        assert (caught.value.kind, caught.value.requests) == (expected, requests)
        assert KEY not in repr(caught.value)
    assert len(calls.endpoint.of(row)) - before == requests


def test_ollama_is_told_how_long_the_prompt_may_be(calls):
    calls.endpoint.script("window", says(TEXT))
    calls.at(access_to(calls.endpoint.url, "ollama_chat/window"))
    calls.ask("ollama_chat/window")
    assert calls.endpoint.of("window")[-1].body["options"]["num_ctx"] == 6200
