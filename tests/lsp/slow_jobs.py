"""Jobs for the worker process that do what no real job should."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ml_architect.lsp import worker


@dataclass(frozen=True)
class Echo:
    value: object

    def run(self, _):
        return self.value


@dataclass(frozen=True)
class Sleep:
    seconds: float

    def run(self, _):
        time.sleep(self.seconds)
        return self.seconds


class Crash:
    def run(self, _):
        os._exit(9)


class Fail:
    def run(self, _):
        int("on purpose")


class HasNothingToDo:
    def run(self, backend):
        return backend.ahead.is_done


class FolderIsOnPath:
    def run(self, _):
        print("standard output is not the pipe")
        return str(Path.cwd()) in sys.path or "" in sys.path


@dataclass(frozen=True)
class Limit:
    seconds: int

    def run(self, _):
        worker.JOB_SECONDS = self.seconds
