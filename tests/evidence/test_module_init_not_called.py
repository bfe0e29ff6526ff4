"""module-init-not-called: a module cannot hold layers before nn.Module.__init__ has run."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def assign_layer(module):
    module.layer = nn.Linear(2, 2)


def assign_parameter(module):
    module.weight = nn.Parameter(torch.ones(2))


@pytest.mark.parametrize("assign", [assign_layer, assign_parameter])
def test_assigning_a_layer_or_parameter_raises_without_super_init(assign):
    """Without super().__init__() the first layer or parameter raises; after it they are registered."""

    class WithoutInit(nn.Module):
        def __init__(self):
            assign(self)

    class WithInit(nn.Module):
        def __init__(self):
            super().__init__()
            assign(self)

    with pytest.raises(AttributeError, match=r"before Module.__init__\(\) call"):
        WithoutInit()
    assert list(WithInit().parameters())


def test_plain_values_may_come_before_super_init():
    """The near miss: a number assigned before super().__init__() is fine."""

    class PlainFirst(nn.Module):
        def __init__(self):
            self.width = 3
            super().__init__()
            self.layer = nn.Linear(self.width, 2)

    assert PlainFirst().width == 3
