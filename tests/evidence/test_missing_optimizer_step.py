"""missing-optimizer-step: backward only fills gradients, nothing changes the weights."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_weights_stay_bit_identical_without_step():
    """A loop of zero_grad and backward leaves weights and loss as they were; with step the loss falls."""
    torch.manual_seed(0)
    x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    before = model.weight.detach().clone()
    first_loss = nn.functional.cross_entropy(model(x), y).item()

    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
    assert torch.equal(model.weight, before)
    assert loss.item() == first_loss

    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    assert not torch.equal(model.weight, before)
    assert loss.item() < first_loss
