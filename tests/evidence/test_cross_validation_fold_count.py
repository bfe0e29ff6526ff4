import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, cross_val_score

pytestmark = pytest.mark.frameworks


def test_fewer_than_two_folds_raise():
    """One fold leaves nothing to train on: the splitter and cv=1 raise, two folds work."""
    X = np.random.default_rng(0).normal(size=(40, 2))
    y = (X[:, 0] > 0).astype(int)

    with pytest.raises(ValueError, match="at least one train/test split"):
        KFold(n_splits=1)  # bad
    with pytest.raises(ValueError, match="must be an int in the range"):
        cross_val_score(LogisticRegression(), X, y, cv=1)  # bad

    assert len(cross_val_score(LogisticRegression(), X, y, cv=2)) == 2  # good
