"""How the server and its worker process talk: pickled values, each after its length."""

import pickle
import struct
from dataclasses import dataclass
from typing import BinaryIO

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job: its result, or else what went wrong."""

    result: object = None
    error: str | None = None


def send(stream: BinaryIO, value: object) -> None:
    """Write `value`.

    Raises:
        OSError: if the other side is gone.
    """
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> object:
    """Read the next value.

    Raises:
        EOFError: if the other side is gone.
    """
    (size,) = _LENGTH.unpack(_read(stream, _LENGTH.size))
    return pickle.loads(_read(stream, size))  # noqa: S301 - both ends of the pipe are ours


def _read(stream: BinaryIO, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return body
