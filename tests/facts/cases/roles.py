import copy

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from torch.utils.data import DataLoader, Dataset
from accelerate import Accelerator


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)


class Deep(Net):
    pass


class Images(Dataset):
    def __len__(self):
        return 3


class Plain:
    pass


def build():
    net = Net()
    return net, torch.optim.Adam(net.parameters())


model = Net()  # fact: kind=module
deep = Deep().to("cpu")  # fact: kind=module
wrapped = DDP(model)  # fact: kind=module
copied = copy.deepcopy(model)  # fact: kind=module
images = Images()  # fact: kind=dataset
plain = Plain()  # fact: kind=none
net, optimizer = build()
same = optimizer  # fact: kind=optimizer
other = net  # fact: kind=module
scheduler = StepLR(optimizer, 3)  # fact: kind=scheduler
plateau = ReduceLROnPlateau(optimizer)  # fact: kind=plateau_scheduler
accelerator = Accelerator()  # fact: kind=engine
prepared, loader = accelerator.prepare(model, DataLoader(images))
x = prepared  # fact: kind=module
y = loader  # fact: kind=data_loader
choice = Net() if images else Deep()  # fact: kind=module


class Trainer:
    def __init__(self, model, optimizer=None):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.scaler = torch.amp.GradScaler("cuda")

    def run(self):
        a = self.optimizer  # fact: kind=optimizer
        b = self.scaler  # fact: kind=grad_scaler
        c = self.model  # fact: kind=module
        d = self.nothing  # fact: kind=unknown
        self.model.train()
        return a, b, c, d


def annotated(optimizer: torch.optim.Optimizer, net: nn.Module, thing):
    a = optimizer  # fact: kind=optimizer
    b = net  # fact: kind=module
    c = thing  # fact: kind=unknown
    return a, b, c


def by_use(network, opt):
    opt.zero_grad()
    opt.step()
    network.parameters()
    a = network  # fact: kind=module
    b = opt  # fact: kind=optimizer
    return a, b


class Keeper:
    def __init__(self, schedule):
        self.schedule = schedule

    def rewind(self):
        kept = copy.deepcopy(self.schedule)
        self.schedule = kept
        a = kept  # fact: kind=unknown
        return a


def unpacked(clips):
    for clip in clips:
        clip = list(clip)
        for frame in clip:
            a = frame  # fact: kind=unknown
            frame.step(a)
