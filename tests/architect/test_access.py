"""Nothing is sent before the person has chosen a model; a project only tightens; a key goes only where it belongs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml_architect.architect.model.access import Access, Missing, resolve
from ml_architect.architect.model.hosts import PROVIDERS, Base, Host
from ml_architect.architect.model.person import Person, config_file, read_person
from ml_architect.engine import ModelLimits, Settings

SECRET = "sk-secret"
EVERY_KEY = {known.key: SECRET for known in PROVIDERS.values() if known.key}


def reached(person, limits=None, environ=EVERY_KEY, installed=True):
    return resolve(person, limits or ModelLimits(), environ, lambda: installed)


@pytest.mark.parametrize(
    ("model", "host"),
    [
        ("openai/gpt-5", "api.openai.com"),
        ("gpt-5-mini", "api.openai.com"),
        ("anthropic/claude-sonnet-4-5", "api.anthropic.com"),
        ("claude-sonnet-4-5", "api.anthropic.com"),
        ("gemini/gemini-2.5-pro", "generativelanguage.googleapis.com"),
        ("mistral/codestral-latest", "api.mistral.ai"),
        ("openrouter/qwen/qwen3-coder", "openrouter.ai"),
        ("deepseek/deepseek-chat", "api.deepseek.com"),
        ("groq/llama-3.3-70b-versatile", "api.groq.com"),
        ("together_ai/meta/llama", "api.together.xyz"),
        ("xai/grok-4", "api.x.ai"),
    ],
)
def test_a_provider_is_reached_at_its_own_host_with_its_own_key(model, host):
    access = reached(Person(model=model))
    assert (access.host, access.hosts, access.api_key, access.api_base) == (Host(host), (Host(host),), SECRET, None)
    assert (access.deadline, access.first_token, access.priced) == (60.0, 20.0, True)
    assert SECRET not in repr(access)


def test_a_server_of_ones_own_gets_no_key_of_a_provider():
    access = reached(Person(model="openai/served", api_base="http://127.0.0.1:8000/v1"))
    assert (access.api_key, access.host, access.priced) == ("none", Host("127.0.0.1", 8000), False)
    assert (access.deadline, access.first_token) == (180.0, 120.0)


def test_a_server_of_ones_own_gets_the_key_that_was_named_with_it():
    person = Person(model="openai/served", api_base="https://models.example/v1", api_key_env="MY_KEY")
    assert reached(person, environ={"MY_KEY": "mine", **EVERY_KEY}).api_key == "mine"


def test_ollama_is_looked_for_on_this_machine():
    access = reached(Person(model="ollama_chat/qwen3", local_only=True))
    assert (access.api_base, access.host) == ("http://127.0.0.1:11434", Host("127.0.0.1", 11434))


def test_a_provider_that_we_do_not_know_needs_its_hosts():
    person = Person(
        model="bedrock/some-model", hosts=("bedrock-runtime.eu-west-1.amazonaws.com",), environment=("AWS",)
    )
    access = reached(person, environ={"AWS": "a"})
    assert access.host == Host("bedrock-runtime.eu-west-1.amazonaws.com")
    assert (access.api_key, access.environment) == (None, (("AWS", "a"),))


@pytest.mark.parametrize(
    ("person", "limits", "reason", "remedy"),
    [
        (Person(), {}, "no model is chosen", "ML_ARCHITECT_MODEL"),
        (Person(model="openai/x"), {"enabled": False}, "the project turns language models off", "enabled = false"),
        (Person(model="qwen3"), {}, "does not say which provider", "openai/qwen3"),
        (Person(model="github_copilot/gpt-5"), {}, "GitHub Copilot", "takes a key"),
        (Person(model="hosted_vllm/x"), {}, "not known where 'hosted_vllm' models are served", "api-base"),
        (Person(model="meta-llama/x"), {}, "not known where 'meta-llama' models are served", "api-base"),
        (Person(model="openai/x", local_only=True), {}, "'openai/x' is at api.openai.com", "on this machine"),
        (Person(model="openai/x"), {"local_only": True}, "'openai/x' is at api.openai.com", "on this machine"),
        (Person(model="openai/x", api_base="http://10.0.0.7/v1"), {"local_only": True}, "is at 10.0.0.7:80", "machine"),
        (Person(model="openai/x", api_key_env="NO_SUCH"), {}, "variable NO_SUCH is not set", "api-key-env"),
    ],
)
def test_what_is_missing_is_said_with_a_remedy(person, limits, reason, remedy):
    missing = reached(person, ModelLimits(**limits))
    assert isinstance(missing, Missing)
    assert reason in missing.reason and remedy in missing.remedy
    assert "\n" not in str(missing)


def test_without_litellm_the_remedy_is_its_installation():
    assert "pip install" in reached(Person(model="openai/x"), installed=False).remedy


def test_a_project_lowers_budgets_and_never_raises_them():
    limits, problems = ModelLimits.from_mapping(
        {"requests": 5, "input-tokens": 10**9, "output-tokens": 100, "money": 0.5, "exclude": ["secret/"]}
    )
    assert problems == ()
    access = reached(Person(model="openai/x"), limits)
    budget = access.budget
    assert (budget.requests, budget.input_tokens, budget.output_tokens, budget.money) == (5, 200_000, 100, 0.5)
    assert access.exclude == ("secret/",)


def test_a_project_chooses_no_model_and_no_address():
    table = {"architect": {"model": "openai/x", "api-base": "http://thief.example", "api-key-env": "OPENAI_API_KEY"}}
    settings, problems = Settings.from_mapping(table)
    assert settings.architect == ModelLimits()
    assert [problem.partition(" is ignored")[0] for problem in problems] == [
        "'architect.model'",
        "'architect.api-base'",
        "'architect.api-key-env'",
    ]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (3, ModelLimits(enabled=False)),
        ({"enabled": "no"}, ModelLimits(enabled=False)),
        ({"local-only": "please"}, ModelLimits(local_only=True)),
        ({"requests": "few"}, ModelLimits(requests=0)),
        ({"money": -1}, ModelLimits(money=0.0)),
        ({"exclude": "secret"}, ModelLimits(exclude=("*",))),
    ],
)
def test_a_mistake_of_a_project_never_loosens(table, expected):
    limits, problems = ModelLimits.from_mapping(table)
    assert limits == expected
    assert len(problems) == 1


LIMITS = st.builds(
    ModelLimits,
    enabled=st.booleans(),
    local_only=st.booleans(),
    requests=st.none() | st.integers(0, 9),
    money=st.none() | st.floats(0, 9),
)


@given(LIMITS, LIMITS)
def test_two_limits_together_are_as_tight_as_each(first, second):
    both = first.tightened(second)
    assert both.enabled <= min(first.enabled, second.enabled)
    assert both.local_only >= max(first.local_only, second.local_only)
    numbers = [each.requests for each in (first, second) if each.requests is not None]
    assert both.requests == (min(numbers) if numbers else None)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("http://127.0.0.1:8000/v1/", Host("127.0.0.1", 8000)),
        ("https://Models.Example/v1", Host("models.example", 443)),
        ("http://[::1]:8000", Host("::1", 8000)),
        ("http://user:pass@host/v1", None),
        ("ftp://host", None),
        ("file:///etc/passwd", None),
        ("127.0.0.1:8000", None),
        ("http://host:port", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_addresses_are_read_strictly(text, host):
    base = Base.read(text)
    assert (base.host if base else None) == host


@pytest.mark.parametrize(
    ("name", "loopback"),
    [("localhost", True), ("127.0.0.2", True), ("::1", True), ("localhost.evil.example", False), ("10.0.0.1", False)],
)
def test_loopback_is_this_machine_only(name, loopback):
    assert Host(name).is_loopback is loopback


@pytest.fixture
def home(tmp_path):
    def written(text, **variables):
        environ = {"XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path), "HOME": str(tmp_path), **variables}
        path = config_file(environ)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return read_person(environ)

    return written


FILE = """
[architect]
model = "openai/served"
api-base = "https://models.example/v1"
api-key-env = "MY_KEY"
deadline-seconds = 30
max-output-tokens = 900
requests = 7
money = 2.5
"""


def test_the_file_is_read(home):
    found = home(FILE)
    person = found.person
    assert found.problems == ()
    assert (person.model, person.api_base, person.api_key_env) == (
        "openai/served",
        "https://models.example/v1",
        "MY_KEY",
    )
    assert (person.deadline_seconds, person.max_output_tokens) == (30.0, 900)
    assert (person.budget.requests, person.budget.money) == (7, 2.5)


def test_no_file_is_no_problem(tmp_path):
    found = read_person({"XDG_CONFIG_HOME": str(tmp_path), "APPDATA": str(tmp_path), "HOME": str(tmp_path)})
    assert (found.person, found.problems) == (Person(), ())


@pytest.mark.parametrize("text", ["architect = 3", "[architect", "\xff"])
def test_a_file_that_cannot_be_read_calls_no_model(home, text):
    found = home(text)
    assert found.person == Person()
    assert len(found.problems) == 1


def test_mistakes_never_quote_what_may_be_a_key(home):
    found = home(f'[architect]\napi-key-env = "{SECRET}"\napi-base = "https://me:{SECRET}@host"\nmodle = "x"\n')
    assert (found.person.api_key_env, found.person.api_base) == (None, None)
    assert len(found.problems) == 3
    assert SECRET not in " ".join(found.problems)


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({"ML_ARCHITECT_MODEL": "openai/other"}, "MY_KEY"),
        ({"ML_ARCHITECT_API_BASE": "https://elsewhere.example/v1"}, None),
        ({"ML_ARCHITECT_API_BASE": "https://elsewhere.example/v1", "ML_ARCHITECT_API_KEY_ENV": "ITS_KEY"}, "ITS_KEY"),
    ],
)
def test_a_key_of_the_file_stays_with_the_place_of_the_file(home, variables, key):
    person = home(FILE, **variables).person
    assert person.api_key_env == key
    assert person.model == variables.get("ML_ARCHITECT_MODEL", "openai/served")


def test_a_key_of_the_file_does_not_follow_the_model_to_another_provider(home):
    text = '[architect]\nmodel = "openai/gpt-5"\napi-key-env = "WORK_KEY"\n'
    assert home(text, ML_ARCHITECT_MODEL="openai/gpt-5-mini").person.api_key_env == "WORK_KEY"
    assert home(text, ML_ARCHITECT_MODEL="anthropic/claude-sonnet-4-5").person.api_key_env is None


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"HOME": "/h"}, "/h/.config/ml-architect/config.toml"),
        ("linux", {"HOME": "/h", "XDG_CONFIG_HOME": "/c"}, "/c/ml-architect/config.toml"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/ml-architect/config.toml"),
        ("win32", {"APPDATA": "/a"}, "/a/ml-architect/config.toml"),
    ],
)
def test_the_file_lies_where_the_platform_keeps_such_files(platform, environ, expected):
    assert config_file(environ, platform) == Path(expected)


def test_an_access_is_a_value():
    person = Person(model="ollama_chat/x")
    assert isinstance(reached(person), Access)
    assert reached(person) == reached(person)
