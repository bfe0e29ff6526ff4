"""sigmoid-before-bce-with-logits: the loss applies the sigmoid itself, a second one limits loss and predictions."""

import math

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_loss_cannot_fall_below_a_floor():
    """With as many negatives as positives, sigmoid outputs train to no less than 0.503, logits far below."""
    torch.manual_seed(0)
    x = torch.cat([torch.randn(32, 4).abs(), -torch.randn(32, 4).abs()])
    y = torch.cat([torch.ones(32), torch.zeros(32)])
    best_for_positives, best_for_negatives = math.log(1 + math.exp(-1)), math.log(2)
    floor = (best_for_positives + best_for_negatives) / 2

    def final_loss(*activation):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 1), *activation, nn.Flatten(0))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        for _ in range(300):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    assert final_loss(nn.Sigmoid()) > floor
    assert final_loss() < floor / 5


def test_confident_mistakes_get_no_gradient():
    """A confidently wrong logit has a gradient of 1 by itself, and almost none through a second sigmoid."""
    logit, label = torch.tensor([-20.0], requires_grad=True), torch.ones(1)
    loss = nn.functional.binary_cross_entropy_with_logits

    (through_sigmoid,) = torch.autograd.grad(loss(logit.sigmoid(), label), logit)
    (from_logit,) = torch.autograd.grad(loss(logit, label), logit)

    assert through_sigmoid.abs() < 1e-6
    assert from_logit.abs() == pytest.approx(1.0)
