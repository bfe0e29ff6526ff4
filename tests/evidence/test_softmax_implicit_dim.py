"""softmax-implicit-dim: without dim, three-dimensional input is normalized over the batch."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    ("implicit", "explicit"),
    [
        (nn.Softmax(), nn.Softmax(dim=-1)),
        (nn.functional.softmax, lambda x: nn.functional.softmax(x, dim=-1)),
        (lambda x: nn.LogSoftmax()(x).exp(), lambda x: nn.LogSoftmax(dim=-1)(x).exp()),
        (nn.Softmin(), nn.Softmin(dim=-1)),
    ],
    ids=["nn.Softmax", "F.softmax", "nn.LogSoftmax", "nn.Softmin"],
)
def test_sequence_batch_is_normalized_over_the_samples(implicit, explicit):
    """For (batch, time, class) input the probabilities sum to one over the batch without dim, and over classes with."""
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 4)

    with pytest.warns(UserWarning, match="Implicit dimension choice"):
        probabilities = implicit(logits)
    torch.testing.assert_close(probabilities.sum(dim=0), torch.ones(3, 4))
    assert not torch.allclose(probabilities.sum(dim=-1), torch.ones(2, 3))

    torch.testing.assert_close(explicit(logits).sum(dim=-1), torch.ones(2, 3))


def test_two_dimensional_input_is_normalized_over_the_classes():
    """The near miss: for (batch, class) input the implicit dimension is the last one."""
    torch.manual_seed(0)
    logits = torch.randn(2, 3)

    with pytest.warns(UserWarning, match="Implicit dimension choice"):
        implicit = nn.functional.softmax(logits)
    assert torch.equal(implicit, nn.functional.softmax(logits, dim=-1))
