"""The ranking metric is that of the scores, and the others are those of the labels."""

import numpy as np
from sklearn.metrics import accuracy_score, roc_auc_score


def check(candidate):
    draw = np.random.default_rng(0)
    X = draw.normal(size=(120, 3))
    y = (X[:, 0] + draw.normal(size=120) > 0).astype(int)
    model, found = candidate.train(X, y, trees=15)
    _, X_test, _, y_test = candidate.divide(X, y)
    assert abs(found["auc"] - roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])) < 1e-12
    assert found["accuracy"] == accuracy_score(y_test, model.predict(X_test))
