"""unregistered-parameter: only an nn.Parameter assigned directly to an attribute becomes a parameter of the module."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


class Scale(nn.Module):
    def __init__(self, make_weight):
        super().__init__()
        self.weight = make_weight()


@pytest.mark.parametrize(
    "make_weight",
    [
        lambda: torch.ones(2, requires_grad=True),
        lambda: nn.Parameter(torch.ones(2)).to(torch.float64),
        lambda: nn.Parameter(torch.ones(2)).to("meta"),
        lambda: nn.Parameter(torch.ones(2)) * 0.1,
        lambda: [nn.Parameter(torch.ones(2))],
    ],
    ids=["requires_grad", "to dtype", "to device", "arithmetic", "list"],
)
def test_module_has_no_parameter(make_weight):
    """A tensor with requires_grad, a converted or scaled Parameter, or a list: nothing to optimize or save."""
    module = Scale(make_weight)
    assert list(module.parameters()) == []
    assert dict(module.state_dict()) == {}


@pytest.mark.parametrize(
    "make_weight",
    [
        lambda: nn.Parameter(torch.ones(2)),
        lambda: nn.Parameter(torch.ones(2, dtype=torch.float64)),
        lambda: nn.Parameter(torch.ones(2, device="meta")),
        lambda: nn.Parameter(torch.ones(2) * 0.1),
        lambda: nn.ParameterList([nn.Parameter(torch.ones(2))]),
    ],
    ids=["Parameter", "dtype inside", "device inside", "arithmetic inside", "ParameterList"],
)
def test_module_has_the_parameter(make_weight):
    """With the conversion or arithmetic inside of nn.Parameter, or in a ParameterList, it is a parameter and saved."""
    module = Scale(make_weight)
    assert len(list(module.parameters())) == 1
    assert len(module.state_dict()) == 1


def test_converted_parameter_gets_no_gradient():
    """`nn.Parameter(...).to(dtype)` is not a leaf: backward leaves its gradient None, and an optimizer refuses it."""
    module = Scale(lambda: nn.Parameter(torch.ones(2)).to(torch.float64))
    assert not module.weight.is_leaf
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        torch.optim.SGD([module.weight], lr=0.1)
