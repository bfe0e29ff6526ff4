"""One generator is seeded, and numbers are drawn from another one."""

from collections.abc import Iterator

from ml_architect.catalog import Kind
from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.rules.api import (
    Allowance,
    Category,
    Cost,
    Finding,
    Fires,
    FixKind,
    Framework,
    Place,
    Quiet,
    Reference,
    Related,
    Rule,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Constant, ExpressionStatement

_GENERATORS = frozenset({"torch", "numpy", "random", "tensorflow"})
_NUMPY = (
    "rand",
    "randn",
    "randint",
    "random",
    "normal",
    "uniform",
    "choice",
    "shuffle",
    "permutation",
    "random_sample",
)
_RANDOM = ("random", "randint", "uniform", "choice", "choices", "shuffle", "sample", "gauss", "randrange")
_DRAWS = {
    "numpy": tuple(f"numpy.random.{name}" for name in _NUMPY),
    "random": tuple(f"random.{name}" for name in _RANDOM),
}
_SEEDS = (
    "torch.manual_seed",
    "torch.random.manual_seed",
    "numpy.random.seed",
    "random.seed",
    "tensorflow.random.set_seed",
)
"""Beside which of the seeds a repair may set another one."""


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report a program that seeds some generator and draws from the global one of NumPy or `random` unseeded.

    A test that seeds one of them may well want the other to vary.
    """
    seeds = facts.calls_of(Kind.SEED)
    first = next((call for call in seeds if _seeds_the_run(call)), None)
    if first is None or facts.is_test or not _is_program(facts):
        return
    seeded = {trait for call in seeds for trait in _traits(facts, call)}
    if not seeded:
        return
    for generator, names in _DRAWS.items():
        draws = facts.calls_to(*names) if generator not in seeded else []
        if draws:
            yield Finding(
                first.node,
                f"this run is seeded, but the global generator of `{generator}`, which is drawn from below, is not",
                related=(Related(draws[0].node, "drawn from here"),),
            )
            return


def _seeds_the_run(call: CallSite) -> bool:
    """Whether only the effect is wanted; ``generator = torch.manual_seed(0)`` is one way to get a generator."""
    return isinstance(call.site.statement, ExpressionStatement) and call.site.statement.value is call.node


def _traits(facts: ModuleFacts, call: CallSite) -> frozenset[str]:
    symbol = facts.symbol(call)
    return symbol.traits & _GENERATORS if symbol is not None else frozenset()


def _is_program(facts: ModuleFacts) -> bool:
    """Whether the file is run as a program: others may be seeded by their importer."""
    for site in facts.structure.sites:
        test = getattr(site.statement, "test", None)
        comparators = getattr(test, "comparators", ())
        if any(isinstance(item, Constant) and item.value == "__main__" for item in comparators):
            return True
    return False


RULE = Rule(
    name="partial-seeding",
    summary="a program seeds one random generator and draws from another one that it does not seed",
    framework=Framework.ANY,
    category=Category.REPRODUCIBILITY,
    severity=Severity.INFO,
    why=(
        "PyTorch, NumPy, TensorFlow and Python's `random` have generators of their own. Seeding one leaves the others different in every run, so a run that looks seeded cannot be "
        "repeated: the split, the augmentation or the shuffling that draws from the other one changes."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "one helper seeds all of them: `lightning.seed_everything`, `keras.utils.set_random_seed`, `transformers.set_seed`"
    },
    references=(Reference("Reproducibility", "https://docs.pytorch.org/docs/stable/notes/randomness.html"),),
    fires=(
        Fires(
            """\
import numpy as np
import torch

def main():
    torch.manual_seed(0)
    order = np.random.permutation(100)
    print(torch.rand(3), order)

if __name__ == "__main__":
    main()
""",
            """\
import numpy as np
import torch

def main():
    torch.manual_seed(0)
    np.random.seed(0)
    order = np.random.permutation(100)
    print(torch.rand(3), order)

if __name__ == "__main__":
    main()
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import numpy as np
import torch

def main():
    torch.manual_seed(0)
    np.random.seed(0)
    print(torch.rand(3), np.random.permutation(100))

if __name__ == "__main__":
    main()
""",
            because="both are seeded",
        ),
        Quiet(
            """\
import numpy as np
import torch

def main():
    torch.manual_seed(0)
    print(torch.rand(3), np.random.default_rng(0).permutation(100))

if __name__ == "__main__":
    main()
""",
            because="a generator with its own seed is drawn from",
        ),
        Quiet(
            """\
import numpy as np
from transformers import set_seed

def main():
    set_seed(0)
    print(np.random.permutation(100))

if __name__ == "__main__":
    main()
""",
            because="this helper seeds all of them",
        ),
        Quiet(
            """\
import random

import torch

def main(pipeline, prompt):
    generator = torch.manual_seed(random.randint(0, 1000))
    print(pipeline(prompt, generator=generator))

if __name__ == "__main__":
    main()
""",
            because="the call is made for the generator that it returns, and nobody asks for the same run again",
        ),
    ),
    fix=FixKind.ARCHITECT,
    architect=Allowance(
        statements=("numpy.random.seed($seed)", "random.seed($seed)"),
        imports=("numpy", "random"),
        places={
            pattern: tuple(Place(next_to=f"{name}($*seed)") for name in _SEEDS)
            for pattern in ("numpy.random.seed($seed)", "random.seed($seed)")
        },
        advice="Seed the other global generator with the same seed, right behind the seeding that is there.",
    ),
    evidence=Shown("tests/evidence/test_partial_seeding.py::test_seeding_torch_leaves_numpy_and_random_unseeded"),
    detect=detect,
)
