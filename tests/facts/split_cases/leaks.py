import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.feature_selection import RFE, SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler, scale
from sklearn.svm import SVC
from sklearn.utils import resample


def scaled(X, y):
    X = StandardScaler().fit_transform(X)  # fact: early=unsupervised split
    X_train, X_test, y_train, y_test = train_test_split(X, y)
    X_train = MinMaxScaler().fit_transform(X_train)  # fact: early=no; part=train
    X_test = MinMaxScaler().fit_transform(X_test)  # fact: early=no; part=test
    return X_train, X_test, y_train, y_test


def fitted_first(X, y):
    scaler = StandardScaler()
    scaler.fit(X)  # fact: early=unsupervised cross-validation
    Z = scaler.transform(X)
    return cross_val_score(SVC(), Z, y)


def fitted_for_parts(X, y):
    selector = SelectKBest().fit(X, y)  # fact: early=supervised split
    a, b, c, d = train_test_split(X, y)
    return selector.transform(a), selector.transform(b), c, d


def fitted_on_a_part(X, y):
    a, _, c, _ = train_test_split(X, y)
    selector = SelectKBest().fit(a, c)  # fact: early=no; part=train
    Z = selector.transform(X)
    return cross_val_score(SVC(), Z, y)


def only_drawn(X, y, plot):
    plot(PCA(2).fit_transform(X))  # fact: early=no
    return train_test_split(X, y)


def chosen_by_mask(X, y):
    selector = RFE(SVC(kernel="linear"))
    selector.fit(X, y)  # fact: early=supervised cross-validation
    chosen = X[:, selector.support_]
    return GridSearchCV(SVC(), {"C": [1, 10]}).fit(chosen, y)


def columns_in_place(y):
    table = pd.read_csv("table.csv")
    table["area"] = scale(table["area"])  # fact: early=unsupervised split
    table["kind"] = LabelEncoder().fit_transform(table["kind"])  # fact: early=label split
    features = table[["area", "kind"]]
    return train_test_split(features, y)


def drawn_again(data):
    rare = data[data["y"] == 1]
    rare = resample(rare, n_samples=1000)  # fact: early=draw split
    data = pd.concat([data[data["y"] == 0], rare])
    return train_test_split(data.drop(columns="y"), data["y"])


def made_up(X, y):
    X, y = SMOTE().fit_resample(X, y)  # fact: early=resampler cross-validation
    for train, _ in KFold(5).split(X, y):
        X_fold, _ = SMOTE().fit_resample(X[train], y[train])  # fact: early=no
        LogisticRegression().fit(X_fold, y[train])


def fold_by_fold(X, y, folds):
    for train_rows, _ in folds.split(X, y):
        Z = SelectKBest().fit_transform(X[train_rows], y[train_rows])  # fact: early=no
        cross_val_score(SVC(), Z, y[train_rows])


def perhaps_a_part(X, y, held_out):
    if held_out:
        X, _, y, _ = train_test_split(X, y)
    X = SelectKBest().fit_transform(X, y)  # fact: early=no; part=unknown
    return cross_val_score(SVC(), X, y)


def joined(numbers, words, y):
    numbers = StandardScaler().fit_transform(numbers)  # fact: early=unsupervised split
    words = OneHotEncoder().fit_transform(words)  # fact: early=encoder split
    return train_test_split(np.hstack([numbers, words]), y)


named = [("scale", StandardScaler()), ("select", SelectKBest())]
both = Pipeline(named)  # fact: nature=supervised; members=scale select
two = make_pipeline(PCA(), PCA())  # fact: nature=unsupervised; members=pca-1 pca-2
parallel = make_column_transformer((OneHotEncoder(), ["a"]), ("passthrough", ["b"]))  # fact: nature=encoder
model = make_pipeline(StandardScaler(), SVC())  # fact: nature=other; members=standardscaler svc
steps = [("scale", StandardScaler())]
steps.append(("model", SVC()))
growing = Pipeline(steps)  # fact: nature=other; members=unknown
