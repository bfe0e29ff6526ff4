import random

import numpy as np
import pytest
import torch

pytestmark = pytest.mark.frameworks


def draw():
    return {"torch": torch.rand(1).item(), "numpy": np.random.rand(), "random": random.random()}


def seed_torch_only():
    torch.manual_seed(0)


def seed_all():
    torch.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


def generators_that_repeat(seed):
    seed()
    first = draw()
    seed()
    second = draw()
    return {name for name in first if first[name] == second[name]}


def test_seeding_torch_leaves_numpy_and_random_unseeded():
    """torch.manual_seed repeats only torch's numbers: NumPy and random go on until they get a seed of their own."""
    assert generators_that_repeat(seed_torch_only) == {"torch"}  # bad
    assert generators_that_repeat(seed_all) == {"torch", "numpy", "random"}  # good
