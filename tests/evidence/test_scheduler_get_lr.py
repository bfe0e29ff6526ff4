"""scheduler-get-lr: get_lr computes the next value of the schedule, not the rate in use."""

import pytest
import torch
from torch.optim.lr_scheduler import StepLR

pytestmark = pytest.mark.frameworks


def test_get_lr_returns_a_rate_that_is_not_in_use():
    """After two steps the rate is 0.01: get_lr says 0.001 and warns, get_last_lr says 0.01."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    scheduler = StepLR(optimizer, step_size=1, gamma=0.1)
    for _ in range(2):
        optimizer.step()
        scheduler.step()
    in_use = optimizer.param_groups[0]["lr"]

    with pytest.warns(UserWarning, match="please use `get_last_lr"):
        reported = scheduler.get_lr()

    assert reported == [pytest.approx(in_use / 10)]
    assert scheduler.get_last_lr() == [in_use]
