"""layer-created-in-forward: a layer made in forward has new random weights in every call."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


class CreatedInForward(nn.Module):
    def forward(self, x):
        return nn.Linear(4, 2)(x)


class CreatedInInit(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x)


def test_weights_are_random_in_every_call_and_never_trained():
    """Created in forward, two calls differ and there are no parameters; created in __init__, two calls agree."""
    torch.manual_seed(0)
    x = torch.ones(1, 4)

    model = CreatedInForward()
    assert not torch.equal(model(x), model(x))
    assert list(model.parameters()) == []

    model = CreatedInInit()
    assert torch.equal(model(x), model(x))
    assert len(list(model.parameters())) == 2


def test_dropout_created_in_forward_ignores_eval():
    """nn.Dropout made in forward is always in training mode: after eval() it still drops half of the values."""

    class CreatedInForward(nn.Module):
        def forward(self, x):
            return nn.Dropout(0.5)(x)

    class CreatedInInit(nn.Module):
        def __init__(self):
            super().__init__()
            self.dropout = nn.Dropout(0.5)

        def forward(self, x):
            return self.dropout(x)

    torch.manual_seed(0)
    x = torch.ones(1000)
    assert 400 < (CreatedInForward().eval()(x) == 0).sum() < 600
    assert torch.equal(CreatedInInit().eval()(x), x)


def test_batch_norm_created_in_forward_has_no_running_statistics():
    """nn.BatchNorm1d made in forward normalizes with the batch after eval(), so one sample cannot be predicted."""

    class CreatedInForward(nn.Module):
        def forward(self, x):
            return nn.BatchNorm1d(4)(x)

    with pytest.raises(ValueError, match="more than 1 value per channel when training"):
        CreatedInForward().eval()(torch.ones(1, 4))
    assert nn.BatchNorm1d(4).eval()(torch.ones(1, 4)).shape == (1, 4)
