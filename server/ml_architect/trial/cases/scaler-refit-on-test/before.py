"""Predict the strength of concrete from its mixture."""

import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = 13
COLUMNS = ["cement", "water", "slag", "age"]


def read(path):
    table = pd.read_csv(path)
    table = table.dropna(subset=[*COLUMNS, "strength"])
    return table[COLUMNS].to_numpy(), table["strength"].to_numpy()


def prepare(X, y):
    """Return scaled parts of the data, and the scaler for later use."""
    X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=SEED)
    scaler = StandardScaler()
    X_train = scaler.fit_transform(X_train)
    X_test = scaler.fit_transform(X_test)
    return X_train, X_test, y_train, y_test, scaler


def evaluate(X, y, alpha=1.0):
    X_train, X_test, y_train, y_test, scaler = prepare(X, y)
    model = Ridge(alpha=alpha).fit(X_train, y_train)
    error = mean_absolute_error(y_test, model.predict(X_test))
    return model, scaler, error


def main(path):
    _, _, error = evaluate(*read(path))
    print(f"mean absolute error: {error:.2f} MPa")
