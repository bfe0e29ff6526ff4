"""backward-under-no-grad: a loss computed without a graph cannot be backpropagated."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_backward_raises_when_the_loss_was_computed_without_gradients(context):
    """backward inside no_grad raises; outside of it the gradient arrives."""
    model, x, y = nn.Linear(4, 2), torch.ones(1, 4), torch.tensor([1])

    @context()
    def train_step():
        nn.functional.cross_entropy(model(x), y).backward()

    with pytest.raises(RuntimeError, match="does not require grad"):
        train_step()
    assert model.weight.grad is None

    nn.functional.cross_entropy(model(x), y).backward()
    assert model.weight.grad.abs().sum() > 0
