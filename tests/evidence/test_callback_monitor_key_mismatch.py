import keras
import numpy as np
import pytest

pytestmark = [pytest.mark.frameworks, pytest.mark.filterwarnings("ignore:.*which is not available")]

X, y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


def model_that_never_improves():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(learning_rate=0.0), "binary_crossentropy", metrics=["accuracy"])
    return model


def test_monitor_name_that_no_metric_has_raises():
    """metrics=["accuracy"] is logged as val_accuracy: monitor="val_acc" raises, the logged name stops training."""
    model = model_that_never_improves()

    stop = keras.callbacks.EarlyStopping(monitor="val_acc")  # bad
    with pytest.raises(ValueError, match="monitor=val_acc"):
        model.fit(X, y, validation_data=(X, y), epochs=4, callbacks=[stop], verbose=0)

    stop = keras.callbacks.EarlyStopping(monitor="val_accuracy", patience=1)  # good
    history = model.fit(X, y, validation_data=(X, y), epochs=4, callbacks=[stop], verbose=0)
    assert len(history.epoch) == 2
    assert "val_accuracy" in history.history


def test_monitor_name_that_no_metric_has_never_stops_when_the_mode_is_given():
    """With mode="max" the wrong name is not an error any more: the callback just never acts."""
    model = model_that_never_improves()

    def epochs_run(monitor):
        stop = keras.callbacks.EarlyStopping(monitor=monitor, mode="max", patience=1)
        return len(model.fit(X, y, epochs=4, callbacks=[stop], verbose=0).epoch)

    assert epochs_run("acc") == 4  # bad
    assert epochs_run("accuracy") == 2  # good
