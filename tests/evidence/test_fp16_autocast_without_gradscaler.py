"""fp16-autocast-without-gradscaler: small gradients underflow to zero in float16."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def loss_near_the_end_of_training(dtype):
    """A loss whose gradient per output is about 1e-8, below float16's smallest number of 6e-8."""
    torch.manual_seed(0)
    model = nn.Linear(16, 16)
    x = torch.randn(256, 16)
    with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
        outputs = model(x)
    targets = outputs.detach().float() - 2e-5
    return model, nn.functional.mse_loss(outputs.float(), targets)


def test_gradient_is_exactly_zero_without_loss_scaling():
    """Under float16 autocast a plain backward gives a zero gradient, a scaled one the gradient of float32."""
    model, loss = loss_near_the_end_of_training(torch.float32)
    loss.backward()
    expected = model.weight.grad

    model, loss = loss_near_the_end_of_training(torch.float16)
    loss.backward()
    assert torch.count_nonzero(model.weight.grad) == 0

    model, loss = loss_near_the_end_of_training(torch.float16)
    scaler = torch.amp.GradScaler("cpu")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    assert (model.weight.grad - expected).norm() < 0.05 * expected.norm()


def test_bfloat16_needs_no_loss_scaling():
    """bfloat16 has the exponent range of float32: the same tiny gradient survives a plain backward."""
    model, loss = loss_near_the_end_of_training(torch.float32)
    loss.backward()
    expected = model.weight.grad

    model, loss = loss_near_the_end_of_training(torch.bfloat16)
    loss.backward()
    assert (model.weight.grad - expected).norm() < 0.05 * expected.norm()
