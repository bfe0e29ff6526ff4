import keras
from keras import layers

dropping = keras.Sequential([layers.Dense(3), keras.Sequential([layers.Dropout(0.5)])])  # fact: mode matters=yes
plain = keras.Sequential([layers.Dense(3)])  # fact: mode matters=unknown
residual = keras.applications.ResNet50()  # fact: mode matters=yes
vgg = keras.applications.VGG16()  # fact: mode matters=no


def build():
    inputs = keras.Input((3,))
    outputs = layers.Dense(1)(layers.BatchNormalization()(inputs))
    return keras.Model(inputs, outputs)


built = build()  # fact: mode matters=yes


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.drop = layers.Dropout(0.1)

    def call(self, x, training=None):
        return self.drop(x, training=training)


class AlwaysOn(Net):
    def call(self, x):
        return self.drop(x, training=True)


net = Net()  # fact: mode matters=yes
always = AlwaysOn()  # fact: mode matters=unknown
