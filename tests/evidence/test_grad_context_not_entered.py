"""grad-context-not-entered: a context manager that is called but not entered changes nothing."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_bare_call_leaves_gradients_enabled(context):
    """`torch.no_grad()` as a statement still records the graph, `with torch.no_grad():` does not."""
    model, x = nn.Linear(4, 2), torch.ones(1, 4)

    context()
    assert model(x).requires_grad

    with context():
        assert not model(x).requires_grad


def test_bare_autocast_leaves_full_precision():
    """`torch.autocast(...)` as a statement computes in float32, the `with` form in the lower precision."""
    model, x = nn.Linear(4, 2), torch.ones(1, 4)

    torch.autocast("cpu", dtype=torch.bfloat16)
    assert model(x).dtype == torch.float32

    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert model(x).dtype == torch.bfloat16
