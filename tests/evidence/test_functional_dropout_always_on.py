"""functional-dropout-always-on: F.dropout does not know the module's mode, its default is training=True."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

pytestmark = pytest.mark.frameworks


class AlwaysOn(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)


class FollowsMode(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.training)


def test_dropout_drops_in_eval_mode():
    """After eval() F.dropout(x, p) still drops half of the values, with training=self.training none."""
    torch.manual_seed(0)
    x = torch.ones(1000)

    assert 400 < (AlwaysOn().eval()(x) == 0).sum() < 600
    assert torch.equal(FollowsMode().eval()(x), x)
    assert 400 < (FollowsMode().train()(x) == 0).sum() < 600


@pytest.mark.parametrize("dropout", [F.dropout1d, F.dropout2d, F.dropout3d])
def test_channel_dropout_defaults_to_training_as_well(dropout):
    """dropout1d, dropout2d and dropout3d drop by default and do nothing with training=False."""
    torch.manual_seed(0)
    dimensions = int(dropout.__name__[-2])
    x = torch.ones(2, 100, *[2] * dimensions)

    assert (dropout(x, 0.5) == 0).any()
    assert torch.equal(dropout(x, 0.5, training=False), x)


@pytest.mark.parametrize("dropout", [F.alpha_dropout, F.feature_alpha_dropout])
def test_alpha_dropout_is_never_on_by_default(dropout):
    """The reverse: alpha_dropout defaults to training=False and does nothing, also while training."""
    torch.manual_seed(0)
    x = torch.ones(10, 100, 2)

    assert torch.equal(dropout(x, 0.5), x)
    assert not torch.equal(dropout(x, 0.5, training=True), x)
