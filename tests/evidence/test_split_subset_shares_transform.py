"""split-subset-shares-transform: the parts of random_split refer to one dataset object, transform included."""

import pytest
import torch
from torch.utils.data import Dataset, Subset, random_split

pytestmark = pytest.mark.frameworks


class Images(Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 10

    def __getitem__(self, index):
        return self.transform(index)


def augmented(index):
    return f"augmented {index}"


def plain(index):
    return f"plain {index}"


def test_changing_the_validation_transform_changes_the_training_split():
    """`validation.dataset.transform = plain` removes augmentation from training; two dataset objects keep it."""
    training, validation = random_split(Images(augmented), [5, 5])
    validation.dataset.transform = plain
    assert training.dataset is validation.dataset
    assert all(sample.startswith("plain") for sample in training)

    order = torch.randperm(10, generator=torch.Generator().manual_seed(0)).tolist()
    training, validation = Subset(Images(augmented), order[:5]), Subset(Images(plain), order[5:])
    assert all(sample.startswith("augmented") for sample in training)
    assert all(sample.startswith("plain") for sample in validation)
