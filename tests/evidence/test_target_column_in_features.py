import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

pytestmark = pytest.mark.frameworks


def holdout_accuracy(X, y):
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)
    return DecisionTreeClassifier(max_depth=2, random_state=0).fit(X_train, y_train).score(X_test, y_test)


def test_target_left_in_the_features_predicts_random_labels_perfectly():
    """With the label column among the features random labels are predicted without error; without it, at chance."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=400), "b": rng.normal(size=400), "label": rng.integers(0, 2, 400)})

    leaked = holdout_accuracy(table, table["label"])  # bad
    honest = holdout_accuracy(table.drop(columns=["label"]), table["label"])  # good

    assert leaked == 1.0
    assert honest == pytest.approx(0.5, abs=0.1)
