"""Rows and labels belong together, and the split has the size that was asked for."""

import numpy as np


def check(candidate):
    draw = np.random.default_rng(0)
    species = np.arange(60) % 3
    features = draw.normal(size=(60, 4)) * 0.1 + species[:, None]
    X_train, y_train, X_valid, y_valid = candidate.divide(features, species)
    assert X_train.shape == (48, 4) and X_valid.shape == (12, 4)
    assert y_train.shape == (48,) and y_valid.shape == (12,)
    forest, score = candidate.train(features, species, trees=10)
    assert score > 0.9
