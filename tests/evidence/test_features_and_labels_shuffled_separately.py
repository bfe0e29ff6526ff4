import numpy as np
import pytest
from sklearn.utils import shuffle

pytestmark = pytest.mark.frameworks


def rows_and_labels():
    return np.arange(1000), np.arange(1000)  # row i belongs to label i


def test_two_shuffles_break_the_pairs_of_rows_and_labels():
    """Two in-place shuffles use two permutations; one permutation index keeps every pair."""
    np.random.seed(0)

    rows, labels = rows_and_labels()
    np.random.shuffle(rows)  # bad
    np.random.shuffle(labels)
    assert np.mean(rows == labels) < 0.05

    rows, labels = rows_and_labels()
    order = np.random.permutation(len(rows))  # good
    rows, labels = rows[order], labels[order]
    np.testing.assert_array_equal(rows, labels)


def test_joint_or_equally_seeded_shuffles_keep_the_pairs():
    """Near misses: sklearn.utils.shuffle of both arrays, and the same seed set again before the second shuffle."""
    rows, labels = shuffle(*rows_and_labels(), random_state=0)
    np.testing.assert_array_equal(rows, labels)

    rows, labels = rows_and_labels()
    np.random.seed(0)
    np.random.shuffle(rows)
    np.random.seed(0)
    np.random.shuffle(labels)
    np.testing.assert_array_equal(rows, labels)
