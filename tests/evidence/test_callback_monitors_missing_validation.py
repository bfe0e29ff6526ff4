import keras
import numpy as np
import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore:.*which is not available")]

X, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


def model_that_never_improves():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, trainable=False), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(learning_rate=0.0), "mse")
    return model


def test_early_stopping_on_val_loss_never_stops_without_validation_data():
    """The default monitor is val_loss: without validation data all epochs run, with it a stalled run stops."""

    def epochs_run(**validation):
        stop = keras.callbacks.EarlyStopping(patience=1)
        return len(model_that_never_improves().fit(X, y, epochs=6, callbacks=[stop], verbose=0, **validation).epoch)

    assert epochs_run() == 6  # bad
    assert epochs_run(validation_data=(X, y)) == 2  # good


def test_plateau_callback_on_val_loss_never_lowers_the_rate_without_validation_data():
    """ReduceLROnPlateau leaves the rate alone if val_loss is missing; monitor="loss" works without validation data."""

    def final_rate(**monitor):
        model = model_that_never_improves()
        model.compile(keras.optimizers.SGD(learning_rate=1e-12), "mse")
        plateau = keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=1, **monitor)
        model.fit(X, y, epochs=6, callbacks=[plateau], verbose=0)
        return float(model.optimizer.learning_rate)

    assert final_rate() == pytest.approx(1e-12)  # bad
    assert final_rate(monitor="loss") < 1e-14  # good
