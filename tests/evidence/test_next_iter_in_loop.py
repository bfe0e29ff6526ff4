"""next-iter-in-loop: next(iter(loader)) starts a new pass and takes only its first batch."""

import multiprocessing

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.frameworks


def test_only_the_first_batch_is_ever_seen_without_shuffling():
    """Every next(iter(loader)) returns the identical first batch; iterating returns all of them."""
    loader = DataLoader(TensorDataset(torch.arange(10)), batch_size=2)

    restarted = [next(iter(loader))[0].tolist() for _ in range(len(loader))]
    iterated = [batch.tolist() for (batch,) in loader]

    assert restarted == [[0, 1]] * 5
    assert iterated == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]


def test_an_epoch_misses_samples_with_shuffling():
    """With shuffle=True each restart draws a new order: some samples repeat and others are left out of the epoch."""
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(torch.arange(100)), batch_size=10, shuffle=True)

    restarted = torch.cat([next(iter(loader))[0] for _ in range(len(loader))])
    iterated = torch.cat([batch for (batch,) in loader])

    assert len(restarted) == len(iterated) == 100
    assert len(restarted.unique()) < 80
    assert len(iterated.unique()) == 100


def test_every_restart_starts_a_worker_process():
    """With a worker, each next(iter(loader)) starts a process of its own; iterating starts one per epoch."""
    fork = multiprocessing.get_context("fork")
    started = fork.Value("i", 0)

    def count_start(_worker_id):
        started.value += 1

    loader = DataLoader(
        TensorDataset(torch.arange(8)),
        batch_size=2,
        num_workers=1,
        worker_init_fn=count_start,
        multiprocessing_context=fork,
    )

    for _ in range(len(loader)):
        next(iter(loader))
    assert started.value == len(loader)

    started.value = 0
    for _ in loader:
        pass
    assert started.value == 1
