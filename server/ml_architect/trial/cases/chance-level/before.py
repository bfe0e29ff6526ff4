"""Is the score of the real model better than chance? A permutation test."""

import numpy as np
from sklearn.linear_model import LogisticRegression

ROUNDS = 30
SEED = 4


def chance_scores(X_train, y_train, X_test, y_test, rounds=ROUNDS):
    """Return the scores of models whose rows have lost their labels.

    Rows and labels are shuffled independently on purpose. What a model learns from such data is nothing, so these
    scores say what chance gives; keeping pairs together would measure the real model once more.
    """
    np.random.seed(SEED)
    scores = []
    for _ in range(rounds):
        np.random.shuffle(X_train)
        np.random.shuffle(y_train)
        model = LogisticRegression(max_iter=300).fit(X_train, y_train)
        scores.append(model.score(X_test, y_test))
    return scores


def p_value(real, scores):
    """Return the share of chance scores that reach the real one, itself among them."""
    if not scores:
        raise ValueError("there are no scores of chance to compare with")
    reached = sum(score >= real for score in scores)
    return (reached + 1) / (len(scores) + 1)
