"""dataloader-recreated-in-loop: a new loader in every epoch starts new workers in every epoch."""

import multiprocessing

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.frameworks

EPOCHS = 3
FORK = multiprocessing.get_context("fork")


def test_persistent_workers_are_started_again_in_every_epoch():
    """A loader built in the epoch loop starts its persistent worker each epoch, one built above it starts it once."""
    dataset = TensorDataset(torch.arange(4))
    started = FORK.Value("i", 0)

    def count_start(_worker_id):
        started.value += 1

    workers = {
        "num_workers": 1,
        "persistent_workers": True,
        "worker_init_fn": count_start,
        "multiprocessing_context": FORK,
    }

    for _ in range(EPOCHS):
        loader = DataLoader(dataset, **workers)
        for _ in loader:
            pass
    assert started.value == EPOCHS

    started.value = 0
    loader = DataLoader(dataset, **workers)
    for _ in range(EPOCHS):
        for _ in loader:
            pass
    assert started.value == 1
