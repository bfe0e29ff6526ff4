"""Predict which customers leave, and what the others are worth, with pandas and scikit-learn.

The customers are made up: a few columns matter, the weekly usage columns mostly do not.

    python churn_pipeline.py --customers 2000 --out runs/churn
"""

import argparse
import json
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.metrics import average_precision_score, classification_report, r2_score, roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

PLAN_RISK = {"basic": 0.8, "family": -1.6, "premium": -0.9, "student": 1.2, "trial": 1.9}
WEEKS = 40


def make_customers(count, seed):
    """A table of customers: plan, contract, usage per week, whether they left and what they paid in the year after."""
    rng = np.random.default_rng(seed)
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(count) + 10_000,
            "plan": rng.choice(list(PLAN_RISK), size=count),
            "tenure_months": rng.gamma(2.0, 12.0, size=count).round(),
            "monthly_charge": rng.normal(45.0, 12.0, size=count).clip(10.0).round(2),
            "support_calls": rng.poisson(1.5, size=count).astype(float),
        }
    )
    usage = rng.gamma(3.0, 2.0, size=(count, WEEKS)).round(1)
    customers[[f"usage_week_{week:02}" for week in range(WEEKS)]] = usage
    risk = customers["plan"].map(PLAN_RISK) - 0.06 * customers["tenure_months"] + 0.6 * customers["support_calls"]
    risk += 0.02 * (customers["monthly_charge"] - 45.0) - 2.0
    customers["churned"] = (rng.random(count) < 1 / (1 + np.exp(-risk))).astype(int)
    paid = 8.0 * customers["monthly_charge"] + 60.0 * rng.standard_normal(count) + 2.0 * usage[:, :5].sum(axis=1)
    customers["annual_value"] = paid.round(2)
    for column in ("tenure_months", "monthly_charge", "support_calls"):
        customers.loc[rng.random(count) < 0.05, column] = np.nan
    return customers


def feature_columns(customers):
    return customers.drop(columns=["customer_id", "churned", "annual_value"])


def make_preprocessor():
    """Plans become one column each, everything else is a number with gaps."""
    return ColumnTransformer(
        [("plan", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["plan"])],
        remainder=SimpleImputer(strategy="median"),
    )


def train_churn_model(customers, seed):
    X, y = feature_columns(customers), customers["churned"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
    model = make_pipeline(
        make_preprocessor(),
        SelectKBest(f_classif, k=12),
        StandardScaler(),
        RandomForestClassifier(n_estimators=100, class_weight="balanced", random_state=seed),
    )
    cross_validated = cross_val_score(model, X_train, y_train, cv=5, scoring="roc_auc")
    model.fit(X_train, y_train)
    print(classification_report(y_test, model.predict(X_test), digits=3))
    scores = model.predict_proba(X_test)[:, 1]
    metrics = {
        "roc_auc": roc_auc_score(y_test, scores),
        "roc_auc_cross_validated": cross_validated.mean(),
        "average_precision": average_precision_score(y_test, scores),
    }
    low, high = bootstrap_interval(y_test.to_numpy(), scores, np.random.default_rng(seed))
    metrics["roc_auc_low"], metrics["roc_auc_high"] = low, high
    return model, metrics


def bootstrap_interval(y_true, scores, rng, rounds=100):
    """The middle 90 % of the ROC AUC over resampled test sets."""
    values = []
    for _ in range(rounds):
        index = rng.choice(len(y_true), size=len(y_true))
        values.append(roc_auc_score(y_true[index], scores[index]))
    return float(np.quantile(values, 0.05)), float(np.quantile(values, 0.95))


def score_churn(model, customers):
    """The probability of leaving for customers that the model has not seen."""
    return model.predict_proba(feature_columns(customers))[:, 1]


def train_value_model(customers, seed):
    X, y = feature_columns(customers), customers["annual_value"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    model = make_pipeline(make_preprocessor(), RandomForestRegressor(n_estimators=50, random_state=seed))
    model.fit(X_train, y_train)
    return model, {"value_r2": r2_score(y_test, model.predict(X_test))}


def score_value(model, customers):
    """The expected payments of customers whose year is still to come."""
    return model.predict(feature_columns(customers))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    customers = make_customers(args.customers, args.seed)
    print(f"{len(customers)} customers, {customers['churned'].mean():.1%} left")
    churn_model, metrics = train_churn_model(customers, args.seed)
    value_model, value_metrics = train_value_model(customers, args.seed)
    metrics.update(value_metrics)

    joblib.dump({"churn": churn_model, "value": value_model}, args.out / "models.joblib")
    (args.out / "metrics.json").write_text(json.dumps(metrics))
    for name, value in metrics.items():
        print(f"{name}: {value:.3f}")


if __name__ == "__main__":
    main()
