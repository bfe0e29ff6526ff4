"""Files, folders and their settings: everything that touches the disk."""

from ml_architect.project.config import ProjectSettings, find_settings
from ml_architect.project.documents import decode_source, encode_source, read_source, revised, write_source
from ml_architect.project.environment import environment_for, interpreter_for
from ml_architect.project.files import FoundFiles, python_files
from ml_architect.project.notebooks import NOTEBOOK_SUFFIX, is_notebook
from ml_architect.project.problems import ProblemKind, ReadProblem, WriteError

__all__ = [
    "NOTEBOOK_SUFFIX",
    "FoundFiles",
    "ProblemKind",
    "ProjectSettings",
    "ReadProblem",
    "WriteError",
    "decode_source",
    "encode_source",
    "environment_for",
    "find_settings",
    "interpreter_for",
    "is_notebook",
    "python_files",
    "read_source",
    "revised",
    "write_source",
]
