"""Find the batch at which a training breaks."""

import math

import torch
from torch import nn

EPOCHS = 2
LIMIT = 50.0


def watch(model: nn.Module, loader, journal, epochs=EPOCHS):
    """Write loss and length of the gradient of every batch into a file that is flushed line by line."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for epoch in range(epochs):
        for number, (inputs, targets) in enumerate(loader):
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            outputs = model(inputs)
            loss = criterion(outputs, targets)
            loss.backward()
            length = torch.nn.utils.clip_grad_norm_(model.parameters(), math.inf)
            optimizer.step()
            # Slow on purpose: this is the hunt for ONE bad batch, so every value has to be on disk before the next
            # batch is begun. Kept on the device they would be lost with the crash that is looked for.
            right = (outputs.argmax(1) == targets).sum().item()
            journal.write(f"{epoch} {number} {loss.item():.5f} {length.item():.5f} {right}\n")
            journal.flush()
            if length.item() > LIMIT:
                raise RuntimeError(f"batch {number} of epoch {epoch}")
