import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, balanced_accuracy_score, log_loss, roc_auc_score

pytestmark = pytest.mark.frameworks


def fitted_classifier():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 5))
    y = (X[:, 0] + rng.normal(size=600) > 1).astype(int)  # a quarter of the rows is positive
    return LogisticRegression().fit(X, y), X, y


def test_roc_auc_of_hard_labels_is_only_balanced_accuracy():
    """On predicted classes ROC AUC collapses to balanced accuracy and hides how well the scores rank the rows."""
    model, X, y = fitted_classifier()

    bad = roc_auc_score(y, model.predict(X))
    good = roc_auc_score(y, model.predict_proba(X)[:, 1])

    assert bad == pytest.approx(balanced_accuracy_score(y, model.predict(X)))
    assert good > bad + 0.1


def test_average_precision_and_log_loss_of_hard_labels_are_wrong_too():
    """Predicted classes lower average precision and multiply log loss, for the very same model."""
    model, X, y = fitted_classifier()
    labels, scores = model.predict(X), model.predict_proba(X)[:, 1]

    assert average_precision_score(y, labels) < average_precision_score(y, scores) - 0.1
    assert log_loss(y, labels) > 5 * log_loss(y, scores)
