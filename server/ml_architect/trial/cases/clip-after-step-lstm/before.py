"""A character model: an LSTM whose gradients are kept short."""

import torch
from torch import nn

EPOCHS = 5
MAX_NORM = 0.25


class CharacterModel(nn.Module):
    """Predicts the next character from those before it."""

    def __init__(self, characters, width=64):
        super().__init__()
        self.embed = nn.Embedding(characters, width)
        self.recur = nn.LSTM(width, width, batch_first=True)
        self.head = nn.Linear(width, characters)

    def forward(self, text):
        hidden, _ = self.recur(self.embed(text))
        return self.head(hidden)


def windows(text, length):
    """Yield pieces of the text with the pieces one character later."""
    for start in range(0, text.size(1) - length - 1, length):
        stop = start + length
        yield text[:, start:stop], text[:, start + 1 : stop + 1]


def train(model, text, epochs=EPOCHS, length=32, rate=0.5):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    criterion = nn.CrossEntropyLoss()
    losses = []
    for _ in range(epochs):
        for inputs, targets in windows(text, length):
            optimizer.zero_grad()
            logits = model(inputs)
            loss = criterion(logits.flatten(0, 1), targets.flatten())
            loss.backward()
            optimizer.step()
            nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
            losses.append(loss.item())
    return losses
