"""Classify small medical images into five classes with a convolutional network."""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CLASSES = 5
SIZE = 32
EPOCHS = 2
SEED = 7


def seed_everything(seed: int) -> None:
    """Make runs comparable."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def synthetic(count: int) -> TensorDataset:
    """Grey images whose brightness tells the class, in the place of the real ones."""
    labels = torch.randint(0, CLASSES, (count,))
    images = torch.randn(count, 1, SIZE, SIZE) * 0.3 + labels.view(-1, 1, 1, 1) * 0.5
    return TensorDataset(images, labels)


class SmallNet(nn.Module):
    """Three convolutions, then a linear layer on the mean of each channel."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, kernel_size=3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.head = nn.Linear(32, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(images).flatten(1))


def train_one_epoch(model, loader, criterion, optimizer, device) -> float:
    """Return the mean loss of one pass."""
    model.train()
    total, seen = 0.0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        seen += len(labels)
    return total / seen


def evaluate(model, loader, device) -> float:
    """Return the share of images that are classified correctly."""
    model.eval()
    correct, seen = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            predicted = model(images.to(device)).argmax(dim=1)
            correct += int((predicted == labels.to(device)).sum())
            seen += len(labels)
    return correct / seen


def main() -> None:
    seed_everything(SEED)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader = DataLoader(synthetic(256), batch_size=32, shuffle=True, num_workers=0)
    valid_loader = DataLoader(synthetic(64), batch_size=64)
    model = SmallNet(CLASSES).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    for epoch in range(EPOCHS):
        loss = train_one_epoch(model, train_loader, criterion, optimizer, device)
        accuracy = evaluate(model, valid_loader, device)
        print(f"epoch {epoch + 1}: loss {loss:.3f}, validation accuracy {accuracy:.3f}")
    torch.save(model.state_dict(), "model.pt")


if __name__ == "__main__":
    main()
