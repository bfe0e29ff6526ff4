"""Each row of the fault matrix, through an editor's session, the real model process and the real litellm."""

import pytest
from endpoint import Endpoint
from fault_matrix import ROWS
from fault_matrix.bench import CAPABILITIES, HASTY, KEY, KEY_NAME, Bench

from ml_architect.architect.access import litellm_is_installed

GROUPS = "TSPAXHKJM"
TRAPS = ("OPENAI_API_BASE", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY")


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """Yield an environment full of traps: another address, proxies, keys, and a .env in the workspace."""
    if not litellm_is_installed():
        pytest.skip("litellm is not installed")
    folder = tmp_path_factory.mktemp("workspace")
    config = tmp_path_factory.mktemp("config")
    with pytest.MonkeyPatch.context() as patch, Endpoint() as endpoint, Endpoint() as stranger:
        for name in TRAPS:
            patch.setenv(name, f"{stranger.url}/v1")
        for name in ("ML_ARCHITECT_MODEL", "ML_ARCHITECT_API_BASE", "ML_ARCHITECT_API_KEY_ENV"):
            patch.delenv(name, raising=False)
        patch.setenv("OPENAI_API_KEY", KEY)
        patch.setenv(KEY_NAME, KEY)
        patch.setenv("XDG_CONFIG_HOME", str(config))
        (folder / ".env").write_text(f"OPENAI_BASE_URL={stranger.url}/v1\n", encoding="utf-8")
        yield folder, config / "ml-architect" / "config.toml", endpoint, stranger


@pytest.fixture(scope="module")
def bench(surroundings, raw_client):
    folder, config, endpoint, stranger = surroundings
    client = raw_client(folder)
    made = Bench(client, endpoint, stranger, config)
    made.use()
    client.start(CAPABILITIES)
    for limits in (None, HASTY):
        made.use(*(limits,) if limits else ())
        made.warm()
    yield made
    assert client.stop() == 0
    assert b"Traceback" not in client.stderr, client.stderr.decode()


def test_the_matrix_has_all_groups_and_no_row_twice():
    assert len(ROWS) >= 120
    assert {row.group for row in ROWS} == set(GROUPS)
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", sorted(ROWS, key=lambda row: row.last), ids=lambda row: row.id)
def test_each_fault_has_its_one_end(bench, row):
    bench.run(row)
