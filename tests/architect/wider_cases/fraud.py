"""Detect rare fraud with class weights, judged by average precision."""

import numpy as np
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, precision_recall_curve
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 13


def main() -> None:
    features, labels = make_classification(
        n_samples=3000, n_features=12, n_informative=6, weights=[0.97], random_state=SEED
    )
    x_train, x_test, y_train, y_test = train_test_split(
        features, labels, test_size=0.25, stratify=labels, random_state=SEED
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=1000))
    model.fit(x_train, y_train)
    chances = model.predict_proba(x_test)[:, 1]
    precision, recall, thresholds = precision_recall_curve(y_test, chances)
    enough = np.flatnonzero(recall[:-1] >= 0.8)[-1]
    print(f"average precision {average_precision_score(y_test, chances):.3f}")
    print(f"at recall 0.8: precision {precision[enough]:.3f}, threshold {thresholds[enough]:.3f}")


if __name__ == "__main__":
    main()
