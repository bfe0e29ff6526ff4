"""Predict the remaining life of a pump from a window of sensor readings."""

import torch
from torch import nn

EPOCHS = 30


class PumpModel(nn.Module):
    def __init__(self, sensors, width=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(sensors, width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(width, 1))

    def forward(self, readings):
        return self.body(readings).squeeze(-1)


def train_one_epoch(model, loader, optimizer, criterion):
    model.train()
    for readings, hours in loader:
        optimizer.zero_grad()
        criterion(model(readings), hours).backward()
        optimizer.step()


def validate(model, loader, criterion):
    model.eval()
    total, seen = 0.0, 0
    for readings, hours in loader:
        total += criterion(model(readings), hours).item() * len(hours)
        seen += len(hours)
    return total / seen


def fit(model, train_loader, val_loader, epochs=EPOCHS):
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    criterion = nn.SmoothL1Loss()
    best = float("inf")
    for epoch in range(epochs):
        train_one_epoch(model, train_loader, optimizer, criterion)
        error = validate(model, val_loader, criterion)
        if error < best:
            best = error
            torch.save(model.state_dict(), "pump.pt")
        print(f"{epoch}: {error:.3f}")
    return best
