"""nll-without-log-softmax: NLLLoss only picks the label's entry, it expects log-probabilities there."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def final_loss(steps, *activation):
    torch.manual_seed(0)
    x = torch.randn(64, 4)
    y = (x[:, 0] > 0).long()
    model = nn.Sequential(nn.Linear(4, 2), *activation)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.nll_loss(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


def test_loss_of_raw_logits_is_unbounded():
    """On logits the loss falls below -10 and goes on falling; on log-probabilities it stays above zero."""
    assert final_loss(200) < 1.5 * final_loss(100) < -10
    assert 0 < final_loss(200, nn.LogSoftmax(dim=1)) < final_loss(100, nn.LogSoftmax(dim=1))


def test_loss_of_probabilities_is_negative_and_ignores_confident_mistakes():
    """On probabilities the loss lies between -1 and 0, and a confident mistake has hardly any gradient."""
    logits, label = torch.tensor([[10.0, -10.0]], requires_grad=True), torch.tensor([1])

    (from_probabilities,) = torch.autograd.grad(nn.functional.nll_loss(logits.softmax(dim=1), label), logits)
    (from_log_probabilities,) = torch.autograd.grad(nn.functional.nll_loss(logits.log_softmax(dim=1), label), logits)

    assert -1 <= final_loss(50, nn.Softmax(dim=1)) < 0
    assert from_probabilities.abs().max() < 1e-6
    assert from_log_probabilities.abs().max() == pytest.approx(1.0)


def test_log_softmax_makes_it_cross_entropy():
    """NLLLoss of log_softmax is CrossEntropyLoss of the logits."""
    torch.manual_seed(0)
    logits, labels = torch.randn(8, 3), torch.randint(0, 3, (8,))
    torch.testing.assert_close(
        nn.functional.nll_loss(logits.log_softmax(dim=1), labels),
        nn.functional.cross_entropy(logits, labels),
    )
