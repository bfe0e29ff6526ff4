import pytest
import torch
from torch import distributed

pytestmark = [
    pytest.mark.frameworks,
    pytest.mark.skipif(torch.cuda.is_available(), reason="shows what happens on a machine without CUDA"),
]


def test_uncalled_check_picks_cuda_on_a_machine_without_cuda():
    """A function object is always true: without the call "cuda" is chosen where there is none, and raises later."""
    bad = "cuda" if torch.cuda.is_available else "cpu"
    good = "cuda" if torch.cuda.is_available() else "cpu"

    assert bad == "cuda"
    with pytest.raises((AssertionError, RuntimeError), match="CUDA"):
        torch.ones(1, device=bad)

    assert good == "cpu"
    assert torch.ones(1, device=good).item() == 1.0


@pytest.mark.parametrize("check", [torch.backends.mps.is_available, distributed.is_initialized])
def test_other_checks_are_true_when_uncalled_too(check):
    """The checks for MPS and for a process group are true as objects, whatever they would answer."""
    if check():
        pytest.skip("present on this machine")

    assert check
