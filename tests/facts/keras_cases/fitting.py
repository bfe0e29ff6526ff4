import keras
from keras.callbacks import EarlyStopping

model = keras.Sequential([keras.layers.Dense(1)])
model.compile("adam", "mse", metrics=["mae", keras.metrics.AUC()])  # fact: metrics=mae AUC
stop = EarlyStopping(patience=3)
model.fit([1], [1], callbacks=[stop, keras.callbacks.TensorBoard()])  # fact: callbacks=EarlyStopping TensorBoard; compiled=yes
model.fit([1], [1])  # fact: callbacks=none; compiled=yes


def run(model, extra):
    model.compile(optimizer="adam", loss="mse", metrics=extra)  # fact: metrics=unknown
    model.fit([1], [1], callbacks=extra)  # fact: callbacks=unknown; compiled=yes
