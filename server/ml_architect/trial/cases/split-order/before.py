"""Which species is this penguin? A forest on four measurements."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

SEED = 5
SHARE = 0.2


def without_gaps(features, species):
    """Return the rows in which every measurement is there."""
    whole = ~np.isnan(features).any(axis=1)
    return features[whole], species[whole]


def divide(features, species):
    features, species = without_gaps(features, species)
    X_train, y_train, X_valid, y_valid = train_test_split(
        features,
        species,
        test_size=SHARE,
        stratify=species,
        random_state=SEED,
    )
    return X_train, y_train, X_valid, y_valid


def train(features, species, trees=200):
    X_train, y_train, X_valid, y_valid = divide(features, species)
    forest = RandomForestClassifier(n_estimators=trees, min_samples_leaf=2, random_state=SEED)
    forest.fit(X_train, y_train)
    return forest, forest.score(X_valid, y_valid)


def importance(forest, names):
    """Return the names of the measurements, the most useful first."""
    order = np.argsort(forest.feature_importances_)[::-1]
    return [names[index] for index in order]
