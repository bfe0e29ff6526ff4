"""parameters-not-called: a bound method is not an iterable of parameters."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_optimizer_raises_when_given_the_method():
    """`SGD(model.parameters)` raises, `SGD(model.parameters())` holds both parameters."""
    model = nn.Linear(4, 2)

    with pytest.raises(TypeError, match="'method' object is not iterable"):
        torch.optim.SGD(model.parameters, lr=0.1)

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    assert optimizer.param_groups[0]["params"] == [model.weight, model.bias]


def test_clipping_and_counting_raise_when_given_the_method():
    """clip_grad_norm_ and a parameter count raise for the method and work for the call."""
    model = nn.Linear(4, 2)
    model(torch.ones(1, 4)).sum().backward()

    with pytest.raises(TypeError, match="'method' object is not iterable"):
        nn.utils.clip_grad_norm_(model.parameters, max_norm=1.0)
    with pytest.raises(TypeError, match="'method' object is not iterable"):
        sum(p.numel() for p in model.parameters)

    assert nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0) > 0
    assert sum(p.numel() for p in model.parameters()) == 10
