"""accuracy-divided-by-batches: a count of samples divided by the number of batches is too large by the batch size."""

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.frameworks


def test_accuracy_exceeds_one():
    """Correct predictions divided by len(loader) give an accuracy of 10; divided by the samples, the true 1.0."""
    loader = DataLoader(TensorDataset(torch.ones(100), torch.ones(100)), batch_size=10)

    correct = 0
    for predictions, labels in loader:
        correct += (predictions == labels).sum().item()

    assert correct / len(loader) == 10.0
    assert correct / len(loader.dataset) == 1.0


def test_mean_per_batch_is_divided_by_batches():
    """The near miss: batch means do belong over len(loader)."""
    loader = DataLoader(TensorDataset(torch.ones(100), torch.ones(100)), batch_size=10)

    accuracy = 0.0
    for predictions, labels in loader:
        accuracy += (predictions == labels).float().mean().item()

    assert accuracy / len(loader) == 1.0
    assert accuracy / len(loader.dataset) == pytest.approx(0.1)
