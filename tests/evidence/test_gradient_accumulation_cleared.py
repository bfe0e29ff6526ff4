"""gradient-accumulation-cleared: zero_grad in every micro-batch leaves only the last one's gradient."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_only_the_last_micro_batch_counts_when_zero_grad_is_unconditional():
    """Clearing each micro-batch steps with a quarter of the last gradient, not with the large batch's gradient."""
    torch.manual_seed(0)
    x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)  # the weights stand still, so gradients are comparable
    loss_of = nn.CrossEntropyLoss()
    accumulation_steps = 4
    micro_batches = list(zip(x.chunk(accumulation_steps), y.chunk(accumulation_steps), strict=True))

    (whole_batch,) = torch.autograd.grad(loss_of(model(x), y), model.weight)
    (last_only,) = torch.autograd.grad(loss_of(model(x[-2:]), y[-2:]) / accumulation_steps, model.weight)

    for step, (inputs, labels) in enumerate(micro_batches, start=1):
        optimizer.zero_grad()
        (loss_of(model(inputs), labels) / accumulation_steps).backward()
        if step % accumulation_steps == 0:
            cleared = model.weight.grad.clone()
            optimizer.step()

    optimizer.zero_grad()
    for step, (inputs, labels) in enumerate(micro_batches, start=1):
        (loss_of(model(inputs), labels) / accumulation_steps).backward()
        if step % accumulation_steps == 0:
            accumulated = model.weight.grad.clone()
            optimizer.step()
            optimizer.zero_grad()

    torch.testing.assert_close(cleared, last_only)
    torch.testing.assert_close(accumulated, whole_batch)
    assert not torch.allclose(cleared, whole_batch, rtol=0.1)
