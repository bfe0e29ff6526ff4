"""kfold-model-not-reinitialised: a model that outlives its fold is validated on samples it was trained on."""

from statistics import fmean

import pytest
import torch
from sklearn.model_selection import KFold
from torch import nn

pytestmark = pytest.mark.frameworks


def build():
    return nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 2))


def train(model, x, y):
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()


def accuracy(model, x, y):
    return (model(x).argmax(1) == y).float().mean().item()


def test_random_labels_are_validated_far_above_chance():
    """On random labels a model from above the loop validates at 0.9 after the first fold, a new one per fold at 0.5."""
    torch.manual_seed(0)
    x, y = torch.randn(200, 30), torch.randint(0, 2, (200,))
    folds = [tuple(map(torch.from_numpy, fold)) for fold in KFold(5, shuffle=True, random_state=0).split(x)]

    model = build()
    reused = []
    for training, validation in folds:
        train(model, x[training], y[training])
        reused.append(accuracy(model, x[validation], y[validation]))

    rebuilt = []
    for training, validation in folds:
        model = build()
        train(model, x[training], y[training])
        rebuilt.append(accuracy(model, x[validation], y[validation]))

    assert fmean(reused[1:]) > 0.85
    assert fmean(rebuilt[1:]) == pytest.approx(0.5, abs=0.1)
