"""Jobs for the worker process that do what no real job should."""

import os
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Echo:
    value: object

    def run(self, backend):
        return self.value


@dataclass(frozen=True)
class Sleep:
    seconds: float

    def run(self, backend):
        time.sleep(self.seconds)
        return self.seconds


class Crash:
    def run(self, backend):
        os._exit(9)


class Fail:
    def run(self, backend):
        raise ValueError("on purpose")


class WorkingFolder:
    def run(self, backend):
        import sys

        print("standard output is not the pipe")
        return os.getcwd() in sys.path or "" in sys.path
