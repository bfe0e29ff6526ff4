"""dropout-probability-out-of-range: a percentage raises, and a probability of one leaves only zeros."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("p", [50, 2, -0.1])
def test_probability_outside_of_zero_to_one_raises(p):
    """nn.Dropout(50) raises at construction and F.dropout at the call; 0.5 is accepted by both."""
    with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1"):
        nn.Dropout(p)
    with pytest.raises(ValueError, match="dropout probability has to be between 0 and 1"):
        F.dropout(torch.ones(4), p)

    nn.Dropout(0.5)
    F.dropout(torch.ones(4), 0.5)


def test_probability_one_stops_all_learning():
    """With p=1 the output is all zeros and no gradient passes; with p=0.5 both get through."""

    def output_and_gradient(p):
        torch.manual_seed(0)
        x = torch.ones(100, requires_grad=True)
        output = nn.Dropout(p)(x)
        output.sum().backward()
        return output.count_nonzero().item(), x.grad.count_nonzero().item()

    assert output_and_gradient(1.0) == (0, 0)
    assert min(output_and_gradient(0.5)) > 0
