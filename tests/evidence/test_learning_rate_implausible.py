"""learning-rate-implausible: far outside the usual range a rate diverges, gets stuck or changes nothing."""

import math

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks

CHANCE = math.log(4)  # the cross entropy of guessing one of four classes


def final_loss(optimizer_class, lr, hidden_layers, steps):
    torch.manual_seed(0)
    x = torch.randn(256, 16)
    y = (x[:, 0] * x[:, 1] > 0).long() + 2 * (x[:, 2] > 0).long()
    hidden = [nn.Sequential(nn.Linear(64, 64), nn.ReLU()) for _ in range(hidden_layers - 1)]
    model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), *hidden, nn.Linear(64, 4))
    optimizer = optimizer_class(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


def test_adam_with_a_tenth_cannot_train_a_deep_network():
    """Seven hidden layers that Adam fits completely with 0.001 remain near guessing with 0.1."""
    assert final_loss(torch.optim.Adam, 1e-1, hidden_layers=7, steps=200) > 0.5 * CHANCE
    assert final_loss(torch.optim.Adam, 1e-3, hidden_layers=7, steps=200) < 0.05 * CHANCE


def test_sgd_with_ten_ends_worse_than_guessing():
    """A network that SGD fits with 1.0 ends above chance level, or at NaN, with 10."""
    assert not final_loss(torch.optim.SGD, 10.0, hidden_layers=2, steps=150) < CHANCE
    assert final_loss(torch.optim.SGD, 1.0, hidden_layers=2, steps=150) < 0.1 * CHANCE


def test_tiny_rate_is_lost_in_rounding():
    """Adam with 1e-9 changes no bit of weights around 1 in a hundred steps; with 1e-3 it changes all of them."""

    def weights(lr):
        torch.manual_seed(0)
        weight = torch.nn.Parameter(torch.ones(8))
        optimizer = torch.optim.Adam([weight], lr=lr)
        for _ in range(100):
            optimizer.zero_grad()
            (weight * torch.randn(8)).square().sum().backward()
            optimizer.step()
        return weight.detach()

    assert torch.equal(weights(1e-9), torch.ones(8))
    assert (weights(1e-3) < 1).all()
