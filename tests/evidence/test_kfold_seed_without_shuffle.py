import numpy as np
import pytest
from sklearn.model_selection import KFold, StratifiedKFold

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("splitter", [KFold, StratifiedKFold])
def test_random_state_without_shuffle_raises(splitter):
    """A fold splitter rejects random_state unless shuffle=True, and then the same seed gives the same folds."""
    with pytest.raises(ValueError, match="random_state has no effect since shuffle is False"):
        splitter(n_splits=5, random_state=0)  # bad

    X, y = np.zeros((20, 1)), np.tile([0, 1], 10)
    first, second = (
        [test.tolist() for _, test in splitter(n_splits=5, shuffle=True, random_state=0).split(X, y)]  # good
        for _ in range(2)
    )
    assert first == second
    assert first[0] != [0, 1, 2, 3]
