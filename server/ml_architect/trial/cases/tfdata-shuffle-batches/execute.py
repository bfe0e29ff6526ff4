"""A batch of the training data holds examples from far apart."""

import numpy as np


def check(candidate):
    images = np.zeros((64, 4, 4, 1), dtype="uint8")
    labels = np.arange(64)
    batches = [labels.numpy() for _, labels in candidate.training_data(images, labels)]
    assert sorted(np.concatenate(batches)) == list(range(64)), "examples are missing"
    assert len(batches[0]) == candidate.BATCH or len(batches) == 64 // candidate.BATCH + 1
    assert np.abs(np.diff(batches[0])).max() > 1, "a batch holds neighbours only"
    ordered = [labels.numpy() for _, labels in candidate.validation_data(images, labels)]
    assert list(np.concatenate(ordered)) == list(range(64)), "the validation data are shuffled"
