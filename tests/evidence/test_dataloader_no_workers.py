"""dataloader-no-workers: without workers the training process prepares every sample itself."""

import os
import time

import pytest
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

pytestmark = pytest.mark.frameworks


class Files(Dataset):
    """Samples that take 20 ms to read; each says which process read it."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        time.sleep(0.02)
        return os.getpid()


def seconds(loader):
    start = time.perf_counter()
    for _ in loader:
        pass
    return time.perf_counter() - start


def seconds_after_first_batch(loader):
    batches = iter(loader)
    next(batches)  # the workers have started
    start = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - start


def test_training_process_reads_every_sample_without_workers():
    """With num_workers=0 the training process reads all samples, with workers it reads none."""
    without = set(DataLoader(Files(4), batch_size=None))
    with_workers = set(DataLoader(Files(4), batch_size=None, num_workers=2, multiprocessing_context="fork"))

    assert without == {os.getpid()}
    assert os.getpid() not in with_workers
    assert len(with_workers) == 2


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
def test_slow_samples_load_at_least_twice_as_fast_with_workers():
    """When a sample has to be waited for, four workers more than halve the time of the following batches."""
    loader = DataLoader(Files(40), batch_size=5)
    parallel_loader = DataLoader(Files(40), batch_size=5, num_workers=4, multiprocessing_context="fork")

    without = seconds_after_first_batch(loader)
    attempts = 5  # other programs may hold the workers up, but cannot help them
    assert any(seconds_after_first_batch(parallel_loader) < without / 2 for _ in range(attempts))


def test_workers_slow_down_samples_that_are_already_in_memory():
    """The other direction: for in-memory tensors workers at least double the time of an epoch."""
    dataset = TensorDataset(torch.randn(256, 4))
    without = seconds(DataLoader(dataset, batch_size=64))
    with_workers = seconds(DataLoader(dataset, batch_size=64, num_workers=2, multiprocessing_context="fork"))

    assert with_workers > 2 * without
