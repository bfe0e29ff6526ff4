"""loss-rewrapped-as-leaf: a new tensor made from the loss has no path back to the model."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    "rewrap",
    [
        lambda loss: torch.tensor(loss.item(), requires_grad=True),
        lambda loss: torch.autograd.Variable(loss, requires_grad=True),
        lambda loss: loss.detach().requires_grad_(),
    ],
    ids=["torch.tensor", "Variable", "detach"],
)
def test_model_receives_no_gradient_from_a_rewrapped_loss(rewrap):
    """backward on the rewrapped loss runs, but the model's gradient stays None; the loss itself reaches it."""
    model, x, y = nn.Linear(4, 2), torch.ones(1, 4), torch.tensor([1])

    loss = nn.functional.cross_entropy(model(x), y)
    rewrap(loss).backward()
    assert model.weight.grad is None

    loss.backward()
    assert model.weight.grad.abs().sum() > 0
