"""The cycle is run to its end: the peak is reached and the rate is nearly zero at last."""

import torch


def check(candidate):
    torch.manual_seed(0)
    data = [(x, x.sum(dim=1)) for x in torch.randn(6, 8, 3)]
    rates, _ = candidate.fit(candidate.network(3), data, epochs=4)
    assert len(rates) == 24
    assert max(rates) > 0.9 * candidate.PEAK, "the peak is never reached"
    assert rates[-1] < 0.1 * candidate.PEAK, "the rate has not come down at the end"
