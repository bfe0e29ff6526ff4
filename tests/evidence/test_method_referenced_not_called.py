"""method-referenced-not-called: a method named without parentheses does nothing."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_optimizer_step_without_parentheses_updates_nothing():
    """`optimizer.step` leaves the weights bit-identical, `optimizer.step()` updates them."""
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model.weight.detach().clone()
    nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 2, (8,))).backward()

    optimizer.step  # noqa: B018
    assert torch.equal(model.weight, before)

    optimizer.step()
    assert not torch.equal(model.weight, before)


def test_zero_grad_without_parentheses_clears_nothing():
    """`optimizer.zero_grad` keeps the old gradient, `optimizer.zero_grad()` drops it."""
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model(torch.ones(1, 4)).sum().backward()

    optimizer.zero_grad  # noqa: B018
    assert model.weight.grad is not None

    optimizer.zero_grad()
    assert model.weight.grad is None


def test_eval_without_parentheses_keeps_dropout_on():
    """`model.eval` leaves the module in training mode, `model.eval()` does not."""
    model = nn.Dropout(0.5)

    model.eval  # noqa: B018
    assert (model(torch.ones(1000)) == 0).any()

    model.eval()
    assert (model(torch.ones(1000)) == 1).all()
