"""Predict churn from a table with a pipeline, so that nothing is learned from held-out rows."""

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

SEED = 3


def synthetic(rows: int) -> tuple[pd.DataFrame, pd.Series]:
    """Customers who leave when they complain much and pay much."""
    rng = np.random.default_rng(SEED)
    table = pd.DataFrame(
        {
            "fee": rng.normal(50, 15, rows),
            "complaints": rng.poisson(1.0, rows),
            "plan": rng.choice(["basic", "plus"], rows),
        }
    )
    chance = 1 / (1 + np.exp(-(table["complaints"] - 2 + (table["fee"] - 50) / 20)))
    return table, pd.Series((rng.random(rows) < chance).astype(int), name="left")


def main() -> None:
    features, target = synthetic(800)
    x_train, x_test, y_train, y_test = train_test_split(
        features, target, test_size=0.2, stratify=target, random_state=SEED
    )
    prepared = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), ["fee", "complaints"]),
            ("words", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan"]),
        ]
    )
    model = make_pipeline(prepared, HistGradientBoostingClassifier(learning_rate=0.1, max_iter=100, random_state=SEED))
    folds = StratifiedKFold(n_splits=3, shuffle=True, random_state=SEED)
    scores = cross_val_score(model, x_train, y_train, cv=folds, scoring="roc_auc")
    print(f"cross-validated ROC AUC: {scores.mean():.3f} +- {scores.std():.3f}")
    model.fit(x_train, y_train)
    chances = model.predict_proba(x_test)[:, 1]
    print(f"ROC AUC {roc_auc_score(y_test, chances):.3f}, AP {average_precision_score(y_test, chances):.3f}")
    joblib.dump(model, "model.joblib")


if __name__ == "__main__":
    main()
