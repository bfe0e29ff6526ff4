import numpy as np
import pytest
from sklearn.model_selection import train_test_split

pytestmark = pytest.mark.frameworks

X = np.arange(1000)


@pytest.mark.parametrize("test_size", [1.0, 1.5, 20.0])
def test_fraction_of_one_or_more_raises(test_size):
    """A float test_size must lie strictly between 0 and 1; percentages written as floats raise."""
    with pytest.raises(ValueError, match="test_size"):
        train_test_split(X, test_size=test_size)  # bad

    _, test = train_test_split(X, test_size=0.2)  # good
    assert len(test) == 200


def test_integer_size_counts_rows():
    """An integer test_size is a number of rows, not a percentage: 20 leaves 2 % of 1000 rows for the test."""
    _, bad = train_test_split(X, test_size=20)
    _, good = train_test_split(X, test_size=0.2)

    assert len(bad) == 20
    assert len(good) == 200


def test_swapped_fraction_starves_training():
    """test_size=0.8 gives the test set four fifths of the rows and training the rest."""
    bad, _ = train_test_split(X, test_size=0.8)
    good, _ = train_test_split(X, test_size=0.2)

    assert (len(bad), len(good)) == (200, 800)
