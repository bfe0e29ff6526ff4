"""The model that comes back has the error that was the lowest."""

import torch
from torch import nn


def check(candidate):
    torch.manual_seed(0)
    features = torch.randn(16, 4)
    train = (features, features.sum(dim=1, keepdim=True))
    held_out = (features, -features.sum(dim=1, keepdim=True) * 0.05)
    model, lowest = candidate.fit(nn.Linear(4, 1), train, held_out, epochs=30, lr=0.3)
    again = candidate.error_of(model, *held_out)
    assert abs(again - lowest) < 1e-6, f"the error was {lowest:.4f} and is {again:.4f} now"
