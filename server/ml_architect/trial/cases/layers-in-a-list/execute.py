"""The optimizer sees all layers, and the loss falls."""

import torch


def check(candidate):
    torch.manual_seed(0)
    model = candidate.PriceNet(["size", "age", "rooms"], [8, 8])
    assert len(list(model.parameters())) == 6, "layers are not registered"
    assert len(model.state_dict()) == 6
    rows = torch.randn(32, 3)
    losses = candidate.train(model, rows, rows.sum(dim=1), epochs=60)
    assert losses[-1] < 0.6 * losses[0], f"{losses[0]:.3f} to {losses[-1]:.3f}"
