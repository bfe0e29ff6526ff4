import argparse
from dataclasses import dataclass

from torch.utils.data import DataLoader

BATCH = 64
DOUBLE = BATCH * 2
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=3e-4)
parser.add_argument("-w", "--num-workers", default=0, type=int)
parser.add_argument("--amp", action="store_true")
parser.add_argument("--required", type=int)
parser.add_argument("--named", dest="other", default="x")
args = parser.parse_args()


@dataclass
class Config:
    lr: float = 1e-3
    steps: int = 10


class CFG:
    workers = 4


config = Config()
a = BATCH  # fact: value=64; overridable=no
b = DOUBLE  # fact: value=128; overridable=no
c = -2**3  # fact: value=-8
d = args.lr  # fact: value=0.0003; overridable=yes
e = args.num_workers  # fact: value=0; overridable=yes
f = args.amp  # fact: value=False; overridable=yes
g = args.required  # fact: value=unknown
h = args.other  # fact: value='x'
i = config.lr  # fact: value=0.001; overridable=yes
j = CFG.workers  # fact: value=4; overridable=yes
k = 1 / 0  # fact: value=unknown
options = {"num_workers": 2, "shuffle": True}
loader = DataLoader([1], **options)  # fact: passes num_workers=given; value of num_workers=2; passes sampler=absent
changed = {"num_workers": 2}
changed.update(pin_memory=True)
second = DataLoader([1], **changed)  # fact: passes num_workers=unknown
third = DataLoader([1], BATCH, True)  # fact: passes batch_size=given; value of batch_size=64; value of shuffle=True; passes sampler=absent
fourth = DataLoader(*everything)  # fact: passes shuffle=unknown
fifth = DataLoader([1], batch_size=args.lr)  # fact: value of batch_size=0.0003
if BATCH > 3:
    twice = 1
else:
    twice = 2
l = twice  # fact: value=unknown


def helper(batch_size=32, workers=0):
    m = batch_size  # fact: value=128; overridable=no
    n = workers  # fact: value=0
    return m, n


helper(batch_size=DOUBLE)
