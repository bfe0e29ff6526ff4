"""A checkpoint is unpickled in full, so the file can run code."""

from collections.abc import Iterator
from functools import partial

from ml_architect.facts import CallSite, ModuleFacts
from ml_architect.rewrite import replace
from ml_architect.rules.api import (
    Allowance,
    Category,
    Choice,
    Cost,
    Finding,
    Fires,
    Fix,
    FixKind,
    Framework,
    Quiet,
    Reference,
    Related,
    Rule,
    Safety,
    Severity,
    Shown,
)
from ml_architect.syntax.nodes import Constant, walk

_DOWNLOADS = (
    "huggingface_hub.hf_hub_download",
    "huggingface_hub.snapshot_download",
    "torch.hub.download_url_to_file",
    "urllib.request.urlretrieve",
    "urllib.request.urlopen",
    "requests.get",
    "gdown.download",
    "wget.download",
)


def detect(facts: ModuleFacts) -> Iterator[Finding]:
    """Report ``torch.load(..., weights_only=False)``: as a warning where the file is downloaded in sight.

    Who writes the argument out has mostly decided to trust the file, so the rest is information.
    """
    for call in facts.calls_to("torch.load") if not facts.is_test else ():
        passed = facts.passed(call, "weights_only")
        if not isinstance(passed.value, Constant) or passed.value.value is not False or passed.argument is None:
            continue
        download, saved = _downloaded(facts, call), _saved_here(facts, call)
        known = {download: "the file is downloaded here", saved: "this program writes such a file itself"}
        yield Finding(
            passed.argument,
            "a file that is loaded with `weights_only=False` can run any code; load only files that you trust",
            severity=Severity.WARNING if download is not None else None,
            related=tuple(Related(place.node, why) for place, why in known.items() if place is not None),
            fix=partial(_fix, facts, call),
        )


def _downloaded(facts: ModuleFacts, load: CallSite) -> CallSite | None:
    """Return the download of this module that gives, or writes to, what is loaded."""
    if not load.node.arguments:
        return None
    loaded = load.node.arguments[0].value
    wanted, origins = facts.text(loaded), facts.origins(loaded, load).items
    nodes = {node for item in origins for node in walk(item.node)}
    for call in facts.calls_to(*_DOWNLOADS):
        if call.node in nodes or any(facts.text(argument.value) == wanted for argument in call.node.arguments):
            return call
    return None


def _saved_here(facts: ModuleFacts, load: CallSite) -> CallSite | None:
    """Return the ``torch.save`` of this module that writes what is loaded: to the same expression."""
    if not load.node.arguments:
        return None
    wanted = facts.text(load.node.arguments[0].value)
    for save in facts.calls_to("torch.save"):
        target = facts.passed(save, "f", 1)
        if target.value is not None and facts.text(target.value) == wanted:
            return save
    return None


def _fix(facts: ModuleFacts, call: CallSite) -> Fix | None:
    value = facts.passed(call, "weights_only").value
    return Fix("load weights only", (replace(facts, value, "True"),), Safety.UNSAFE) if value is not None else None


RULE = Rule(
    name="torch-load-allows-code-execution",
    summary="`torch.load` with `weights_only=False` lets a file run code",
    framework=Framework.TORCH,
    category=Category.SECURITY,
    severity=Severity.INFO,
    why=(
        "A checkpoint is a pickle, and unpickling can call any function. `weights_only=True`, the default since 2.6, accepts tensors and plain containers only. "
        "`weights_only=False` trusts the file completely; for a downloaded checkpoint that is the same as running a downloaded program."
    ),
    tradeoffs={
        Cost.MAINTENANCE: "save a `state_dict` and plain values; register further classes with `torch.serialization.add_safe_globals`"
    },
    references=(
        Reference("torch.load", "https://docs.pytorch.org/docs/stable/generated/torch.load.html"),
        Reference(
            "Serialization semantics", "https://docs.pytorch.org/docs/stable/notes/serialization.html#weights-only"
        ),
    ),
    fires=(
        Fires(
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=False))
""",
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
""",
        ),
        Fires(
            """\
import torch
from huggingface_hub import hf_hub_download

def fetch(repository):
    path = hf_hub_download(repository, "model.bin")
    return torch.load(path, weights_only=False)
""",
            """\
import torch
from huggingface_hub import hf_hub_download

def fetch(repository):
    path = hf_hub_download(repository, "model.bin")
    return torch.load(path, weights_only=True)
""",
        ),
    ),
    quiet=(
        Quiet(
            """\
import torch

def restore(model, path):
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
""",
            because="only tensors and plain containers are accepted",
        ),
        Quiet(
            """\
import torch

def restore(path, trusted):
    return torch.load(path, weights_only=not trusted)
""",
            because="the caller decides whether the file is trusted",
        ),
    ),
    fix=FixKind.UNSAFE,
    fix_safety="a checkpoint that holds other objects than tensors and plain containers no longer loads",
    architect=Allowance(
        keywords={"torch.load:weights_only": Choice(("True",))},
        advice="Load weights only. A file with other objects in it has to be saved anew; do not allow its types here.",
    ),
    evidence=Shown(
        "tests/evidence/test_torch_load_allows_code_execution.py::test_weights_only_false_runs_code_from_the_file"
    ),
    detect=detect,
)
