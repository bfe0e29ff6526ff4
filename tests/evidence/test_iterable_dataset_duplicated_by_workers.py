"""iterable-dataset-duplicated-by-workers: every worker iterates the whole dataset unless it takes its share."""

import itertools

import pytest
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

pytestmark = pytest.mark.frameworks


class Stream(IterableDataset):
    def __iter__(self):
        return iter(range(8))


class ShardedStream(IterableDataset):
    def __iter__(self):
        worker = get_worker_info()
        return itertools.islice(range(8), worker.id, None, worker.num_workers)


def samples_of_an_epoch(dataset):
    return sorted(DataLoader(dataset, batch_size=None, num_workers=2, multiprocessing_context="fork"))


def test_two_workers_yield_every_sample_twice():
    """Without get_worker_info each of two workers yields all samples; with it, each sample comes once."""
    assert samples_of_an_epoch(Stream()) == sorted([*range(8), *range(8)])
    assert samples_of_an_epoch(ShardedStream()) == list(range(8))
