import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import resample

pytestmark = pytest.mark.frameworks


def imbalanced_noise():
    """Rows without any signal: balanced accuracy of an honest model is 0.5."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], [360, 40])
    return rng.normal(size=(y.size, 10)), y


def oversample(X, y):
    """Draw rows of the rare class again until both classes are equally large."""
    rare = resample(X[y == 1], n_samples=int((y == 0).sum()), random_state=0)
    return np.concatenate([X[y == 0], rare]), np.repeat([0, 1], [(y == 0).sum(), len(rare)])


def rows_on_both_sides(X_train, X_test):
    return len({row.tobytes() for row in X_train} & {row.tobytes() for row in X_test})


def test_oversampling_before_the_split_puts_copies_on_both_sides():
    """Rows drawn again before the split are in training and test data; drawn after the split they are not."""
    X, y = imbalanced_noise()

    bad_train, bad_test, _, _ = train_test_split(*oversample(X, y), random_state=0)

    X_train, good_test, y_train, _ = train_test_split(X, y, stratify=y, random_state=0)
    good_train, _ = oversample(X_train, y_train)

    assert rows_on_both_sides(bad_train, bad_test) > 30
    assert rows_on_both_sides(good_train, good_test) == 0


def test_oversampling_before_the_split_predicts_random_labels():
    """A nearest-neighbour model looks excellent on noise oversampled before the split, and is at chance otherwise."""
    X, y = imbalanced_noise()
    model = KNeighborsClassifier(n_neighbors=1)

    X_train, X_test, y_train, y_test = train_test_split(*oversample(X, y), random_state=0)  # bad
    leaked = balanced_accuracy_score(y_test, model.fit(X_train, y_train).predict(X_test))

    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)  # good
    model.fit(*oversample(X_train, y_train))
    honest = balanced_accuracy_score(y_test, model.predict(X_test))

    assert leaked > 0.9
    assert honest == pytest.approx(0.5, abs=0.15)
