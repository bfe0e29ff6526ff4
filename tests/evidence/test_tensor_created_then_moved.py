import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

pytestmark = pytest.mark.frameworks


class Operations(TorchDispatchMode):
    """Records the names of the operators that run."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


def test_moving_a_new_tensor_costs_a_copy_that_the_device_argument_saves():
    """torch.zeros(...).to(device) fills host memory and copies it; device= runs the factory alone."""
    with Operations() as bad:
        moved = torch.zeros(2, 3).to("meta")  # "meta" stands in for CUDA
    with Operations() as good:
        created = torch.zeros(2, 3, device="meta")

    assert bad.names == ["zeros", "_to_copy"]
    assert good.names == ["zeros"]
    assert (moved.device, moved.shape, moved.dtype) == (created.device, created.shape, created.dtype)
