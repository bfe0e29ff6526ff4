import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_architect.architect.reply.redaction import PLACEHOLDER, redact, restore

EXAMPLES = sorted(Path(__file__).parents[2].joinpath("server", "examples").rglob("*.py"))
HEX = "0123456789abcdef" * 2 + "01234567"

SECRETS = {
    "OpenAI": ('key = "{}"', "sk-abcdefghijklmnop1234"),
    "OpenAI project": ('openai.key = "{}"', "sk-proj-abc_def-ghijklmnop1234"),
    "Anthropic": ('k = "{}"', "sk-ant-api03-abcdefghijklmnop"),
    "Hugging Face": ('login("{}")', "hf_abcdefghijklmnopqrstuvwxyz"),
    "GitHub": ("# {} is mine", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
    "GitHub app": ('x = "{}"', "gho_abcdefghijklmnopqrstuvwxyz0123456789"),
    "GitHub fine-grained": ('x = "{}"', "github_pat_11ABCDEFG0abcdefghijkl_xyz"),
    "AWS": ('x = "{}"', "AKIAIOSFODNN7EXAMPLE"),
    "Slack": ('x = "{}"', "xoxb-123456789012-abcdef"),
    "Google": ('x = "{}"', "AIzaSyA-abcdefghijklmnopqrstuvwxyz012345"),
    "GitLab": ('x = "{}"', "glpat-abcdefghij0123456789"),
    "JWT": ('x = "{}"', "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123_-"),
    "wandb": ('wandb.login(key="{}")', HEX),
    "wandb in the environment": ('os.environ["WANDB_API_KEY"] = "{}"', HEX),
    "URL": ('connect("postgres://{}@db.internal/x")', "bob:hunter2"),
    "password": ('password = "{}"', "hunter2"),
    "annotated": ('db_password: str = "{}"', "hunter2"),
    "argument": ("connect(user='a', passwd='{}')", "hunter2"),
    "dictionary": ('cfg = {{"api_key": "{}", "lr": 1}}', "zzzzz"),
    "attribute": ('config.apiKey = "{}"', "zzzzz"),
    "default of getenv": ('os.getenv("API_TOKEN", "{}")', "zzzzz"),
    "bytes": ('secret = b"{}"', "zzzzz"),
    "escaped quote": ('secret = "{}"', 'a\\"b'),
    "random": ('x = "{}"', "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9"),
    "Linux home": ('path = "/home/{}/data"', "alice"),
    "macOS home": ('path = "/Users/{}/data"', "alice"),
    "Windows home": ('path = r"C:\\Users\\{}\\data"', "alice"),
    "Windows home, escaped": ('path = "C:\\\\Users\\\\{}\\\\data"', "alice"),
    "e-mail": ("# by {}", "alice.b@example.com"),
}


@pytest.mark.parametrize("case", SECRETS)
def test_a_secret_is_replaced_and_comes_back(case):
    pattern, secret = SECRETS[case]
    text = f"import torch\n{pattern.format(secret)}\nx = 1\n"
    redacted = redact(text)
    assert redacted.text == text.replace(secret, "REDACTED_1")
    assert redacted.placeholders == (("REDACTED_1", secret),)
    assert restore(redacted.text, redacted.placeholders) == text
    assert redact(redacted.text).placeholders == ()
    ast.parse(redacted.text)


def test_a_private_key_keeps_its_lines():
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\nMzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S"
    text = f'KEY = """-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"""\n'
    redacted = redact(text)
    assert redacted.text.count("\n") == text.count("\n")
    assert not any(line in redacted.text for line in body.split("\n"))
    assert restore(redacted.text, redacted.placeholders) == text


def test_a_private_key_without_an_end_is_replaced():
    assert (
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
        not in redact("-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n").text
    )


def test_equal_secrets_get_equal_numbers():
    text = 'password = "hunter2"\ntoken = "abcdef"\nagain(password="hunter2")\n'
    assert redact(text).text == 'password = "REDACTED_1"\ntoken = "REDACTED_2"\nagain(password="REDACTED_1")\n'


def test_a_placeholder_of_the_document_is_not_taken():
    text = 'x = "REDACTED_1"\npassword = "hunter2"\n'
    redacted = redact(text)
    assert redacted.text == 'x = "REDACTED_1"\npassword = "REDACTED_2"\n'
    assert restore(redacted.text, redacted.placeholders) == text


ORDINARY = [
    "optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)",
    'tokenizer.pad_token = "[PAD]"',
    'tokenizer.add_special_tokens({"eos_token": "</s>", "sep_token": "[SEP]"})',
    'token = ""',
    "password = os.environ['PASSWORD']",
    'os.environ["CUDA_VISIBLE_DEVICES"] = "0"',
    'model = AutoModel.from_pretrained("sentence-transformers/all-MiniLM-L6-v2")',
    'model = timm.create_model("vit_base_patch16_224.augreg2_in21k_ft_in1k")',
    'path = "checkpoints/resnet50_imagenet_epoch012_acc0.8123.pth"',
    'url = "https://download.pytorch.org/models/resnet50-0676ba61.pth"',
    'cache_key = "train"',
    'sort_key = lambda item: item["key"]',
    "@torch.no_grad()",
    "y = a @ b.T",
    'password = f"{prefix}-x"',
    'password = "PASSWORD"',
    '"/home/user/data"',
    "num_key_value_heads = 8",
    'checksum = "d41d8cd98f00b204e9800998ecf8427e"',
    'labels = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"',
    "max_token_length = 512",
    'names = ["api_key", "token", "value"]',
    'columns = {"token", "word", "lemma"}',
]


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_code_is_left_alone(line):
    assert redact(line).text == line


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_nothing_in_the_bundled_programs_is_a_secret(path):
    text = path.read_text(encoding="utf-8")
    assert redact(text).text == text


PIECES = [
    *(secret for _, secret in SECRETS.values()),
    *(
        "password = ",
        '"',
        "'",
        "\n",
        " ",
        "=",
        ":",
        "/home/",
        "@",
        "http://",
        "REDACTED_",
        "REDACTED_1",
        "REDACTED_2",
        "0",
        "9",
        "a",
        "key",
    ),
    *("-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "\\", "{", "token", ",", "."),
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join))
def test_redaction_is_line_preserving_exact_and_idempotent(text):
    redacted = redact(text)
    assert redacted.text.count("\n") == text.count("\n")
    assert restore(redacted.text, redacted.placeholders) == text
    assert redact(redacted.text).text == redacted.text
    assert {name for name, _ in redacted.placeholders}.isdisjoint(match.group() for match in PLACEHOLDER.finditer(text))
