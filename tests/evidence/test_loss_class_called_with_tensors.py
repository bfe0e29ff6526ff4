"""loss-class-called-with-tensors: the constructor of a loss takes options, not predictions and targets."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    ("loss_class", "targets"),
    [
        (nn.CrossEntropyLoss, torch.tensor([0, 1, 1])),
        (nn.MSELoss, torch.ones(3, 2)),
        (nn.BCEWithLogitsLoss, torch.ones(3, 2)),
    ],
)
def test_constructor_raises_when_given_predictions_and_targets(loss_class, targets):
    """`Loss(outputs, targets)` raises an error about booleans, `Loss()(outputs, targets)` is the loss."""
    outputs = torch.zeros(3, 2, requires_grad=True)

    with pytest.raises(RuntimeError, match="Boolean value of Tensor"):
        loss_class(outputs, targets)

    loss_class()(outputs, targets).backward()
    assert outputs.grad.abs().sum() > 0
