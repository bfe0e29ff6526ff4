import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_tensor_stays_where_it_was_when_the_result_is_thrown_away():
    """Tensor.to returns a new tensor: as a bare statement nothing moves, with the assignment it does."""
    images = torch.ones(2, 3)

    images.to("meta")  # bad ("meta" stands in for CUDA)
    assert images.device.type == "cpu"

    images = images.to("meta")  # good
    assert images.device.type == "meta"


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("double", ()), ("half", ()), ("unsqueeze", (0,)), ("reshape", (3, 2)), ("permute", (1, 0)), ("clamp", (0, 0.5))],
)
def test_out_of_place_methods_leave_the_tensor_unchanged(method, arguments):
    """Conversions, shape changes and clamp give a new tensor and leave dtype, shape and values of the old one."""
    x = torch.ones(2, 3)
    result = getattr(x, method)(*arguments)

    assert (x.dtype, x.shape, x.sum()) == (torch.float32, (2, 3), 6.0)
    assert (result.dtype, result.shape, result.sum()) != (torch.float32, (2, 3), 6.0)


def test_modules_are_moved_in_place():
    """Near miss: Module.to changes the module itself, so the bare statement is right for a model."""
    model = nn.Linear(3, 2)

    model.to("meta")

    assert model.weight.device.type == "meta"
