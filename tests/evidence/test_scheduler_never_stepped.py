"""scheduler-never-stepped: a scheduler that is only constructed leaves the learning rate where it starts."""

import pytest
import torch
from torch.optim import lr_scheduler

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    ("schedule", "constant"),
    [
        (lambda optimizer: lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.1), 1.0),
        (lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=10), 1.0),
        (lambda optimizer: lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=5), 0.1),
        (lambda optimizer: lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=11), 0.04),
    ],
    ids=["StepLR", "CosineAnnealingLR", "LinearLR", "OneCycleLR"],
)
def test_learning_rate_stays_constant_without_step(schedule, constant):
    """Ten epochs without scheduler.step() all train with the initial rate, a warm-up even with its tiny first one."""
    weight = torch.nn.Parameter(torch.ones(1))

    def rates(*, step):
        optimizer = torch.optim.SGD([weight], lr=1.0)
        scheduler = schedule(optimizer)
        used = []
        for _ in range(10):
            used.append(round(optimizer.param_groups[0]["lr"], 6))
            optimizer.step()
            if step:
                scheduler.step()
        return used

    assert set(rates(step=False)) == {constant}
    assert len(set(rates(step=True))) >= 5
