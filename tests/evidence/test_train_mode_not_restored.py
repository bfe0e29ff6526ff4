"""train-mode-not-restored: eval() lasts until train() is called, so from epoch two on training runs in eval mode."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks

EPOCHS = 3


def setup():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 100), nn.BatchNorm1d(100), nn.Dropout(0.5))


def train_one_epoch(model):
    """The fraction of activations dropped, and whether batch norm learned from the batch."""
    statistics = model[1].running_mean.clone()
    dropped = (model(torch.randn(8, 4)) == 0).float().mean().item()
    return dropped, not torch.equal(model[1].running_mean, statistics)


def evaluate(model):
    model.eval()
    with torch.no_grad():
        model(torch.randn(8, 4))


def test_dropout_and_batch_norm_stop_after_the_first_epoch():
    """With train() above the loop only epoch 1 drops and updates statistics; with train() in it all epochs do."""
    model = setup()
    model.train()
    above = []
    for _ in range(EPOCHS):
        above.append(train_one_epoch(model))
        evaluate(model)

    model = setup()
    inside = []
    for _ in range(EPOCHS):
        model.train()
        inside.append(train_one_epoch(model))
        evaluate(model)

    half = pytest.approx(0.5, abs=0.1)
    assert above == [(half, True), (0.0, False), (0.0, False)]
    assert inside == [(half, True)] * EPOCHS
