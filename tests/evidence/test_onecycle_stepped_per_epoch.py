"""onecycle-stepped-per-epoch: a cycle counted in batches is hardly begun after that many epochs."""

import pytest
import torch
from torch.optim.lr_scheduler import OneCycleLR

pytestmark = pytest.mark.frameworks

EPOCHS, BATCHES = 10, 100


def setup():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    return optimizer, OneCycleLR(optimizer, max_lr=1.0, epochs=EPOCHS, steps_per_epoch=BATCHES)


def test_rate_never_leaves_warm_up_when_stepped_per_epoch():
    """Stepped per epoch the rate stays below 5 % of max_lr and still rises; per batch it peaks and anneals to zero."""
    optimizer, scheduler = setup()
    per_epoch = []
    for _ in range(EPOCHS):
        for _ in range(BATCHES):
            per_epoch.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
        scheduler.step()

    optimizer, scheduler = setup()
    per_batch = []
    for _ in range(EPOCHS):
        for _ in range(BATCHES):
            per_batch.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()

    assert max(per_epoch) == per_epoch[-1] < 0.05
    assert max(per_batch) == pytest.approx(1.0, rel=1e-3)
    assert per_batch[-1] < 1e-4
