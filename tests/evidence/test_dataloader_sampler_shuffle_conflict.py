"""dataloader-sampler-shuffle-conflict: a sampler already decides the order, shuffle=True next to it raises."""

import pytest
import torch
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

pytestmark = pytest.mark.frameworks


def test_sampler_with_shuffle_raises():
    """sampler= with shuffle=True raises at construction; without shuffle= the sampler shuffles."""
    torch.manual_seed(0)
    dataset = TensorDataset(torch.arange(20))

    with pytest.raises(ValueError, match="mutually exclusive"):
        DataLoader(dataset, sampler=RandomSampler(dataset), shuffle=True)

    order = [value.item() for (value,) in DataLoader(dataset, sampler=RandomSampler(dataset))]
    assert order != list(range(20))
    assert sorted(order) == list(range(20))
