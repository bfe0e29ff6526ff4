"""train-loader-not-shuffled: data sorted by class is learned class by class, and the last class wins."""

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.frameworks

CLASSES = 5


def sorted_by_class():
    """Five well separated clusters of 200 points, stored one class after the other, as folders of images are."""
    torch.manual_seed(0)
    labels = torch.arange(CLASSES).repeat_interleave(200)
    angle = 2 * torch.pi * labels / CLASSES
    points = 3 * torch.stack([angle.cos(), angle.sin()], dim=1) + 0.7 * torch.randn(len(labels), 2)
    return TensorDataset(points, labels)


def predictions_after_one_epoch(loader):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, CLASSES))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for points, labels in loader:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(points), labels).backward()
        optimizer.step()
    return model(loader.dataset.tensors[0]).argmax(1)


def test_model_forgets_all_but_the_last_class_without_shuffling():
    """After one epoch over sorted data nearly everything is predicted as the last class; shuffled data is learned."""
    dataset = sorted_by_class()
    labels = dataset.tensors[1]

    in_order = predictions_after_one_epoch(DataLoader(dataset, batch_size=10))
    shuffled = predictions_after_one_epoch(DataLoader(dataset, batch_size=10, shuffle=True))

    assert (in_order == CLASSES - 1).float().mean() > 0.8
    assert (in_order == labels).float().mean() < 0.4
    assert (shuffled == labels).float().mean() > 0.9


def test_order_is_the_same_in_every_epoch_without_shuffling():
    """The default loader yields batches of one class in stored order, epoch after epoch; shuffle=True does not."""
    dataset = sorted_by_class()

    in_order = DataLoader(dataset, batch_size=10)
    first, second = ([labels for _, labels in in_order] for _ in range(2))
    assert all(len(labels.unique()) == 1 for labels in first)
    assert torch.equal(torch.cat(first), torch.cat(second))

    shuffled = DataLoader(dataset, batch_size=10, shuffle=True)
    first, second = ([labels for _, labels in shuffled] for _ in range(2))
    assert all(len(labels.unique()) > 1 for labels in first)
    assert not torch.equal(torch.cat(first), torch.cat(second))
