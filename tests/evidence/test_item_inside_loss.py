"""item-inside-loss: a term that went through .item() is a constant for autograd."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_term_with_item_contributes_no_gradient():
    """`reconstruction + penalty.item()` trains the first network only, `reconstruction + penalty` both."""
    decoder, encoder, x = nn.Linear(4, 2), nn.Linear(4, 2), torch.ones(1, 4)

    reconstruction, penalty = decoder(x).square().mean(), encoder(x).square().mean()
    loss = reconstruction + penalty.item()
    loss.backward()
    assert decoder.weight.grad is not None
    assert encoder.weight.grad is None

    reconstruction, penalty = decoder(x).square().mean(), encoder(x).square().mean()
    loss = reconstruction + penalty
    loss.backward()
    assert encoder.weight.grad.abs().sum() > 0


def test_whole_loss_as_item_cannot_run_backward():
    """`criterion(...).item()` is a float and has no backward, the tensor has one."""
    model = nn.Linear(4, 2)

    loss = nn.functional.cross_entropy(model(torch.ones(1, 4)), torch.tensor([1])).item()
    with pytest.raises(AttributeError, match="backward"):
        loss.backward()

    loss = nn.functional.cross_entropy(model(torch.ones(1, 4)), torch.tensor([1]))
    loss.backward()
    assert model.weight.grad is not None
