"""anomaly-detection-left-on: the debugging aid reads back a flag for every gradient of every step."""

import time

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

pytestmark = pytest.mark.frameworks


class HostReads(TorchDispatchMode):
    """Counts how often a tensor's value is read back by Python or autograd, a device synchronization on a GPU."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function is torch.ops.aten._local_scalar_dense.default
        return function(*args, **(kwargs or {}))


def deep_model():
    torch.manual_seed(0)
    return nn.Sequential(*[nn.Linear(16, 16) for _ in range(8)]), torch.randn(4, 16)


def test_every_gradient_is_read_back_in_anomaly_mode():
    """One backward pass of eight layers waits for the device dozens of times in anomaly mode, and never without."""
    model, x = deep_model()

    with torch.autograd.set_detect_anomaly(True), HostReads() as watched:
        model(x).sum().backward()
    with HostReads() as normal:
        model(x).sum().backward()

    assert watched.count >= 3 * len(model)
    assert normal.count == 0


def test_training_step_takes_at_least_twice_as_long():
    """Forward and backward in anomaly mode take more than twice the time of the same steps without."""
    model, x = deep_model()

    def seconds(anomaly):
        start = time.perf_counter()
        with torch.autograd.set_detect_anomaly(anomaly):
            for _ in range(10):
                model(x).sum().backward()
        return time.perf_counter() - start

    watched, normal = zip(*[(seconds(anomaly=True), seconds(anomaly=False)) for _ in range(8)], strict=True)
    assert min(watched) > 2 * min(normal)
