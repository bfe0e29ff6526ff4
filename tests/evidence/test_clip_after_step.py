"""clip-after-step: gradients clipped after the step have already been used."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def exploding_gradient():
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    (1000 * nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 2, (8,)))).backward()
    return model, optimizer, [p.detach().clone() for p in model.parameters()]


def update_norm(model, before):
    changes = [(p.detach() - old).flatten() for p, old in zip(model.parameters(), before, strict=True)]
    return torch.cat(changes).norm().item()


def test_update_is_unbounded_when_clipping_after_step():
    """With lr=1 and max_norm=1 the update has norm 1 when clipped before the step, and hundreds when after."""
    model, optimizer, before = exploding_gradient()
    optimizer.step()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    clipped_after = update_norm(model, before)

    model, optimizer, before = exploding_gradient()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
    optimizer.step()
    clipped_before = update_norm(model, before)

    assert clipped_before == pytest.approx(1.0, rel=1e-3)
    assert clipped_after > 100 * clipped_before
