"""scheduler-step-before-optimizer: stepping the scheduler first skips the first value of the schedule."""

import pytest
import torch

pytestmark = pytest.mark.frameworks


def setup():
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    weight.sum().backward()
    return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)


def test_first_learning_rate_is_never_used():
    """Scheduler first, the updates use 0.1, 0.01, 0.001 and torch warns; optimizer first, they use 1, 0.1, 0.01."""
    used = []

    def remember_rate(optimizer, _arguments, _keywords):
        used.append(optimizer.param_groups[0]["lr"])

    optimizer, scheduler = setup()
    optimizer.register_step_pre_hook(remember_rate)
    with pytest.warns(UserWarning, match=r"`lr_scheduler\.step\(\)` before `optimizer\.step\(\)`"):
        scheduler.step()
    optimizer.step()
    for _ in range(2):
        scheduler.step()
        optimizer.step()
    assert used == pytest.approx([0.1, 0.01, 0.001])

    used.clear()
    optimizer, scheduler = setup()
    optimizer.register_step_pre_hook(remember_rate)
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    assert used == pytest.approx([1.0, 0.1, 0.01])
