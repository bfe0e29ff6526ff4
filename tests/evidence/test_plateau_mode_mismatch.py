"""plateau-mode-mismatch: in the default mode "min" a rising accuracy counts as no improvement."""

import pytest
import torch

pytestmark = pytest.mark.frameworks

RISING_ACCURACY = [0.5, 0.6, 0.7, 0.8, 0.9]
FALLING_LOSS = [0.9, 0.8, 0.7, 0.6, 0.5]


def final_rate(metric, **mode):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.1, patience=1, **mode)
    for value in metric:
        scheduler.step(value)
    return optimizer.param_groups[0]["lr"]


def test_learning_rate_collapses_while_accuracy_improves():
    """Five epochs of rising accuracy divide the rate by 100 in the default mode and leave it alone in mode "max"."""
    assert final_rate(RISING_ACCURACY) == pytest.approx(0.01)
    assert final_rate(RISING_ACCURACY, mode="max") == 1.0


def test_learning_rate_collapses_while_loss_improves_in_mode_max():
    """The reverse: a falling loss divides the rate by 100 in mode "max" and leaves it alone in the default mode."""
    assert final_rate(FALLING_LOSS, mode="max") == pytest.approx(0.01)
    assert final_rate(FALLING_LOSS) == 1.0
