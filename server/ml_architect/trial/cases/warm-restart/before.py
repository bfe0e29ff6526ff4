"""A snapshot ensemble: several models for the price of one training."""

import copy

import torch
from torch import nn

CYCLES = 5


def snapshots(loader, columns, cycles=CYCLES):
    """Return a copy of the weights after each cycle, which is one long pass over the data."""
    model = nn.Sequential(nn.Linear(columns, 32), nn.ReLU(), nn.Linear(32, 1))
    criterion = nn.MSELoss()
    found = []
    model.train()
    for _ in range(cycles):
        # Intended: each cycle leaves the last minimum with a fresh optimizer. The moments of the cycle before would
        # pull the weights back, and the snapshots would be alike. Measured in the report of March; do not hoist.
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
        for rows, prices in loader:
            optimizer.zero_grad()
            loss = criterion(model(rows), prices)
            loss.backward()
            optimizer.step()
        found.append(copy.deepcopy(model.state_dict()))
    return found


def mean_prediction(columns, weights, rows):
    """Return what the snapshots say together."""
    model = nn.Sequential(nn.Linear(columns, 32), nn.ReLU(), nn.Linear(32, 1))
    answers = []
    for state in weights:
        model.load_state_dict(state)
        model.eval()
        with torch.no_grad():
            answers.append(model(rows))
    return torch.stack(answers).mean(dim=0)
