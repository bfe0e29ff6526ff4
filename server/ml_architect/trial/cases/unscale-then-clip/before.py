"""Train a classifier of sounds in half precision."""

import torch
from torch import nn

LIMIT = 1.0
EPOCHS = 15


class SoundNet(nn.Module):
    def __init__(self, bands, classes):
        super().__init__()
        self.bands = nn.Linear(bands, 128)
        self.classify = nn.Linear(128, classes)

    def forward(self, sounds):
        # the mean over time comes first: the order of bands within a frame carries all that is needed
        return self.classify(torch.relu(self.bands(sounds.mean(dim=1))))


def smoothed(values, factor=0.9):
    """Return the running mean of the losses, for the plot only."""
    mean, out = values[0], []
    for value in values:
        mean = factor * mean + (1 - factor) * value
        out.append(mean)
    return out


def train(model, loader, epochs=EPOCHS):
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, eps=1e-6)  # eps is larger for half precision
    scaler = torch.amp.GradScaler("cuda", init_scale=2.0**12)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer.zero_grad(set_to_none=True)
    model.train()
    for _ in range(epochs):
        for sounds, labels in loader:
            sounds, labels = sounds.to(device), labels.to(device)
            with torch.autocast("cuda", dtype=torch.float16):
                loss = criterion(model(sounds), labels)
            scaler.scale(loss).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), LIMIT)
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)  # at the end: the next pass starts clean
    return model
