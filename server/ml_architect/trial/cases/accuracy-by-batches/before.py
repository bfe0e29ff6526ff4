"""Measure a classifier of news: mean loss and accuracy."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH = 32
EPOCHS = 6


class NewsNet(nn.Module):
    def __init__(self, words, topics, width=24):
        super().__init__()
        self.words = nn.EmbeddingBag(words, width)
        self.topics = nn.Linear(width, topics)

    def forward(self, texts):
        return self.topics(self.words(texts))


def evaluate(model, texts, topics):
    loader = DataLoader(TensorDataset(texts, topics), batch_size=BATCH)
    criterion = nn.CrossEntropyLoss()
    right, total = 0, 0.0
    model.eval()
    with torch.no_grad():
        for batch, wanted in loader:
            logits = model(batch)
            total += criterion(logits, wanted).item()  # already a mean over its batch
            right += (logits.argmax(dim=1) == wanted).sum().item()
    return total / len(loader), right / len(loader)


def train(model, texts, topics, epochs=EPOCHS):
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    criterion = nn.CrossEntropyLoss()
    loader = DataLoader(TensorDataset(texts, topics), batch_size=BATCH, shuffle=True)
    for _ in range(epochs):
        model.train()
        for batch, wanted in loader:
            optimizer.zero_grad()
            criterion(model(batch), wanted).backward()
            optimizer.step()
    return evaluate(model, texts, topics)
