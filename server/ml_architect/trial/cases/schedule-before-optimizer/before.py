"""Learn to denoise short recordings."""

import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR

EPOCHS = 9
RATE = 0.05


def denoiser(samples):
    return nn.Sequential(nn.Linear(samples, samples), nn.Tanh(), nn.Linear(samples, samples))


def warm_up(model, batches, steps=3):
    """Raise the rate by hand, batch by batch, before the real training begins."""
    first = torch.optim.SGD(model.parameters(), lr=RATE / steps)
    for step, (noisy, clean) in enumerate(batches[:steps], start=1):
        first.param_groups[0]["lr"] = RATE * step / steps
        first.zero_grad()
        nn.functional.mse_loss(model(noisy), clean).backward()
        first.step()


def train(model, batches, epochs=EPOCHS):
    warm_up(model, batches)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    decay = StepLR(optimizer, step_size=3, gamma=0.5)
    criterion = nn.MSELoss()
    rates, losses = [], []
    for _ in range(epochs):
        decay.step()
        rates.append(decay.get_last_lr()[0])
        for noisy, clean in batches:
            optimizer.zero_grad()
            loss = criterion(model(noisy), clean)
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return rates, losses
