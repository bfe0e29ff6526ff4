"""Fine-tune an encoder with large effective batches on a small GPU."""

import torch
from torch import nn

EPOCHS = 3
ACCUMULATE = 4


class Matcher(nn.Module):
    def __init__(self, features=32, width=64):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(features, width), nn.Tanh())
        self.score = nn.Bilinear(width, width, 1)

    def forward(self, questions, answers):
        return self.score(self.encode(questions), self.encode(answers)).squeeze(-1)


def warm_up_scores(model, pairs, rate=1e-2):
    """Train the last layer alone, on every batch: nothing is accumulated here."""
    head = torch.optim.SGD(model.score.parameters(), lr=rate)
    criterion = nn.BCEWithLogitsLoss()
    for questions, answers, fits in pairs:
        head.zero_grad()
        criterion(model(questions, answers), fits).backward()
        head.step()


def train(model, pairs, epochs=EPOCHS):
    """`pairs` is a list whose length is a multiple of ACCUMULATE."""
    warm_up_scores(model, pairs)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4)
    criterion = nn.BCEWithLogitsLoss()
    model.train()
    for _ in range(epochs):
        for number, (questions, answers, fits) in enumerate(pairs, start=1):
            optimizer.zero_grad()
            loss = criterion(model(questions, answers), fits) / ACCUMULATE
            loss.backward()
            if number % ACCUMULATE == 0:
                optimizer.step()
    return model
