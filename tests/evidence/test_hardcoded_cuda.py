import pytest
import torch
from torch import nn

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.skipif(torch.cuda.is_available(), reason="shows what happens on a machine without CUDA"),
]


def test_a_fixed_cuda_device_raises_on_a_machine_without_cuda():
    """Literal "cuda" and .cuda() raise where CUDA is missing; a device chosen at run time works there too."""
    model = nn.Linear(4, 2)
    with pytest.raises((AssertionError, RuntimeError), match="CUDA"):
        model.to("cuda")  # bad
    with pytest.raises((AssertionError, RuntimeError), match="CUDA"):
        torch.ones(3, 4).cuda()  # bad

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")  # good
    assert model.to(device)(torch.ones(3, 4, device=device)).shape == (3, 2)
