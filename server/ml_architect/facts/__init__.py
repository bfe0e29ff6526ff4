"""What a training engineer would say about the code: typed facts that answer yes, no or unknown."""

from ml_architect.facts.answer import Answer
from ml_architect.facts.arguments import Passed
from ml_architect.facts.constants import Known
from ml_architect.facts.environment import Environment, LibraryVersion
from ml_architect.facts.events import Event, EventKind
from ml_architect.facts.kinds import DATASETS, MODULES, SCHEDULERS
from ml_architect.facts.loaders import DataLoader
from ml_architect.facts.module import ModuleFacts
from ml_architect.facts.names import dotted_name
from ml_architect.facts.structure import CallSite, Class, Function, Site
from ml_architect.facts.training import Loop
from ml_architect.facts.values import At, Frame, Origin, Origins
from ml_architect.facts.words import EVALUATION, TRAIN, speaks_of, words

__all__ = [
    "DATASETS",
    "EVALUATION",
    "MODULES",
    "SCHEDULERS",
    "TRAIN",
    "Answer",
    "At",
    "CallSite",
    "Class",
    "DataLoader",
    "Environment",
    "Event",
    "EventKind",
    "Frame",
    "Function",
    "Known",
    "LibraryVersion",
    "Loop",
    "ModuleFacts",
    "Origin",
    "Origins",
    "Passed",
    "Site",
    "dotted_name",
    "speaks_of",
    "words",
]
