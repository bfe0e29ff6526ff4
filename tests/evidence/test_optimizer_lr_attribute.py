"""optimizer-lr-attribute: assigning optimizer.lr only adds an attribute that nobody reads."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def update(change_rate):
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = model.weight.detach().clone()
    change_rate(optimizer)
    model(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    return model.weight.detach() - before


def test_step_uses_the_old_rate_after_assigning_lr():
    """`optimizer.lr = 0.01` leaves the step as it was, setting the rate in param_groups makes it ten times smaller."""

    def unchanged(_optimizer):
        pass

    def assign_attribute(optimizer):
        optimizer.lr = 0.01

    def assign_in_groups(optimizer):
        for group in optimizer.param_groups:
            group["lr"] = 0.01

    assert torch.equal(update(assign_attribute), update(unchanged))
    torch.testing.assert_close(update(assign_in_groups), update(unchanged) / 10)
