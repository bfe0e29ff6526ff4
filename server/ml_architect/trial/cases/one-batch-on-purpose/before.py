"""A first look at a new network: can it learn one batch by heart?"""

import torch
from torch import nn
from torch.utils.data import DataLoader

STEPS = 200
EPOCHS = 1


def network(features, classes):
    return nn.Sequential(nn.Linear(features, 64), nn.ReLU(), nn.Linear(64, classes))


def sanity_check(dataset, features, classes, steps=STEPS):
    """Return the loss after many steps on ONE batch; it has to go towards zero.

    A fresh iterator over a loader that keeps its order gives the same first batch each time. That is wanted: if the
    loss stays up, there is a mistake in the model or the loss, and no need to look at the data.
    """
    val_loader = DataLoader(dataset, batch_size=16)
    model = network(features, classes)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for _ in range(steps):
        inputs, targets = next(iter(val_loader))  # deliberately the same batch in every step
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return loss.item()
