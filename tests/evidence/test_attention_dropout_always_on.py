"""attention-dropout-always-on: scaled_dot_product_attention applies dropout_p in evaluation mode too."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

pytestmark = pytest.mark.frameworks


class AlwaysOn(nn.Module):
    def forward(self, q):
        return F.scaled_dot_product_attention(q, q, q, dropout_p=0.5)


class FollowsMode(nn.Module):
    def forward(self, q):
        return F.scaled_dot_product_attention(q, q, q, dropout_p=0.5 if self.training else 0.0)


def test_outputs_are_random_in_eval_mode():
    """After eval() two passes with a constant dropout_p differ; with `p if self.training else 0.0` they agree."""
    torch.manual_seed(0)
    q = torch.randn(1, 2, 16, 8)

    model = AlwaysOn().eval()
    assert not torch.equal(model(q), model(q))

    model = FollowsMode().eval()
    assert torch.equal(model(q), model(q))
    model.train()
    assert not torch.equal(model(q), model(q))
