"""Validation builds no graph, and training still does."""

import torch
from torch import nn


def check(candidate):
    torch.manual_seed(0)
    model = candidate.PumpModel(4)
    graphs = []
    model.register_forward_hook(lambda module, given, out: graphs.append(out.requires_grad))
    batches = [(torch.randn(5, 4), torch.rand(5)), (torch.randn(2, 4), torch.rand(2))]
    criterion = nn.SmoothL1Loss()
    error = candidate.validate(model, batches, criterion)
    assert error > 0 and graphs == [False, False], "validation records a graph"
    before = [p.clone() for p in model.parameters()]
    candidate.train_one_epoch(model, batches, torch.optim.SGD(model.parameters(), lr=0.1), criterion)
    moved = any(not torch.equal(a, b) for a, b in zip(before, model.parameters()))
    assert moved and graphs[2:] == [True, True], "training does not train"
