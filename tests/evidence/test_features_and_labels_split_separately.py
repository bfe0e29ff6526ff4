import numpy as np
import pytest
from sklearn.model_selection import train_test_split

pytestmark = pytest.mark.frameworks

X = np.arange(1000)
y = np.arange(1000)  # row i belongs to label i


def test_two_splits_break_the_pairs_of_rows_and_labels():
    """Two independent calls give a row the label of another row; one call with both arrays keeps every pair."""
    np.random.seed(0)
    X_train, _ = train_test_split(X)  # bad
    y_train, _ = train_test_split(y)
    assert np.mean(X_train == y_train) < 0.05

    X_train, _, y_train, _ = train_test_split(X, y)  # good
    assert np.mean(X_train == y_train) == 1.0


def test_two_splits_with_the_same_seed_and_size_keep_the_pairs():
    """Near miss: equal integer seeds and equal sizes draw the same rows in both calls."""
    X_train, _ = train_test_split(X, test_size=0.2, random_state=0)
    y_train, _ = train_test_split(y, test_size=0.2, random_state=0)

    np.testing.assert_array_equal(X_train, y_train)
