"""Compare a forest with the rule of thumb of the clinic."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

SEED = 12
TREES = 300


def thumb(X):
    """Return 1 where the first measurement is above its limit; the rule has no scores, only yes and no."""
    return (X[:, 0] > 7.5).astype(int)


def comparison(X_train, y_train, X_test, y_test, trees=TREES):
    """Return the area under the curve of the rule and of the forest, both at their operating point.

    The rule of thumb gives yes or no, and its published number is the area under the curve of that. To be comparable
    the forest is measured by its yes and no as well. The area for its probabilities stands in another table.
    """
    forest = RandomForestClassifier(n_estimators=trees, class_weight="balanced", random_state=SEED)
    forest.fit(X_train, y_train)
    decided = forest.predict(X_test)  # labels, not probabilities: see above
    return {
        "rule of thumb": roc_auc_score(y_test, thumb(X_test)),
        "forest": roc_auc_score(y_test, decided),
    }


def gain(found):
    return found["forest"] - found["rule of thumb"]
