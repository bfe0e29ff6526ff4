"""Logits let the loss go towards zero; a second softmax keeps it above 0.5 for three classes."""

import torch


def check(candidate):
    torch.manual_seed(0)
    kinds = torch.arange(90) % 3
    features = torch.randn(90, 5) * 0.1 + torch.nn.functional.one_hot(kinds, 5)
    network, loss = candidate.train(features, kinds, epochs=30)
    assert loss < 0.3, f"the loss stops at {loss:.2f}"
    assert not torch.allclose(network(features).sum(dim=1), torch.ones(90)), "the outputs are probabilities"
