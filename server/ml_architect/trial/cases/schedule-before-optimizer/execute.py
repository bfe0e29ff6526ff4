"""The first rate is the one that was asked for, for three epochs, and then halves."""

import torch


def check(candidate):
    torch.manual_seed(0)
    clean = torch.randn(4, 8, 6)
    batches = [(part + 0.1 * torch.randn_like(part), part) for part in clean]
    rates, losses = candidate.train(candidate.denoiser(6), batches, epochs=7)
    halves = [candidate.RATE] * 3 + [candidate.RATE / 2] * 3 + [candidate.RATE / 4]
    assert [round(r, 6) for r in rates] == [round(h, 6) for h in halves], f"rates {rates}"
    assert losses[-1] < losses[0]
