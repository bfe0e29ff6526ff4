"""test-dataset-built-with-train-flag: a "test" set with train=True scores the training samples again."""

import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

pytestmark = pytest.mark.frameworks


class Digits(TensorDataset):
    """Random samples with random labels, in the `train=` convention of torchvision: nothing can be learned."""

    def __init__(self, *, train):
        generator = torch.Generator().manual_seed(int(train))
        samples = torch.randn(100, 200, generator=generator)
        super().__init__(samples, torch.randint(2, (100,), generator=generator))


def test_memorized_random_labels_look_like_perfect_test_accuracy():
    """On random labels the chance level is 0.5: train=True reports 1.0 as test accuracy, train=False about 0.5."""
    torch.manual_seed(0)
    samples, labels = Digits(train=True).tensors
    model = nn.Linear(200, 2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(samples), labels).backward()
        optimizer.step()

    def accuracy(test_set):
        samples, labels = test_set.tensors
        return (model(samples).argmax(1) == labels).float().mean().item()

    assert accuracy(Digits(train=True)) == 1.0
    assert accuracy(Digits(train=False)) < 0.65
