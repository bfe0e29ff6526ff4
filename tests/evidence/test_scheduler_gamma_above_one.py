"""scheduler-gamma-above-one: gamma multiplies the rate, so above one it grows without bound."""

import pytest
import torch
from torch.optim import lr_scheduler

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    "schedule",
    [
        lambda optimizer, gamma: lr_scheduler.StepLR(optimizer, step_size=1, gamma=gamma),
        lambda optimizer, gamma: lr_scheduler.MultiStepLR(optimizer, milestones=[1, 2, 3], gamma=gamma),
        lambda optimizer, gamma: lr_scheduler.ExponentialLR(optimizer, gamma=gamma),
    ],
    ids=["StepLR", "MultiStepLR", "ExponentialLR"],
)
def test_rate_grows_instead_of_decaying(schedule):
    """Three steps with gamma=10 take the rate from 0.1 to 100, with gamma=0.1 to 0.0001."""

    def final_rate(gamma):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
        scheduler = schedule(optimizer, gamma)
        for _ in range(3):
            optimizer.step()
            scheduler.step()
        return optimizer.param_groups[0]["lr"]

    assert final_rate(10) == pytest.approx(100)
    assert final_rate(0.1) == pytest.approx(0.0001)


def test_training_diverges():
    """Minimizing w² diverges once the rate has grown past 1, and converges with a decaying rate."""

    def final_loss(gamma):
        weight = torch.nn.Parameter(torch.ones(1))
        optimizer = torch.optim.SGD([weight], lr=0.1)
        scheduler = lr_scheduler.StepLR(optimizer, step_size=10, gamma=gamma)
        for _ in range(50):
            optimizer.zero_grad()
            loss = weight.square().sum()
            loss.backward()
            optimizer.step()
            scheduler.step()
        return loss.item()

    assert not final_loss(10) < 1e6
    assert final_loss(0.1) < 0.1
