import pickle

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_saving_the_method_is_silent_and_the_file_cannot_be_loaded(tmp_path):
    """torch.save(model.state_dict) writes the bound method without complaint; only loading shows that it is useless."""
    model = nn.Linear(4, 2)

    torch.save({"model": model.state_dict}, tmp_path / "bad.pt")  # bad
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(tmp_path / "bad.pt")

    torch.save({"model": model.state_dict()}, tmp_path / "good.pt")  # good
    restored = torch.load(tmp_path / "good.pt")["model"]
    assert torch.equal(restored["weight"], model.weight)


def test_loading_the_method_raises():
    """load_state_dict wants the dictionary, not the method that makes it."""
    model, other = nn.Linear(4, 2), nn.Linear(4, 2)

    with pytest.raises(TypeError, match="dict-like"):
        model.load_state_dict(other.state_dict)  # bad

    model.load_state_dict(other.state_dict())  # good
    assert torch.equal(model.weight, other.weight)
