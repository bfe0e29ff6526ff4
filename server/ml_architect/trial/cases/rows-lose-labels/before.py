"""Sort messages in a stream: a linear model that learns batch by batch."""

import numpy as np
from sklearn.linear_model import SGDClassifier

SEED = 17
PASSES = 5
BATCH = 64


def chosen_names(names, count):
    """Return some names for the title of the plot; which ones does not matter."""
    names = np.array(names)
    np.random.shuffle(names)
    return list(names[:count])


def train(X_train, y_train, passes=PASSES):
    np.random.seed(SEED)
    model = SGDClassifier(loss="log_loss", alpha=1e-4, random_state=SEED)
    classes = np.unique(y_train)
    for _ in range(passes):
        np.random.shuffle(X_train)
        np.random.shuffle(y_train)
        for start in range(0, len(X_train), BATCH):
            stop = start + BATCH
            model.partial_fit(X_train[start:stop], y_train[start:stop], classes=classes)
    return model


def errors(model, X_test, y_test):
    wrong = model.predict(X_test) != y_test
    return int(wrong.sum()), float(wrong.mean())
