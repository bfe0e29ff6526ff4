import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_load_state_dict_returns_a_key_report_and_no_model():
    """The result of load_state_dict is not the model: assigned to it, the next call raises; as a statement it works."""
    weights = nn.Linear(4, 2).state_dict()

    model = nn.Linear(4, 2)
    model = model.load_state_dict(weights)  # bad
    with pytest.raises(TypeError, match="not callable"):
        model(torch.ones(1, 4))

    model = nn.Linear(4, 2)
    model.load_state_dict(weights)  # good
    assert torch.equal(model.weight, weights["weight"])
    assert model(torch.ones(1, 4)).shape == (1, 2)


def test_a_chained_eval_has_no_receiver():
    """model.load_state_dict(...).eval() asks the key report for eval and raises."""
    model = nn.Linear(4, 2)

    with pytest.raises(AttributeError, match="eval"):
        model.load_state_dict(model.state_dict()).eval()


def test_an_optimizer_returns_none():
    """optimizer = optimizer.load_state_dict(...) loses the optimizer."""
    optimizer = torch.optim.SGD(nn.Linear(4, 2).parameters(), lr=0.1)

    assert optimizer.load_state_dict(optimizer.state_dict()) is None
