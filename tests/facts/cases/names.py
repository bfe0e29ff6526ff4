import torch
import torch as T
import torch.nn as nn
import torch.optim as O
import torch.utils.data as Data
from torch import optim
from torch.optim import Adam as FastAdam
from torch.optim.adamw import AdamW
from torch.nn import *

try:
    from torch.amp import GradScaler
except ImportError:
    from torch.cuda.amp import GradScaler

Sgd = optim.SGD
model = nn.Linear(3, 1)  # fact: name=torch.nn.Linear; kind=module
a = optim.Adam(model.parameters())  # fact: name=torch.optim.Adam; kind=optimizer
b = O.SGD(model.parameters(), lr=0.1)  # fact: name=torch.optim.SGD
c = FastAdam(model.parameters())  # fact: name=torch.optim.Adam
d = AdamW(model.parameters())  # fact: name=torch.optim.AdamW
e = Sgd(model.parameters(), lr=0.1)  # fact: name=torch.optim.SGD; kind=optimizer
f = T.optim.Adam(model.parameters())  # fact: name=torch.optim.Adam
g = Dropout(0.5)  # fact: name=torch.nn.Dropout
loader = Data.DataLoader([1, 2])  # fact: name=torch.utils.data.DataLoader; kind=data_loader
scaler = GradScaler()  # fact: name=unknown
i = missing(3)  # fact: name=unknown; kind=unknown


def shadowed(torch):
    j = torch.load("x")  # fact: name=unknown
    return j


def local():
    from torch.utils.data import DataLoader

    k = DataLoader([])  # fact: name=torch.utils.data.DataLoader
    return k


class Holder:
    nn = 3

    def build(self):
        m = nn.Linear(1, 1)  # fact: name=torch.nn.Linear
        return m


n = len([])  # fact: name=builtins.len
