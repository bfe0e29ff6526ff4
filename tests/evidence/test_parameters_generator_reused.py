"""parameters-generator-reused: model.parameters() is a generator and is empty after its first use."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.filterwarnings("ignore:`parameters` is an empty generator")
def test_clipping_clips_nothing_after_the_optimizer_used_the_generator():
    """A generator handed to the optimizer and then to clip_grad_norm_ leaves the gradient as it is; a list clips."""
    torch.manual_seed(0)
    model, x, y = nn.Linear(4, 2), torch.randn(8, 4), torch.randint(0, 2, (8,))

    parameters = model.parameters()
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    (1000 * nn.functional.cross_entropy(model(x), y)).backward()
    norm = nn.utils.clip_grad_norm_(parameters, max_norm=1.0)
    assert norm == 0
    assert model.weight.grad.norm() > 100

    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    optimizer.zero_grad()
    (1000 * nn.functional.cross_entropy(model(x), y)).backward()
    norm = nn.utils.clip_grad_norm_(parameters, max_norm=1.0)
    assert norm > 100
    assert model.weight.grad.norm() <= 1


def test_second_optimizer_gets_an_empty_list():
    """A second optimizer from the same generator raises, from a list it does not."""
    parameters = nn.Linear(4, 2).parameters()
    torch.optim.SGD(parameters, lr=0.1)
    with pytest.raises(ValueError, match="empty parameter list"):
        torch.optim.Adam(parameters)

    parameters = list(nn.Linear(4, 2).parameters())
    torch.optim.SGD(parameters, lr=0.1)
    torch.optim.Adam(parameters)
