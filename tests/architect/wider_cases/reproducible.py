"""Two runs with one seed are equal: seeds, generators of the loader, deterministic kernels."""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def seed_everything(seed: int) -> torch.Generator:
    """Seed all generators, and return one for the loader's order."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    return torch.Generator().manual_seed(seed)


def final_loss(seed: int) -> float:
    """Return the loss of the last batch of a short training."""
    generator = seed_everything(seed)
    features = torch.randn(128, 6)
    targets = features.sum(dim=1, keepdim=True)
    loader = DataLoader(TensorDataset(features, targets), batch_size=16, shuffle=True, generator=generator)
    model = nn.Linear(6, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.MSELoss()
    for inputs, wanted in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), wanted)
        loss.backward()
        optimizer.step()
    return loss.item()


def main() -> None:
    first, second = final_loss(1), final_loss(1)
    print(f"equal: {first == second}, another seed differs: {final_loss(2) != first}")
    if first != second:
        raise SystemExit("the runs differ")


if __name__ == "__main__":
    main()
