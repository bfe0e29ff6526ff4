import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split

pytestmark = pytest.mark.frameworks

X = np.random.default_rng(0).normal(size=(20, 2))
y = X @ [1.0, -2.0]


def test_wrong_order_binds_test_features_to_the_training_labels():
    """train_test_split returns X_train, X_test, y_train, y_test; another order gives fit the wrong arrays."""
    X_train, y_train, _X_test, _y_test = train_test_split(X, y, random_state=0)  # bad
    assert y_train.shape == (5, 2)  # the test features
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        LinearRegression().fit(X_train, y_train)

    X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)  # good
    assert LinearRegression().fit(X_train, y_train).score(X_test, y_test) == pytest.approx(1.0)


def test_wrong_order_stays_silent_when_the_halves_are_equally_large():
    """With test_size=0.5 nothing is raised: the model learns to predict test features instead of labels."""
    X_train, y_train, X_test, _ = train_test_split(X, y, test_size=0.5, random_state=0)  # bad
    bad = LinearRegression().fit(X_train, y_train)

    X_train, X_test, y_train, _ = train_test_split(X, y, test_size=0.5, random_state=0)  # good
    good = LinearRegression().fit(X_train, y_train)

    assert bad.predict(X_test).shape == (10, 2)  # two columns, like the features
    assert good.predict(X_test).shape == (10,)
