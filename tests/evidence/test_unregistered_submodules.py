"""unregistered-submodules: layers in a plain list or dict are invisible to the module."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


class PlainList(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 4) for _ in range(3)]
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).relu()
        return self.head(x)


class Registered(PlainList):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(self.layers)


def hidden_layers_trained(model):
    before = [layer.weight.detach().clone() for layer in model.layers]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    nn.functional.cross_entropy(model(torch.randn(32, 4)), torch.randint(0, 2, (32,))).backward()
    optimizer.step()
    return [not torch.equal(layer.weight, old) for layer, old in zip(model.layers, before, strict=True)]


def test_layers_in_a_list_are_not_trained():
    """An optimizer step leaves the listed layers bit-identical and trains those of a ModuleList."""
    torch.manual_seed(0)
    assert hidden_layers_trained(PlainList()) == [False, False, False]
    assert hidden_layers_trained(Registered()) == [True, True, True]


def test_layers_in_a_list_are_neither_saved_nor_moved_nor_put_in_eval_mode():
    """state_dict(), to() and eval() miss the listed layers and reach those of a ModuleList."""
    plain, registered = PlainList().to(torch.float64).eval(), Registered().to(torch.float64).eval()

    assert list(plain.state_dict()) == ["head.weight", "head.bias"]
    assert plain.layers[0].weight.dtype == torch.float32
    assert plain.layers[0].training

    assert "layers.2.bias" in registered.state_dict()
    assert registered.layers[0].weight.dtype == torch.float64
    assert not registered.layers[0].training


def test_layers_in_a_dict_are_invisible_too():
    """A module whose layers are all in a dict has no parameters; with ModuleDict it has them."""

    class PlainDict(nn.Module):
        def __init__(self, container):
            super().__init__()
            self.heads = container({"a": nn.Linear(2, 2)})

    assert list(PlainDict(dict).parameters()) == []
    assert len(list(PlainDict(nn.ModuleDict).parameters())) == 2
