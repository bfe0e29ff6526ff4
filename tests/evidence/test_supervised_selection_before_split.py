import numpy as np
import pytest
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline

pytestmark = pytest.mark.frameworks


def random_features_and_labels():
    rng = np.random.default_rng(0)
    return rng.normal(size=(200, 2000)), rng.integers(0, 2, size=200)


def test_selection_before_cross_validation_predicts_random_labels():
    """Choosing features by all labels scores far above chance on pure noise; inside a pipeline the score is chance."""
    X, y = random_features_and_labels()

    selected = SelectKBest(k=20).fit_transform(X, y)  # bad: has seen the labels of every fold
    leaked = cross_val_score(LogisticRegression(), selected, y).mean()

    pipeline = make_pipeline(SelectKBest(k=20), LogisticRegression())  # good: selects again in each training part
    honest = cross_val_score(pipeline, X, y).mean()

    assert leaked > 0.7
    assert honest == pytest.approx(0.5, abs=0.1)


def test_selection_before_a_holdout_split_predicts_random_labels():
    """The same leak shows on a holdout set; selecting on the training part alone brings the score back to chance."""
    X, y = random_features_and_labels()

    selected = SelectKBest(k=20).fit_transform(X, y)  # bad: before the split
    X_train, X_test, y_train, y_test = train_test_split(selected, y, test_size=0.5, random_state=0)
    leaked = LogisticRegression().fit(X_train, y_train).score(X_test, y_test)

    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.5, random_state=0)
    selector = SelectKBest(k=20).fit(X_train, y_train)  # good: after the split, training part only
    model = LogisticRegression().fit(selector.transform(X_train), y_train)
    honest = model.score(selector.transform(X_test), y_test)

    assert leaked > 0.7
    assert honest == pytest.approx(0.5, abs=0.15)
