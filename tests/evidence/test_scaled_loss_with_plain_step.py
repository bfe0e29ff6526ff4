"""scaled-loss-with-plain-step: optimizer.step() applies gradients that are still multiplied by the loss scale."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def scaled_backward():
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu")
    before = model.weight.detach().clone()
    loss = nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    scaler.scale(loss).backward()
    return model, optimizer, scaler, before


def test_plain_step_applies_an_update_65536_times_too_large():
    """optimizer.step() moves the weights by the loss scale times the update of scaler.step(optimizer)."""
    model, optimizer, scaler, before = scaled_backward()
    optimizer.step()
    plain = (model.weight - before).norm().item()

    model, optimizer, scaler, before = scaled_backward()
    scaler.step(optimizer)
    scaler.update()
    unscaled = (model.weight - before).norm().item()

    assert scaler.get_scale() == 65536
    assert plain == pytest.approx(65536 * unscaled, rel=1e-3)
