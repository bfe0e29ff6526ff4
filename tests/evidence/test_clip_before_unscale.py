"""clip-before-unscale: clipping scaled gradients shrinks the true gradient by the loss scale."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def scaled_backward():
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scaler = torch.amp.GradScaler("cpu")
    before = [p.detach().clone() for p in model.parameters()]
    loss = 100 * nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    scaler.scale(loss).backward()
    return model, optimizer, scaler, before


def update_norm(model, before):
    changes = [(p.detach() - old).flatten() for p, old in zip(model.parameters(), before, strict=True)]
    return torch.cat(changes).norm().item()


def test_training_practically_stops_when_scaled_gradients_are_clipped():
    """With lr=1 and max_norm=1 the update has norm 1 after unscale_, and 1/65536 without it."""
    model, optimizer, scaler, before = scaled_backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    scaler.step(optimizer)
    scaler.update()
    clipped_while_scaled = update_norm(model, before)

    model, optimizer, scaler, before = scaled_backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    scaler.step(optimizer)
    scaler.update()
    clipped_after_unscale = update_norm(model, before)

    assert clipped_after_unscale == pytest.approx(1.0, rel=1e-3)
    assert clipped_while_scaled == pytest.approx(1 / 65536, rel=0.05)
