"""scheduler-step-given-metric: schedulers other than ReduceLROnPlateau take the metric for the epoch number."""

import pytest
import torch
from torch.optim import lr_scheduler

pytestmark = pytest.mark.frameworks


@pytest.mark.filterwarnings("ignore:The epoch parameter in")
@pytest.mark.parametrize(
    "schedule",
    [
        lambda optimizer: lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.1),
        lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, T_max=30),
        lambda optimizer: lr_scheduler.MultiStepLR(optimizer, milestones=[10, 20]),
    ],
    ids=["StepLR", "CosineAnnealingLR", "MultiStepLR"],
)
def test_schedule_freezes_near_epoch_zero(schedule):
    """30 epochs of step(val_loss) leave the rate at its start, 30 epochs of step() bring it below a tenth."""

    def final_rate(*arguments):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
        scheduler = schedule(optimizer)
        for _ in range(30):
            optimizer.step()
            scheduler.step(*arguments)
        return optimizer.param_groups[0]["lr"]

    validation_loss = 0.53
    assert final_rate(validation_loss) == pytest.approx(1.0, abs=1e-3)
    assert final_rate() < 0.1
