"""Measure how long an epoch takes, with the same work in each."""

import time

import torch
from torch import nn

EPOCHS = 6
SEED = 99


def worker(width):
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Dropout(0.5), nn.Linear(width, width))


def durations(rows, epochs=EPOCHS, size=64):
    """Return the seconds of each epoch."""
    model = worker(rows.size(1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    criterion = nn.MSELoss()
    seconds = []
    for _ in range(epochs):
        # Each epoch has to draw the same order and the same dropout: the times are compared, nothing is learned here.
        # Seeding once before the loop would make the epochs different pieces of work.
        torch.manual_seed(SEED)
        began = time.perf_counter()
        for batch in rows[torch.randperm(len(rows))].split(size):
            optimizer.zero_grad()
            criterion(model(batch), batch).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - began)
    return seconds
