"""zero-grad-discards-gradients: zero_grad between backward and step leaves nothing to step with."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("optimizer_class", [torch.optim.SGD, torch.optim.Adam])
def test_weights_stay_bit_identical_when_gradients_are_cleared_before_step(optimizer_class):
    """backward, zero_grad, step changes no bit of the weights; zero_grad, backward, step does."""
    torch.manual_seed(0)
    x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
    model = nn.Linear(4, 2)
    optimizer = optimizer_class(model.parameters(), lr=0.1)
    before = model.weight.detach().clone()

    for _ in range(5):
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.zero_grad()
        optimizer.step()
    assert torch.equal(model.weight, before)

    for _ in range(5):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    assert not torch.equal(model.weight, before)
