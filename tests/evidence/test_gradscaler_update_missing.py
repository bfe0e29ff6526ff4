"""gradscaler-update-missing: scaler.step may run only once between two updates."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def train(steps, *, update):
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu")
    for _ in range(steps):
        optimizer.zero_grad()
        scaler.scale(model(torch.ones(1, 4)).sum()).backward()
        scaler.step(optimizer)
        if update:
            scaler.update()


def test_second_step_raises_without_update():
    """Without scaler.update() the first iteration runs and the second raises; with it all run."""
    train(1, update=False)
    with pytest.raises(RuntimeError, match="already been called since the last update"):
        train(2, update=False)

    train(3, update=True)
