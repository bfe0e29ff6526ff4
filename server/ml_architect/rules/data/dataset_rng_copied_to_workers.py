"""Each worker process draws the same random numbers."""

from collections.abc import Iterator

from ml_architect.facts import DATASETS, Class, ModuleFacts
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Attribute, Call, Node, walk

_GENERATORS = frozenset({"numpy.random.default_rng", "numpy.random.RandomState", "random.Random", "torch.Generator"})


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a generator stored by a dataset's ``__init__``, drawn from in ``__getitem__``, where loaders have workers."""
    if not facts.data_loaders or not _has_workers(facts):
        return
    for info in facts.classes:
        if facts.kinds.of_class(info)[0] not in DATASETS or facts.calls_to("torch.utils.data.get_worker_info"):
            continue
        for attribute, made in _stored_generators(facts, info):
            draw = _drawn_in_getitem(facts, info, attribute)
            if draw is not None:
                yield Finding(
                    made,
                    f"every worker gets a copy of `self.{attribute}`, so all workers draw the same numbers in every epoch",
                    related=(Related(draw, "drawn from here, in the workers"),),
                )


def _has_workers(facts: ModuleFacts) -> bool:
    """Whether a loader certainly has workers and no function that seeds them."""
    for loader in facts.data_loaders:
        if not facts.passed(loader.call, "worker_init_fn").absent:
            return False
    for loader in facts.data_loaders:
        passed = facts.passed(loader.call, "num_workers")
        known = facts.known(passed.value, loader.call) if passed.given else None
        number = known.number() if known is not None else None
        if number is not None and number > 0:
            return True
    return False


def _stored_generators(facts: ModuleFacts, info: Class) -> Iterator[tuple[str, Call]]:
    for attribute, bindings in info.attributes.items():
        for binding in bindings:
            value, function = binding.bound.value, binding.site.function
            if not isinstance(value, Call) or function is None or function.name != "__init__" or len(bindings) != 1:
                continue
            if facts.qualified(value.func, binding.site) in _GENERATORS:
                yield attribute, value


def _drawn_in_getitem(facts: ModuleFacts, info: Class, attribute: str) -> Node | None:
    item = facts.values.method(info, "__getitem__")
    if item is None:
        return None
    for site in item.body:
        for node in walk(site.statement):
            if isinstance(node, Attribute) and node.dotted == f"{item.receiver}.{attribute}":
                return node
    return None


RULE = Rule(
    name="dataset-rng-copied-to-workers",
    summary="a dataset draws from a generator object that every worker gets a copy of",
    framework=Framework.TORCH,
    category=Category.DATA_LOADING,
    severity=Severity.WARNING,
    why=(
        "Worker processes start with a copy of the dataset, its generator object included. PyTorch seeds the global generators of each worker "
        "differently, but not objects that a dataset holds: all workers draw the same sequence, and since they start from the same copy in each "
        "epoch, every epoch repeats it. Augmentation is far less varied than it looks.\n\n"
        "Make the generator in the worker (from `torch.utils.data.get_worker_info().seed`, or in `worker_init_fn`), or draw from the global one."
    ),
    tradeoffs={Cost.GENERALISATION: "augmentations differ between samples and epochs, as intended"},
    references=(
        Reference(
            "Randomness in multi-process data loading",
            "https://docs.pytorch.org/docs/stable/data.html#randomness-in-multi-process-data-loading",
        ),
    ),
    fires=(
        Fires(
            """\
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, samples):
        self.samples = samples
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index] + self.rng.normal()

loader = DataLoader(Noisy([1.0, 2.0]), num_workers=4)
""",
            """\
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index] + np.random.normal()

loader = DataLoader(Noisy([1.0, 2.0]), num_workers=4)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, samples):
        self.samples = samples

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index] + np.random.normal()

loader = DataLoader(Noisy([1.0, 2.0]), num_workers=4)
""",
            because="PyTorch seeds the global generator of each worker differently",
        ),
        Quiet(
            """\
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Noisy(Dataset):
    def __init__(self, samples):
        self.samples = samples
        self.rng = np.random.default_rng(0)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index] + self.rng.normal()

loader = DataLoader(Noisy([1.0, 2.0]))
""",
            because="without workers there is one generator",
        ),
        Quiet(
            """\
import numpy as np
from torch.utils.data import DataLoader, Dataset

class Shuffled(Dataset):
    def __init__(self, samples):
        self.rng = np.random.default_rng(0)
        self.samples = self.rng.permutation(samples)

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        return self.samples[index]

loader = DataLoader(Shuffled([1.0, 2.0]), num_workers=4)
""",
            because="drawn from once, before the workers start",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        imports=("numpy", "random", "torch", "torch.utils.data.get_worker_info"),
        calls=(
            "numpy.random.default_rng",
            "numpy.random.normal",
            "numpy.random.randint",
            "numpy.random.random",
            "numpy.random.uniform",
            "torch.initial_seed",
            "torch.rand",
            "torch.randint",
            "torch.randn",
            "torch.utils.data.get_worker_info",
        ),
        may_remove_finding=True,
        structural=True,
        advice=(
            "Draw from the global generator, which PyTorch seeds for each worker, or make the generator inside the worker. "
            "Keep the distribution that is drawn from."
        ),
    ),
    evidence=Shown(
        "tests/evidence/test_dataset_rng_copied_to_workers.py::test_workers_and_epochs_replay_the_same_numbers"
    ),
    detect=detect,
)
