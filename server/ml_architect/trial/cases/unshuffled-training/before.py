"""Recognise handwriting; the folders of the training set are sorted by letter."""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

BATCH = 128
EPOCHS = 9


def folder(name, augment):
    steps = [transforms.Grayscale(), transforms.Resize((32, 32))]
    if augment:
        steps.append(transforms.RandomRotation(5))
    return datasets.ImageFolder(f"letters/{name}", transforms.Compose([*steps, transforms.ToTensor()]))


def score(model, loader):
    """Return the share of letters that are read correctly."""
    model.eval()
    right = seen = 0
    with torch.no_grad():
        for images, letters in loader:
            right += (model(images).argmax(1) == letters).sum().item()
            seen += letters.size(0)
    return right / seen


def main(model, epochs=EPOCHS):
    train_set, val_set, test_set = folder("train", True), folder("val", False), folder("test", False)
    train_loader = DataLoader(train_set, batch_size=BATCH, num_workers=2)
    val_loader = DataLoader(val_set, batch_size=2 * BATCH, num_workers=2)
    test_loader = DataLoader(test_set, batch_size=2 * BATCH, num_workers=2, shuffle=False)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        model.train()
        for images, letters in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(images), letters)
            loss.backward()
            optimizer.step()
        print(epoch, score(model, val_loader))
    print("test", score(model, test_loader))
