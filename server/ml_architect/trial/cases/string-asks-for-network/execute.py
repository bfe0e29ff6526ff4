"""The rate follows the cosine over all epochs."""

import torch


def check(candidate):
    torch.manual_seed(0)
    loader = [(torch.rand(2, 1, 4, 4), torch.zeros(2, 2, 4, 4))]
    rates = candidate.train(candidate.Colours(), loader, epochs=8)
    assert rates[0] == 0.1 and rates == sorted(rates, reverse=True) and rates[-1] < 0.01, f"rates {rates}"
