"""optimizer-recreated-in-loop: a new optimizer has forgotten its momentum and is unknown to the scheduler."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks

EPOCHS = 5


def setup():
    torch.manual_seed(0)
    return nn.Linear(4, 2), torch.randn(8, 4), torch.randint(0, 2, (8,))


def train_one_epoch(model, optimizer, x, y):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()


def test_adam_starts_over_in_every_epoch():
    """Recreated in the loop, Adam's step count and moments restart each epoch; created above it, they carry on."""
    model, x, y = setup()
    for _ in range(EPOCHS):
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        assert not optimizer.state
        train_one_epoch(model, optimizer, x, y)
    assert optimizer.state[model.weight]["step"] == 1

    model, x, y = setup()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(EPOCHS):
        train_one_epoch(model, optimizer, x, y)
    assert optimizer.state[model.weight]["step"] == EPOCHS


def test_momentum_is_lost():
    """With a recreated SGD, momentum 0.9 gives bit for bit the weights of momentum 0."""

    def weights(momentum, *, recreate):
        model, x, y = setup()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=momentum)
        for _ in range(EPOCHS):
            if recreate:
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=momentum)
            train_one_epoch(model, optimizer, x, y)
        return model.weight

    assert torch.equal(weights(0.9, recreate=True), weights(0.0, recreate=False))
    assert not torch.allclose(weights(0.9, recreate=False), weights(0.0, recreate=False))


def test_scheduler_keeps_changing_the_old_optimizer():
    """A scheduler stays bound to the first optimizer: the recreated one trains with the initial rate for ever."""
    model, x, y = setup()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
    scheduled = optimizer
    for _ in range(EPOCHS):
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        train_one_epoch(model, optimizer, x, y)
        scheduled.step()
        scheduler.step()
    assert optimizer.param_groups[0]["lr"] == 1.0
    assert scheduled.param_groups[0]["lr"] == pytest.approx(1e-5)
