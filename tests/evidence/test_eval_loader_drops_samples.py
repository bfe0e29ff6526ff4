"""eval-loader-drops-samples: with drop_last=True the last samples are never scored."""

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.frameworks


def test_accuracy_ignores_the_dropped_tail():
    """A model that fails only on the last 5 of 95 samples looks perfect with drop_last=True."""
    predictions = torch.zeros(95, dtype=torch.long)
    labels = torch.zeros(95, dtype=torch.long)
    labels[-5:] = 1
    dataset = TensorDataset(predictions, labels)

    def accuracy(loader):
        correct = total = 0
        for predicted, actual in loader:
            correct += (predicted == actual).sum().item()
            total += len(actual)
        return correct / total, total

    assert accuracy(DataLoader(dataset, batch_size=10, drop_last=True)) == (1.0, 90)
    assert accuracy(DataLoader(dataset, batch_size=10)) == (90 / 95, 95)
