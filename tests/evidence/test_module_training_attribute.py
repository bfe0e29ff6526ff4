"""module-training-attribute: assigning .training does not reach the layers inside."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_children_keep_their_mode():
    """After `model.training = False` dropout still drops and batch norm still updates; after eval() neither does."""
    model = nn.Sequential(nn.BatchNorm1d(100), nn.Dropout(0.5))
    x = torch.rand(8, 100) + 1

    model.training = False
    before = model[0].running_mean.clone()
    assert (model(x) == 0).any()
    assert not torch.equal(model[0].running_mean, before)

    model.eval()
    before = model[0].running_mean.clone()
    assert not (model(x) == 0).any()
    assert torch.equal(model[0].running_mean, before)
