import numpy as np
import pytest
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

pytestmark = pytest.mark.frameworks


def scaled_training_rows(X, *, fit_before_split):
    if fit_before_split:
        train, _ = train_test_split(StandardScaler().fit_transform(X), shuffle=False)  # bad
        return train
    train, _ = train_test_split(X, shuffle=False)
    return StandardScaler().fit_transform(train)  # good


def test_scaler_fitted_before_the_split_carries_test_rows_into_training():
    """Changing only test rows changes the scaled training rows if the scaler saw all rows, and not otherwise."""
    X = np.random.default_rng(0).normal(size=(100, 3))
    other_test_rows = X.copy()
    other_test_rows[75:] += 10.0  # the last quarter is the test part

    leaky = [scaled_training_rows(data, fit_before_split=True) for data in (X, other_test_rows)]
    clean = [scaled_training_rows(data, fit_before_split=False) for data in (X, other_test_rows)]

    assert not np.allclose(leaky[0], leaky[1])
    np.testing.assert_array_equal(clean[0], clean[1])


def test_scaler_fitted_before_the_split_hardly_moves_the_score():
    """The leak is one of method: for a scaler the score stays within a few points, so it is no error by itself."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 10))
    y = (X[:, 0] + 0.5 * rng.normal(size=200) > 0).astype(int)

    leaky = cross_val_score(SVC(), StandardScaler().fit_transform(X), y).mean()
    clean = cross_val_score(make_pipeline(StandardScaler(), SVC()), X, y).mean()

    assert leaky == pytest.approx(clean, abs=0.03)
