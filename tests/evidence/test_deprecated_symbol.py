import keras
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

pytestmark = pytest.mark.frameworks


def sgd():
    return torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=0.1)


X, Y = np.random.default_rng(0).normal(size=(20, 2)), np.tile([0, 1], 10)

REMOVED = {
    "torch scheduler verbose": (
        lambda: torch.optim.lr_scheduler.StepLR(sgd(), 10, verbose=True),
        lambda: torch.optim.lr_scheduler.StepLR(sgd(), 10),
        TypeError,
    ),
    "torch.symeig": (
        lambda: torch.symeig(torch.eye(2)),
        lambda: torch.linalg.eigh(torch.eye(2)),
        RuntimeError,
    ),
    "keras optimizer lr": (
        lambda: keras.optimizers.Adam(lr=1e-3),
        lambda: keras.optimizers.Adam(learning_rate=1e-3),
        ValueError,
    ),
    "keras fit_generator": (
        lambda: keras.Sequential().fit_generator,
        lambda: keras.Sequential().fit,
        AttributeError,
    ),
    "sklearn OneHotEncoder sparse": (
        lambda: OneHotEncoder(sparse=False),
        lambda: OneHotEncoder(sparse_output=False),
        TypeError,
    ),
    "pandas append": (
        lambda: pd.DataFrame({"a": [1]}).append({"a": 2}, ignore_index=True),
        lambda: pd.concat([pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})], ignore_index=True),
        AttributeError,
    ),
}

DEPRECATED = {
    "torch.cuda.amp.GradScaler": (
        lambda: torch.cuda.amp.GradScaler(enabled=False),
        lambda: torch.amp.GradScaler("cuda", enabled=False),
    ),
    "clip_grad_norm": (
        lambda: torch.nn.utils.clip_grad_norm(torch.nn.Linear(1, 1).parameters(), 1.0),
        lambda: torch.nn.utils.clip_grad_norm_(torch.nn.Linear(1, 1).parameters(), 1.0),
    ),
    "sklearn penalty": (
        lambda: LogisticRegression(penalty="l2").fit(X, Y),
        lambda: LogisticRegression(l1_ratio=0.0).fit(X, Y),
    ),
}


@pytest.mark.parametrize(("old", "new", "error"), REMOVED.values(), ids=REMOVED.keys())
def test_removed_symbol_raises_and_its_replacement_works(old, new, error):
    """A symbol or keyword that the installed release has removed raises; the replacement runs."""
    with pytest.raises(error):
        old()

    new()


@pytest.mark.parametrize(("old", "new"), DEPRECATED.values(), ids=DEPRECATED.keys())
def test_deprecated_symbol_warns_and_its_replacement_does_not(old, new, recwarn):
    """A symbol or keyword on its way out warns; the replacement runs without that warning."""
    with pytest.warns((FutureWarning, DeprecationWarning)):
        old()

    recwarn.clear()
    new()
    assert not [warning for warning in recwarn if issubclass(warning.category, (FutureWarning, DeprecationWarning))]


def test_keras_ignores_the_old_decay_argument():
    """Keras 3 accepts decay= with a warning and then never applies it; a schedule does lower the rate."""
    with pytest.warns(UserWarning, match="no longer supported and will be ignored"):
        old = keras.optimizers.SGD(0.1, decay=0.5)
    new = keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5))

    for optimizer in (old, new):
        weight = keras.Variable(1.0)
        for _ in range(4):
            optimizer.apply([keras.ops.ones(())], [weight])

    assert float(old.learning_rate) == pytest.approx(0.1)
    assert float(new.learning_rate) == pytest.approx(0.1 / 3)
