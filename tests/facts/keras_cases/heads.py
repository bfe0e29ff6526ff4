import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import Model, layers
from tensorflow.keras.layers import Activation, Dense, Dropout
from tensorflow.keras.models import Sequential

listed = Sequential([Dense(8, activation="relu"), Dense(1, activation="softmax")])
listed.compile("adam", "bce")  # fact: head=softmax 1; loss=binary_crossentropy string no

added = Sequential()
added.add(Dense(8))
added.add(Dense(units=10))
added.add(Dropout(0.1))
added.add(Activation(tf.nn.softmax))
added.compile(loss="categorical_crossentropy", optimizer="adam")  # fact: head=softmax 10; loss=categorical_crossentropy string no

branching = Sequential([Dense(8)])
if listed:
    branching.add(Dense(1, activation="sigmoid"))
branching.compile("adam", loss=keras.losses.BinaryCrossentropy(from_logits=True))  # fact: head=unknown; loss=BinaryCrossentropy object yes

inputs = keras.Input((3,))
x = layers.Dense(4, activation="relu")(inputs)
outputs = layers.Dense(3)(x)
functional = Model(inputs, outputs)
functional.compile("adam", keras.losses.binary_crossentropy)  # fact: head=linear 3; loss=binary_crossentropy function no
both = Model(inputs=inputs, outputs=[x, outputs])
both.compile("adam", ["mse", "mse"])  # fact: head=unknown; loss=unknown
after = Model(inputs, functional(inputs))
after.compile("adam", loss="mse")  # fact: head=linear 3; loss=mean_squared_error string no
scores = Model(inputs, layers.Softmax(axis=1)(outputs))
scores.compile("adam", loss="mse")  # fact: head=other 3


def build(units, activation=None):
    model = Sequential([Dense(4), Dense(units, activation=activation)])
    return model


built = build(2, "sigmoid")
built.compile("adam", loss=["binary_crossentropy"])  # fact: head=sigmoid 2; loss=binary_crossentropy string no


def configurable(activation="softmax"):
    model = Sequential([Dense(3, activation=activation)])
    model.compile("adam", loss="categorical_crossentropy")  # fact: head=unknown


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(4)
        self.out = layers.Dense(5)

    def call(self, inputs):
        return self.out(self.hidden(inputs))


class Wavering(Net):
    def call(self, inputs, training=False):
        x = self.out(inputs)
        if not training:
            x = tf.nn.softmax(x)
        return x


net = Net()
net.compile("adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=False))  # fact: head=linear 5; loss=SparseCategoricalCrossentropy object no
wavering = Wavering()
wavering.compile("adam", loss="mse")  # fact: head=unknown
