"""momentum-out-of-range: torch accepts momentum of one and more, and training diverges."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def losses(optimizer_class, momentum):
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = optimizer_class([weight], lr=0.01, momentum=momentum)
    seen = []
    for _ in range(500):
        optimizer.zero_grad()
        loss = weight.square().sum()
        loss.backward()
        optimizer.step()
        seen.append(loss.item())
    return seen


@pytest.mark.parametrize("momentum", [9, 90, 1.5])
def test_training_diverges_with_momentum_above_one(momentum):
    """Minimizing w² with SGD, momentum 9 (for 0.9) or 1.5 is accepted and diverges; 0.9 converges."""
    assert not losses(torch.optim.SGD, momentum)[-1] < 1e6
    assert losses(torch.optim.SGD, 0.9)[-1] < 1e-6


def test_training_never_settles_with_momentum_one():
    """With momentum 1 nothing brakes: the loss comes back to its start for ever."""
    assert max(losses(torch.optim.SGD, 1.0)[-100:]) > 0.5
    assert max(losses(torch.optim.SGD, 0.9)[-100:]) < 1e-6


def test_rmsprop_diverges_too():
    """RMSprop accepts momentum 1.5 and diverges as well."""
    assert not losses(torch.optim.RMSprop, 1.5)[-1] < 1e6
    assert losses(torch.optim.RMSprop, 0.5)[-1] < 0.01


def test_batch_norm_momentum_is_the_weight_of_the_new_batch():
    """Keras' BatchNorm momentum 0.99 in torch forgets all but the last batch; torch's 0.1 averages over many."""

    def running_mean(momentum):
        norm = nn.BatchNorm1d(1, momentum=momentum)
        for _ in range(100):
            norm(torch.tensor([[0.0], [2.0]]))
        norm(torch.tensor([[100.0], [102.0]]))
        return norm.running_mean.item()

    assert running_mean(0.99) == pytest.approx(100, rel=0.01)
    assert running_mean(0.1) == pytest.approx(11, rel=0.01)
