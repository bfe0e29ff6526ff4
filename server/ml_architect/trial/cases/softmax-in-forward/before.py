"""Tell kinds of wine apart by their chemistry."""

import torch
from torch import nn

EPOCHS = 40
SEED = 7


class WineNet(nn.Module):
    """A perceptron with one hidden layer."""

    def __init__(self, features=13, width=32, kinds=3):
        super().__init__()
        self.hidden = nn.Linear(features, width)
        self.output = nn.Linear(width, kinds)

    def forward(self, features):
        hidden = torch.relu(self.hidden(features))
        return torch.softmax(self.output(hidden), dim=1)


def batches(features, kinds, size):
    order = torch.randperm(len(features))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        yield features[chosen], kinds[chosen]


def train(features, kinds, epochs=EPOCHS, size=16):
    torch.manual_seed(SEED)
    network = WineNet(features.size(1), kinds=int(kinds.max()) + 1)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    network.train()
    for _ in range(epochs):
        for inputs, targets in batches(features, kinds, size):
            optimizer.zero_grad()
            loss = criterion(network(inputs), targets)
            loss.backward()
            optimizer.step()
    return network, loss.item()
