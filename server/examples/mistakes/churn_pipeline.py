"""Predict which customers leave, and what the others are worth, with pandas and scikit-learn.

The customers are made up: a few columns matter, the weekly usage columns mostly do not.

    python churn_pipeline.py --customers 2000 --out runs/churn
"""

import argparse
import json
import random
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.metrics import average_precision_score, classification_report, r2_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import resample

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


def encode_plans(customers):
    codes = {plan: code for code, plan in enumerate(set(customers["plan"]))}
    return customers.assign(plan=customers["plan"].map(codes))


def train_churn_model(customers, seed):
    customers = encode_plans(customers)
    stayed = customers[customers["churned"] == 0]
    left = customers[customers["churned"] == 1]
    left = resample(left, replace=True, n_samples=len(stayed), random_state=seed)
    balanced = pd.concat([stayed, left], ignore_index=True)

    X = balanced.drop(columns=["customer_id", "churned", "annual_value"])
    y = balanced["churned"]

    imputer = SimpleImputer(strategy="median")
    X = imputer.fit_transform(X)
    selector = SelectKBest(f_classif, k=12)
    X = selector.fit_transform(X, y)

    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.fit_transform(X_test)

    model = RandomForestClassifier(n_estimators=100, random_state=seed)
    model.fit(X_train, y_train)
    predictions = model.predict(X_test)
    print(classification_report(y_test, predictions, digits=3))
    metrics = {
        "roc_auc": roc_auc_score(y_test, predictions),
        "average_precision": average_precision_score(y_test, predictions),
    }
    low, high = bootstrap_interval(y_test.to_numpy(), predictions)
    metrics["roc_auc_low"], metrics["roc_auc_high"] = low, high
    return {"imputer": imputer, "selector": selector, "scaler": scaler, "model": model}, metrics


def bootstrap_interval(y_true, scores, rounds=100):
    """The middle 90 % of the ROC AUC over resampled test sets."""
    values = []
    for _ in range(rounds):
        index = np.random.choice(len(y_true), size=len(y_true))
        values.append(roc_auc_score(y_true[index], scores[index]))
    return float(np.quantile(values, 0.05)), float(np.quantile(values, 0.95))


def score_churn(artifacts, customers):
    """The probability of leaving for customers that the model has not seen."""
    X = encode_plans(customers).drop(columns=["customer_id", "churned", "annual_value"])
    X = artifacts["selector"].transform(artifacts["imputer"].transform(X))
    return artifacts["model"].predict_proba(artifacts["scaler"].transform(X))[:, 1]


def train_value_model(customers, seed):
    customers = encode_plans(customers)
    y = customers["annual_value"]
    X = customers.drop(columns=["customer_id", "churned"])
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
    model = RandomForestRegressor(n_estimators=50, random_state=seed)
    model.fit(X_train, y_train)
    return model, {"value_r2": r2_score(y_test, model.predict(X_test))}


def score_value(model, customers):
    """The expected payments of customers whose year is still to come."""
    X = encode_plans(customers).drop(columns=["customer_id", "churned"])
    return model.predict(X)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    random.seed(args.seed)

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
