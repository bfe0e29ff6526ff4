import os
import pickle

import pytest
import torch

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.filterwarnings("ignore:Environment variable TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD detected"),
]


class MakesFolder:
    """A harmless stand-in for an attack: unpickling it creates a folder."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_load_without_the_argument_runs_code_under_the_old_default(tmp_path, monkeypatch):
    """With the default of torch before 2.6 an omitted weights_only runs code; weights_only=True refuses it anyway."""
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")  # torch's own switch back to the old default
    traces = tmp_path / "the file was here"
    checkpoint = tmp_path / "model.pt"
    torch.save(MakesFolder(traces), checkpoint)

    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(checkpoint, weights_only=True)  # good
    assert not traces.exists()

    torch.load(checkpoint)  # bad
    assert traces.exists()


def test_load_without_the_argument_is_safe_since_torch_2_6(tmp_path):
    """Near miss: on a current torch the omitted argument means weights_only=True."""
    traces = tmp_path / "the file was here"
    checkpoint = tmp_path / "model.pt"
    torch.save(MakesFolder(traces), checkpoint)

    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(checkpoint)
    assert not traces.exists()
