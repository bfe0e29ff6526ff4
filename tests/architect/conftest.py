"""A scripted endpoint, and one model process for each module of tests."""

import pytest
from calling import Calls
from endpoint import Endpoint

from ml_architect.architect.access import litellm_is_installed


@pytest.fixture
def endpoint():
    with Endpoint() as running:
        yield running


@pytest.fixture(scope="module")
def calls():
    if not litellm_is_installed():  # asked without importing it into this process
        pytest.skip("litellm is not installed")
    made = Calls()
    yield made
    made.close()
