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
    ("lost", "registered"),
    [
        (lambda: torch.ones(2, requires_grad=True), lambda: nn.Parameter(torch.ones(2))),
        (lambda: nn.Parameter(torch.ones(2)).double(), lambda: nn.Parameter(torch.ones(2).double())),
        (lambda: nn.Parameter(torch.ones(2)).to("meta"), lambda: nn.Parameter(torch.ones(2).to("meta"))),
        (lambda: nn.Parameter(torch.ones(2)) * 0.1, lambda: nn.Parameter(torch.ones(2) * 0.1)),
        (lambda: [nn.Parameter(torch.ones(2))], lambda: nn.ParameterList([nn.Parameter(torch.ones(2))])),
    ],
    ids=["requires_grad", "dtype", "device", "arithmetic", "list"],
)
def test_module_has_no_parameter(lost, registered):
    """A tensor, a converted or scaled Parameter or a list is neither optimized nor saved; a Parameter is both."""
    assert list(Scale(lost).parameters()) == []
    assert len(Scale(lost).state_dict()) == 0

    assert len(list(Scale(registered).parameters())) == 1
    assert len(Scale(registered).state_dict()) == 1


def test_parameter_moved_to_where_it_is_stays_registered():
    """The near miss that hides the bug on a CPU: `.to("cpu")` returns the Parameter itself."""
    assert len(list(Scale(lambda: nn.Parameter(torch.ones(2)).to("cpu")).parameters())) == 1


def test_converted_parameter_gets_no_gradient():
    """`nn.Parameter(...).to(dtype)` is not a leaf: an optimizer refuses it."""
    module = Scale(lambda: nn.Parameter(torch.ones(2)).to(torch.float64))
    assert not module.weight.is_leaf
    with pytest.raises(ValueError, match="can't optimize a non-leaf Tensor"):
        torch.optim.SGD([module.weight], lr=0.1)
