import pickle
import sys
import types

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_a_pickled_module_cannot_be_loaded_by_default(tmp_path):
    """torch.load refuses a pickled module since 2.6; a state_dict loads and gives the same outputs."""
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))

    torch.save(model, tmp_path / "model.pt")  # bad
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(tmp_path / "model.pt")

    torch.save(model.state_dict(), tmp_path / "weights.pt")  # good
    restored = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    restored.load_state_dict(torch.load(tmp_path / "weights.pt"))
    x = torch.ones(1, 4)
    assert torch.equal(model(x), restored(x))


def test_a_pickled_module_is_lost_when_its_class_is_renamed(tmp_path, monkeypatch):
    """The pickle holds the path of the class, not its code: after a rename it cannot be loaded, a state_dict can."""
    project = types.ModuleType("project")
    monkeypatch.setitem(sys.modules, "project", project)
    exec("from torch import nn\nclass Net(nn.Linear): pass", vars(project))
    model = project.Net(4, 2)
    torch.save(model, tmp_path / "model.pt")
    torch.save(model.state_dict(), tmp_path / "weights.pt")

    project.Classifier = project.__dict__.pop("Net")  # the refactoring

    with pytest.raises(AttributeError, match="Net"):
        torch.load(tmp_path / "model.pt", weights_only=False)  # bad
    restored = project.Classifier(4, 2)
    restored.load_state_dict(torch.load(tmp_path / "weights.pt"))  # good
    assert torch.equal(model.weight, restored.weight)
