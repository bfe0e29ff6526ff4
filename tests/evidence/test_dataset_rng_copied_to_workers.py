"""dataset-rng-copied-to-workers: a generator made in __init__ is copied into every worker in every epoch."""

import random

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, get_worker_info

pytestmark = pytest.mark.frameworks


class NoiseFrom(Dataset):
    """Augments each of eight samples with a random number."""

    def __len__(self):
        return 8


class NumpyGenerator(NoiseFrom):
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __getitem__(self, index):
        return int(self.rng.integers(10**9))


class TorchGenerator(NoiseFrom):
    def __init__(self):
        self.rng = torch.Generator().manual_seed(0)

    def __getitem__(self, index):
        return torch.randint(10**9, (), generator=self.rng).item()


class PythonGenerator(NoiseFrom):
    def __init__(self):
        self.rng = random.Random(0)

    def __getitem__(self, index):
        return self.rng.randrange(10**9)


class SeededInTheWorker(NoiseFrom):
    def __init__(self):
        self.rng = None

    def __getitem__(self, index):
        if self.rng is None:
            self.rng = np.random.default_rng(get_worker_info().seed)
        return int(self.rng.integers(10**9))


class GlobalNumpy(NoiseFrom):
    def __getitem__(self, index):
        return np.random.randint(10**9)


def two_epochs(dataset):
    torch.manual_seed(0)
    loader = DataLoader(dataset, batch_size=4, num_workers=2, multiprocessing_context="fork")
    return [torch.cat(list(loader)).tolist() for _ in range(2)]


@pytest.mark.parametrize("dataset_class", [NumpyGenerator, TorchGenerator, PythonGenerator])
def test_workers_and_epochs_replay_the_same_numbers(dataset_class):
    """Two workers draw the same four numbers for eight samples, and epoch 2 draws them again."""
    first, second = two_epochs(dataset_class())
    assert first[:4] == first[4:]
    assert first == second


def test_generator_seeded_in_the_worker_does_not_repeat():
    """A generator made on first use from get_worker_info().seed gives 16 different numbers in two epochs."""
    first, second = two_epochs(SeededInTheWorker())
    assert len({*first, *second}) == 16


def test_global_numpy_generator_does_not_repeat():
    """The near miss: PyTorch seeds NumPy's global generator per worker and epoch, so np.random is fine."""
    first, second = two_epochs(GlobalNumpy())
    assert len({*first, *second}) == 16
