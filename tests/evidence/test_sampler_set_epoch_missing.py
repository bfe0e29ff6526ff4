"""sampler-set-epoch-missing: DistributedSampler repeats one order until it is told the epoch."""

import pytest
from torch.utils.data import DistributedSampler

pytestmark = pytest.mark.frameworks


def test_order_is_identical_in_every_epoch_without_set_epoch():
    """Without set_epoch three epochs come in one order; with it, in three."""
    sampler = DistributedSampler(range(100), num_replicas=2, rank=0)

    without = [tuple(sampler) for epoch in range(3)]
    assert len(set(without)) == 1

    with_epoch = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        with_epoch.append(tuple(sampler))
    assert len(set(with_epoch)) == 3


def test_one_process_never_sees_the_samples_of_the_other():
    """Without set_epoch each process also trains on the same half of the data for ever."""
    sampler = DistributedSampler(range(100), num_replicas=2, rank=0)

    without = {index for epoch in range(10) for index in sampler}
    assert len(without) == 50

    with_epoch = set()
    for epoch in range(10):
        sampler.set_epoch(epoch)
        with_epoch.update(sampler)
    assert len(with_epoch) > 90


def test_set_epoch_changes_nothing_without_shuffling():
    """The near miss: with shuffle=False the order is the same for every epoch, as it should be."""
    sampler = DistributedSampler(range(100), num_replicas=2, rank=0, shuffle=False)

    first = list(sampler)
    sampler.set_epoch(3)
    assert list(sampler) == first
