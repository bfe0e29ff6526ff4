"""module-requires-grad-assignment: assigning requires_grad on a module freezes nothing."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def backbone_trained(freeze):
    torch.manual_seed(0)
    model = nn.ModuleDict({"backbone": nn.Linear(4, 4), "head": nn.Linear(4, 2)})
    freeze(model["backbone"])
    before = model["backbone"].weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model["head"](model["backbone"](torch.randn(8, 4))).square().mean().backward()
    optimizer.step()
    return not torch.equal(model["backbone"].weight, before)


def test_assigned_backbone_is_trained_all_the_same():
    """After `backbone.requires_grad = False` a step still changes the backbone; after requires_grad_(False) not."""

    def assign(module):
        module.requires_grad = False

    def call(module):
        module.requires_grad_(False)

    assert backbone_trained(assign)
    assert not backbone_trained(call)


def test_parameters_still_require_gradients():
    """The assignment only adds an attribute: every parameter still requires a gradient."""
    module = nn.Linear(4, 2)

    module.requires_grad = False
    assert all(p.requires_grad for p in module.parameters())

    module.requires_grad_(False)
    assert not any(p.requires_grad for p in module.parameters())
