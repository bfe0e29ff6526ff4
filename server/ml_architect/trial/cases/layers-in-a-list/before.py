"""A price model whose depth is a setting."""

import torch
from torch import nn

EPOCHS = 50


class PriceNet(nn.Module):
    """Layers of the given widths; `names` says which column of the table is which input."""

    def __init__(self, names, widths):
        super().__init__()
        features = len(names)
        self.names = list(names)
        self.sizes = [features, *widths, 1]
        self.layers = [nn.Linear(given, wanted) for given, wanted in zip(self.sizes, self.sizes[1:])]
        self.dropout = nn.Dropout(0.1)

    def forward(self, rows):
        for layer in self.layers[:-1]:
            rows = self.dropout(torch.relu(layer(rows)))
        return self.layers[-1](rows).squeeze(-1)


def describe(model):
    """Return one line for the log."""
    count = sum(parameter.numel() for parameter in model.parameters())
    return f"{len(model.names)} columns, {count} parameters"


def train(model, rows, prices, epochs=EPOCHS):
    optimizer = torch.optim.AdamW([{"params": model.parameters(), "lr": 1e-2}])
    criterion = nn.HuberLoss()
    losses = []
    model.train()
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = criterion(model(rows), prices)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
