"""softmax-before-cross-entropy: the loss applies log-softmax itself, a second softmax limits loss and gradient."""

import math

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_loss_cannot_fall_below_a_floor():
    """With two classes softmax outputs train to no less than log(1 + 1/e) = 0.313, logits to a fraction of that."""
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    y = (x[:, 0] > 0).long()
    floor = math.log(1 + math.exp(-1))

    def final_loss(*activation):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 2), *activation)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        for _ in range(300):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    assert final_loss(nn.Softmax(dim=1)) > floor
    assert final_loss() < floor / 3


def test_confident_mistakes_get_no_gradient():
    """A confidently wrong prediction has a gradient near 1 from its logits, and almost none through softmax."""
    logits = torch.tensor([[10.0, -10.0]], requires_grad=True)
    label = torch.tensor([1])

    (through_softmax,) = torch.autograd.grad(nn.functional.cross_entropy(logits.softmax(dim=1), label), logits)
    (from_logits,) = torch.autograd.grad(nn.functional.cross_entropy(logits, label), logits)

    assert through_softmax.abs().max() < 1e-6
    assert from_logits.abs().max() == pytest.approx(1.0)
