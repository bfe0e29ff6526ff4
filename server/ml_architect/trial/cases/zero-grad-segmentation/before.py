"""Train a small segmentation network on tiles of aerial photographs."""

import torch
from torch import nn
from torch.utils.data import DataLoader

EPOCHS = 12
CLASSES = 5


class TileNet(nn.Module):
    """Three convolutions that keep the size of a tile."""

    def __init__(self, channels=3, width=16, classes=CLASSES):
        super().__init__()
        self.encode = nn.Conv2d(channels, width, 3, padding=1)
        self.mix = nn.Conv2d(width, width, 3, padding=1)
        self.decode = nn.Conv2d(width, classes, 1)

    def forward(self, tiles):
        hidden = torch.relu(self.encode(tiles))
        hidden = torch.relu(self.mix(hidden))
        return self.decode(hidden)


def train(model, dataset, epochs=EPOCHS):
    loader = DataLoader(dataset, batch_size=8, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-2)
    criterion = nn.CrossEntropyLoss()
    history = []
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for tiles, masks in loader:
            loss = criterion(model(tiles), masks)  # masks hold one class for each pixel
            loss.backward()
            optimizer.step()
            total += loss.item()
        history.append(total / len(loader))
        print(f"epoch {epoch}: loss {history[-1]:.4f}")
    return history
