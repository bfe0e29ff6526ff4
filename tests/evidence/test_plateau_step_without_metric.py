"""plateau-step-without-metric: ReduceLROnPlateau cannot step without the metric it watches."""

import pytest
import torch

pytestmark = pytest.mark.frameworks


def test_step_without_the_metric_raises():
    """`.step()` raises; `.step(val_loss)` lowers the rate when the loss stops falling."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=1)

    with pytest.raises(TypeError, match="missing 1 required positional argument: 'metrics'"):
        scheduler.step()

    for validation_loss in [0.5, 0.5, 0.5]:
        scheduler.step(validation_loss)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.1)
