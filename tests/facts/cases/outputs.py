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
