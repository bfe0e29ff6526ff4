"""Sort photographs of plants into species."""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

EPOCHS = 10
FOLDER = "photos/train"


def pipeline():
    return transforms.Compose(
        [
            transforms.RandomResizedCrop(224),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
        ]
    )


def build(classes):
    network = models.resnet18(weights=None)
    network.fc = nn.Linear(network.fc.in_features, classes)
    return network


def train(epochs=EPOCHS):
    # one machine: 8 cores, one GPU of 24 GB
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    photos = datasets.ImageFolder(FOLDER, pipeline())
    loader = DataLoader(photos, batch_size=64, shuffle=True)
    network = build(len(photos.classes)).to(device)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    network.train()
    for epoch in range(epochs):
        for images, species in loader:
            images, species = images.to(device), species.to(device)
            optimizer.zero_grad()
            loss = criterion(network(images), species)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())
    return network
