import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

pytestmark = pytest.mark.frameworks


def test_batch_left_on_the_cpu_raises_in_a_model_on_another_device():
    """A DataLoader yields CPU batches: a model on another device raises until the batch is moved there."""
    device = torch.device("meta")  # stands in for CUDA
    model = nn.Linear(4, 2).to(device)
    loader = DataLoader(torch.ones(6, 4), batch_size=3)

    for batch in loader:
        with pytest.raises(RuntimeError, match="device"):
            model(batch)  # bad

        assert model(batch.to(device)).shape == (3, 2)  # good
