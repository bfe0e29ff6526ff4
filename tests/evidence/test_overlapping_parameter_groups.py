"""overlapping-parameter-groups: a parameter may belong to one group only."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_optimizer_raises_when_a_parameter_is_in_two_groups():
    """model.parameters() next to model.head.parameters() raises; groups without overlap hold every parameter once."""
    model = nn.ModuleDict({"backbone": nn.Linear(4, 4), "head": nn.Linear(4, 2)})

    with pytest.raises(ValueError, match="appear in more than one parameter group"):
        torch.optim.SGD(
            [{"params": model.parameters()}, {"params": model["head"].parameters(), "lr": 0.1}],
            lr=0.01,
        )

    optimizer = torch.optim.SGD(
        [{"params": model["backbone"].parameters()}, {"params": model["head"].parameters(), "lr": 0.1}],
        lr=0.01,
    )
    assert [group["lr"] for group in optimizer.param_groups] == [0.01, 0.1]
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(model.parameters()))
