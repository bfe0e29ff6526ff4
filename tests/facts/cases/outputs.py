from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 3)
        self.head = nn.Sequential(nn.Linear(3, 3), nn.Softmax(dim=1))

    def forward(self, x):
        x = F.relu(self.body(x))
        x = self.head(x)
        return x


class Logits(nn.Module):
    def __init__(self, flag):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.flag = flag

    def forward(self, x):
        out = self.fc(x)
        return out.view(-1, 3)


class Either(Logits):
    def forward(self, x):
        if self.flag:
            return torch.sigmoid(x)
        return self.fc(x)


x = torch.ones(2, 3)
model = Classifier()  # fact: mode matters=no
a = model(x)  # fact: last=torch.nn.Softmax
b = Logits(True)(x)  # fact: last=torch.nn.Linear
c = Either(True)(x)  # fact: last=unknown
d = F.log_softmax(b, dim=1)  # fact: last=torch.nn.functional.log_softmax
e = torch.sigmoid(b).squeeze(1)  # fact: last=torch.sigmoid
f = b.softmax(dim=1)  # fact: last=torch.softmax
g = undefined(x)  # fact: last=unknown


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Linear(3, 3)]
        layers.append(nn.ReLU())
        layers += [nn.Linear(3, 2), nn.Softmax(dim=1)]
        self.head = nn.Sequential(*layers)
        self.fc = nn.Linear(3, 1)

    def forward(self, x):
        return self.fc(x), self.head(x)


grown = nn.Sequential(nn.Linear(3, 1))
grown.add_module("probability", nn.Sigmoid())
named = nn.Sequential(OrderedDict([("fc", nn.Linear(3, 1))]))
unknown_list = make_layers()
hidden = nn.Sequential(*unknown_list)
score, label = Pair()(x)
h = score  # fact: last=torch.nn.Linear
i = label  # fact: last=torch.nn.Softmax
j = grown(x)  # fact: last=unknown
k = named(x)  # fact: last=torch.nn.Linear
l = hidden(x)  # fact: last=unknown
