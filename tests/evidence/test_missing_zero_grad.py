"""missing-zero-grad: without zero_grad every step uses the sum of all gradients so far."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def regression():
    torch.manual_seed(0)
    x = torch.randn(32, 3)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]])
    model = nn.Linear(3, 1)
    return x, y, model, torch.optim.SGD(model.parameters(), lr=0.1)


def test_loss_does_not_settle_without_zero_grad():
    """A regression that SGD solves with zero_grad keeps oscillating without it."""
    x, y, model, optimizer = regression()
    cleared = []
    for _ in range(200):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        cleared.append(loss.item())

    x, y, model, optimizer = regression()
    uncleared = []
    for _ in range(200):
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        uncleared.append(loss.item())

    assert max(cleared[-20:]) < 1e-4 * cleared[0]
    assert max(uncleared[-20:]) > 0.5 * uncleared[0]


def test_gradients_of_all_batches_add_up():
    """Three backward passes over one batch leave three times its gradient, and zero_grad leaves it once."""
    x, y, model, optimizer = regression()
    nn.functional.mse_loss(model(x), y).backward()
    single = model.weight.grad.clone()

    nn.functional.mse_loss(model(x), y).backward()
    nn.functional.mse_loss(model(x), y).backward()
    torch.testing.assert_close(model.weight.grad, 3 * single)

    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    torch.testing.assert_close(model.weight.grad, single)
