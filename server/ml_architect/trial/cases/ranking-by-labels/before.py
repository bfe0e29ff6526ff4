"""Find readmissions: a forest, measured in three ways."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import train_test_split

SEED = 21
TREES = 150


def divide(X, y):
    return train_test_split(X, y, test_size=0.3, stratify=y, random_state=SEED)


def measures(model, X_test, y_test):
    """Return what goes into the report; the first two compare labels."""
    labels = model.predict(X_test)
    return {
        "accuracy": accuracy_score(y_test, labels),
        "f1": f1_score(y_test, labels),
        "auc": roc_auc_score(y_test, model.predict(X_test)),
    }


def train(X, y, trees=TREES):
    X_train, X_test, y_train, y_test = divide(X, y)
    model = RandomForestClassifier(
        n_estimators=trees,
        min_samples_leaf=3,
        class_weight="balanced",
        random_state=SEED,
    )
    model.fit(X_train, y_train)
    return model, measures(model, X_test, y_test)


def report(found):
    return ", ".join(f"{name} {value:.3f}" for name, value in found.items())
