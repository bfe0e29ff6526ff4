"""Which of our 400 wells needs a visit? The wells are all there are."""

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = 8
SHARE = 0.5


def measure(X, y):
    """Return the balanced accuracy on the wells without a label."""
    # Transductive by design: every well that will ever be scored is in X already, its measurements are known before
    # anything is trained, and only the labels of half of them are. The scaler is meant to see all wells.
    X_scaled = StandardScaler().fit_transform(X)
    X_train, X_test, y_train, y_test = train_test_split(
        X_scaled,
        y,
        test_size=SHARE,
        stratify=y,
        random_state=SEED,
    )
    model = LogisticRegression(class_weight="balanced", max_iter=500)
    model.fit(X_train, y_train)
    return balanced_accuracy_score(y_test, model.predict(X_test))


def visits(model, X, names, count=20):
    """Return the wells to go to first."""
    order = model.predict_proba(X)[:, 1].argsort()[::-1]
    return [names[index] for index in order[:count]]
