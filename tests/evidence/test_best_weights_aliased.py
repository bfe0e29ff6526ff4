"""best-weights-aliased: a state dict refers to the live weights, so the "best" ones keep training."""

import copy

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def best_weights(keep):
    """Train three epochs, keep the weights after the first as the best; return them and what they were."""
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(3):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 2, (8,))).backward()
        optimizer.step()
        if epoch == 0:
            best, truth = keep(model), model.weight.tolist()
    kept = best["weight"] if isinstance(best, dict) else best.weight
    return kept.tolist(), truth, model.weight.tolist()


@pytest.mark.parametrize(
    "keep",
    [
        lambda model: model.state_dict(),
        lambda model: model.state_dict().copy(),
        lambda model: dict(model.state_dict()),
        lambda model: model,
        copy.copy,
    ],
    ids=["state_dict", "state_dict.copy", "dict", "model", "copy.copy"],
)
def test_best_weights_become_the_last_weights(keep):
    """Without a deep copy the weights kept after epoch 1 equal those after epoch 3; a deep copy keeps them."""
    kept, best, last = best_weights(keep)
    assert kept == last

    kept, best, last = best_weights(lambda model: copy.deepcopy(model.state_dict()))
    assert kept == best != last


@pytest.mark.parametrize(
    "keep",
    [
        lambda model: {name: value.clone() for name, value in model.state_dict().items()},
        copy.deepcopy,
    ],
    ids=["clones", "deep copy of the model"],
)
def test_other_copies_keep_the_best_weights(keep):
    """Clones of the tensors and a deep copy of the model stay what they were after epoch 1 as well."""
    kept, best, last = best_weights(keep)
    assert kept == best != last
