import os
import pickle

import pytest
import torch

pytestmark = pytest.mark.frameworks


class MakesFolder:
    """A harmless stand-in for an attack: unpickling it creates a folder."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_weights_only_false_runs_code_from_the_file(tmp_path):
    """A crafted checkpoint runs its code under weights_only=False and is refused under weights_only=True."""
    traces = tmp_path / "the file was here"
    checkpoint = tmp_path / "model.pt"
    torch.save({"weight": torch.ones(2), "extra": MakesFolder(traces)}, checkpoint)

    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        torch.load(checkpoint, weights_only=True)  # good
    assert not traces.exists()

    torch.load(checkpoint, weights_only=False)  # bad
    assert traces.exists()


def test_weights_only_true_loads_plain_weights(tmp_path):
    """A checkpoint of tensors, numbers and containers needs no more than weights_only=True."""
    checkpoint = tmp_path / "model.pt"
    torch.save({"model": torch.nn.Linear(2, 1).state_dict(), "epoch": 3}, checkpoint)

    assert torch.load(checkpoint, weights_only=True)["epoch"] == 3
