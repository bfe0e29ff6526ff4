import torch
from itertools import islice
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.utils.data import DataLoader
from tqdm import tqdm, trange

model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))  # fact: mode matters=yes
plain = nn.Sequential(nn.Linear(2, 2), nn.ReLU())  # fact: mode matters=no
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
scaler = torch.amp.GradScaler("cuda")
train_loader = DataLoader([1], shuffle=True)  # fact: consumers=3; feeds training=yes
val_loader = DataLoader([1])  # fact: consumers=1; feeds training=no
unused = DataLoader([1])  # fact: consumers=0; feeds training=unknown
bar = tqdm(enumerate(train_loader))

for epoch in trange(3):  # fact: trains=no; events=train_mode [zero_grad] [forward] [loss] [backward] [optimizer_step] [sync] scheduler_step
    model.train()
    for step, (x, y) in bar:  # fact: trains=yes; events=zero_grad forward loss backward optimizer_step sync
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(loss.item())
    scheduler.step()

for x, y in islice(train_loader, 3):  # fact: trains=yes; events=forward loss backward unscale clip scaler_step scaler_update [zero_grad]
    loss = criterion(model(x), y)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    clip_grad_norm_(model.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
    for p in model.parameters():
        p.grad = None


def one_step(batch):
    loss = model(batch).sum()
    loss.backward()
    return loss


def closure_training():
    lbfgs = torch.optim.LBFGS(model.parameters())

    def closure():
        lbfgs.zero_grad()
        loss = model(torch.ones(2)).sum()
        loss.backward()
        return loss

    for _ in range(3):  # fact: events=optimizer_step; trains=no
        lbfgs.step(closure)


for a, b in zip(train_loader, range(3)):  # fact: trains=yes; events=forward backward optimizer_step
    one_step(a)
    optimizer.step()


@torch.no_grad()
def evaluate(network, loader):
    network.eval()
    x = 1  # fact: grad=off
    for batch in loader:  # fact: trains=no; events=forward
        network(batch)


def validate():
    y = 1  # fact: grad=off
    return y


def mixed():
    z = 1  # fact: grad=unknown
    return z


with torch.inference_mode():
    evaluate(model, val_loader)
    validate()
    mixed()
mixed()
here = 1  # fact: grad=on
with torch.set_grad_enabled(False):
    there = 1  # fact: grad=off
