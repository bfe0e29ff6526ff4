"""log-of-softmax: a probability that rounds to zero has no logarithm."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    ("naive", "fused"),
    [
        (lambda x: torch.log(nn.functional.softmax(x, dim=0)), lambda x: nn.functional.log_softmax(x, dim=0)),
        (lambda x: x.softmax(dim=0).log(), lambda x: x.log_softmax(dim=0)),
        (lambda x: torch.log(torch.sigmoid(-x)), lambda x: nn.functional.logsigmoid(-x)),
    ],
    ids=["log(softmax)", "softmax.log", "log(sigmoid)"],
)
def test_log_of_a_vanished_probability_is_infinite_and_its_gradient_nan(naive, fused):
    """log(softmax) of logits 200 apart is -inf with NaN gradients; log_softmax is -200 with gradients of size 1."""
    logits = torch.tensor([200.0, 0.0], requires_grad=True)

    value = naive(logits)
    (gradient,) = torch.autograd.grad(value.sum(), logits)
    assert value.isneginf().any()
    assert gradient.isnan().any()

    value = fused(logits)
    (gradient,) = torch.autograd.grad(value.sum(), logits)
    assert value.min() == -200
    assert gradient.abs().max() == 1


def test_epsilon_hides_the_infinity_but_cuts_the_gradient():
    """log(softmax + eps) is finite, but the wrong class gets no gradient; with log_softmax it gets one."""
    logits = torch.tensor([200.0, 0.0], requires_grad=True)

    (with_epsilon,) = torch.autograd.grad(torch.log(logits.softmax(dim=0) + 1e-8)[1], logits)
    (fused,) = torch.autograd.grad(logits.log_softmax(dim=0)[1], logits)

    assert torch.equal(with_epsilon, torch.zeros(2))
    assert torch.equal(fused, torch.tensor([-1.0, 1.0]))
