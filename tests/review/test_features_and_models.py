"""What is stated of features and of architectures."""

PIPELINE = """\
from sklearn.feature_selection import SelectKBest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler
from sklearn.svm import SVC

def fit(X, y, X_test):
    model = make_pipeline(SelectKBest(k=5), SVC(C=2, kernel="rbf"))
    scaler = StandardScaler()
    X = scaler.fit_transform(X)
    X_test = scaler.fit_transform(X_test)
    y = LabelEncoder().fit_transform(y)
    spare = StandardScaler()
    return model.fit(X, y), spare
"""


def test_transformers_inside_and_outside_of_a_pipeline(said):
    assert said("features", PIPELINE) == [
        "`StandardScaler`, fitted outside of a pipeline on `X` and `X_test`",
        "`LabelEncoder`, fitted outside of a pipeline on `y`",
        "`StandardScaler`",
        "`SelectKBest`: best 5, a step of a pipeline",
    ]
    assert said("architecture", PIPELINE) == ["makes `SVC`: kernel `'rbf'`, C 2"]
    assert said("training", PIPELINE) == ["fits a pipeline on `X`; it ends with `SVC`"]


def test_transforms_and_augmentation(said):
    code = """\
from torchvision import transforms

pipe = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.Resize(8), transforms.ToTensor()])
"""
    assert said("features", code) == [
        "image transforms: `Resize`, `ToTensor`",
        "random augmentation of images: `RandomHorizontalFlip`",
    ]


MODULES = """\
import torch
from torch import nn
from torchvision import models
from transformers import AutoModel, AutoTokenizer

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3))
        self.loss = nn.CrossEntropyLoss()

class Plain:
    pass

def load(name):
    backbone = models.resnet18(weights=None)
    other = models.resnet50(pretrained=True)
    for parameter in other.parameters():
        parameter.requires_grad = False
    checkpoint = torch.hub.load_state_dict_from_url("https://example.org/x")
    return AutoModel.from_pretrained("bert-base-uncased"), AutoTokenizer.from_pretrained(name), backbone, checkpoint
"""


def test_modules_and_pretrained_weights(said):
    assert said("architecture", MODULES) == [
        "defines `Net`, a PyTorch module; its code makes `Conv2d` in 2 places, `ReLU`",
        "makes `resnet18` with random weights",
        "makes `resnet50` with pretrained weights",
        "loads the pretrained weights `'bert-base-uncased'` into `AutoModel`",
        "freezes parameters (`requires_grad` or `trainable` is set to `False`)",
    ]
    assert said("features", MODULES) == ["prepares examples with `AutoTokenizer` from `name`"]


KERAS = """\
from tensorflow import keras
from tensorflow.keras import layers

def build(x, y):
    model = keras.Sequential([layers.Rescaling(1 / 255), layers.Dense(32), layers.Dense(5, activation="softmax")])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=3)
    model.fit(x, y, epochs=10, batch_size=64, validation_split=0.1, callbacks=[stop])
    model.save("net.keras")
    return keras.applications.ResNet50(), keras.applications.VGG16(weights=None)
"""


def test_a_keras_model_through_its_stages(said, noted):
    assert said("data", KERAS) == ["keeps a share of 0.1 for validation (`validation_split`)"]
    assert said("features", KERAS) == ["preprocessing layers: `Rescaling`"]
    assert said("architecture", KERAS) == [
        "makes Keras layers: `Dense` in 2 places",
        "makes a `Sequential` model",
        "`ResNet50` with its ImageNet weights (the default)",
        "`VGG16` from Keras with random weights",
        "a compiled model ends with 5 units, softmax activation",
    ]
    assert said("training", KERAS) == [
        "optimizer `adam` by its name, with the library's default learning rate",
        "loss `sparse_categorical_crossentropy`",
        "fits a Keras model with `fit`: epochs 10, batch size 64",
    ]
    assert said("evaluation", KERAS) == [
        "compiles with the metrics `accuracy`",
        "stops early: `EarlyStopping`: watches `'val_loss'`, patience 3",
    ]
    assert said("persistence", KERAS) == ["saves a whole Keras model as `'net.keras'`"]
    assert noted(KERAS).classes == {5}
