"""Fit a regressor of energy use with one cycle of the learning rate."""

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

EPOCHS = 8
PEAK = 0.02


def network(features):
    return nn.Sequential(
        nn.Linear(features, 48),
        nn.GELU(),
        nn.Linear(48, 1),
    )


def fit(model, loader, epochs=EPOCHS):
    """Return the learning rates that were used and the last loss."""
    optimizer = torch.optim.SGD(model.parameters(), lr=PEAK / 10, momentum=0.9)
    schedule = OneCycleLR(optimizer, max_lr=PEAK, epochs=epochs, steps_per_epoch=len(loader))
    criterion = nn.MSELoss()
    rates = []
    for _ in range(epochs):
        for readings, use in loader:
            optimizer.zero_grad()
            loss = criterion(model(readings).squeeze(-1), use)
            loss.backward()
            optimizer.step()
            rates.append(optimizer.param_groups[0]["lr"])
        schedule.step()
    return rates, loss.item()


def summary(rates):
    """Return the highest rate and where it was reached, for the log."""
    peak = max(rates)
    return f"peak {peak:.4f} at step {rates.index(peak)} of {len(rates)}"
