"""What a provider may do, one row each, through the real process and the real litellm: one outcome, no surprise."""

import time

import pytest
from calling import KEY, PROMPT, access_to
from endpoint import Endpoint, fails, in_turn, redirects, says
from faults import stream, transport

from ml_architect.architect.model.provider import ErrorKind, ProviderError

TEXT = "the whole reply, naïve 漢 and 😀"


@pytest.fixture(scope="module", autouse=True)
def process(calls):
    calls.use(access_to(calls.endpoint.url + "/v1"))
    calls.run(calls.provider.warm())


@pytest.mark.parametrize("row", [*transport(TEXT), *stream(TEXT)], ids=lambda row: row.name.replace(" ", "-"))
def test_each_fault_has_one_outcome(calls, caplog, capfd, row):
    name = row.name.replace(" ", "-").replace(",", "")
    calls.endpoint.script(name, row.behaviour)
    calls.at(access_to(calls.endpoint.url + "/v1", deadline=row.deadline, first_token=row.first_token))
    start = time.monotonic()
    if isinstance(row.expected, str):
        reply = calls.ask(f"openai/{name}")
        assert (reply.text, reply.requests) == (row.expected, row.requests)
        assert calls.progress == sorted(calls.progress) and calls.progress[-1] >= len(row.expected)
    else:
        with pytest.raises(ProviderError) as caught:
            calls.ask(f"openai/{name}")
        assert (caught.value.kind, caught.value.requests) == (row.expected, row.requests)
        told = f"{caught.value!r} {caught.value.advice} {caught.value.__cause__!r} {caplog.text}"
        assert KEY not in told and PROMPT not in told
    assert time.monotonic() - start < row.deadline + 0.5
    assert capfd.readouterr() == ("", "")
    seen = calls.endpoint.of(name)
    assert len(seen) == row.requests
    assert all(each.done.wait(1.0) for each in seen), "the connection is still open"
    assert all(each.headers["authorization"] == f"Bearer {KEY}" for each in seen)


def test_usage_is_what_the_provider_counted_or_unknown(calls):
    calls.at(access_to(calls.endpoint.url + "/v1"))
    calls.endpoint.script("counts", says(TEXT, usage=(123, 45)))
    usage = calls.ask("openai/counts").usage
    assert (usage.input_tokens, usage.output_tokens, usage.cost, usage.estimated) == (123, 45, None, False)
    calls.endpoint.script("is-silent", says(TEXT, usage=None))
    assert calls.ask("openai/is-silent").usage is None


def test_nobody_asks_for_usage_twice_where_it_was_refused(calls):
    calls.at(access_to(calls.endpoint.url + "/v1"))
    calls.endpoint.script("old-server", in_turn(fails(400), says(TEXT)))
    assert [calls.ask("openai/old-server").requests for _ in range(2)] == [2, 1]


def test_a_redirect_to_another_host_does_not_arrive(calls):
    with Endpoint() as other:
        calls.endpoint.script("redirects", redirects(other.url))
        with pytest.raises(ProviderError) as caught:
            calls.ask("openai/redirects")
        assert caught.value.kind is ErrorKind.BLOCKED_HOST
        assert (other.requests, other.others) == ([], [])


def test_every_kind_of_error_has_one_line_of_advice():
    for kind in ErrorKind:
        assert "\n" not in kind.value and kind.value[0].islower() and not kind.value.endswith(".")
    assert len({kind.value for kind in ErrorKind}) == len(ErrorKind)
