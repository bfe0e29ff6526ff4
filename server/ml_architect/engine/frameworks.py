"""Whether a file can be of interest at all, from its text."""

import re
from typing import Final

__all__ = ["FRAMEWORKS", "imports_framework"]

FRAMEWORKS: Final = (
    "accelerate",
    "apex",
    "catboost",
    "datasets",
    "deepspeed",
    "diffusers",
    "efficientnet_pytorch",
    "fastai",
    "ignite",
    "imblearn",
    "keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "keras_tuner",
    "kornia",
    "lightgbm",
    "lightning",
    "lightning_fabric",
    "monai",
    "pandas",
    "peft",
    "pytorch_lightning",
    "segmentation_models_pytorch",
    "sentence_transformers",
    "sklearn",
    "tensorflow",
    "tensorflow_datasets",
    "tf_keras",
    "timm",
    "torch",
    "torch_geometric",
    "torch_xla",
    "torchaudio",
    "torchdata",
    "torchmetrics",
    "torchtext",
    "torchvision",
    "transformers",
    "trl",
    "xgboost",
)
"""The top-level packages whose import makes a file worth parsing."""

_WORD = re.compile(rf"\b(?:{'|'.join(FRAMEWORKS)})\b")
_IMPORT = re.compile(r"\b(?:import|from)\b")
_LINE_END = re.compile(r"\r\n|\n|\r|\Z")


def imports_framework(text: str) -> bool:
    """Return whether a line of `text` seems to import a framework; never False where one does.

    A line counts that holds ``import`` or ``from`` and the name of a framework, wherever they stand (also in a
    string). Lines that a backslash continues count as one.
    """
    position = 0
    while match := _WORD.search(text, position):
        start = _logical_start(text, match.start(), position)
        position = _logical_end(text, match.end())
        if _IMPORT.search(text, start, position):
            return True
    return False


def _logical_start(text: str, offset: int, floor: int) -> int:
    """Return where the line of `offset`, with the lines that continue into it, starts; not before `floor`."""
    while offset > floor:
        start = max(text.rfind("\n", floor, offset), text.rfind("\r", floor, offset)) + 1
        if start <= floor:
            return floor
        line_break = start - 2 if text[start - 2 : start] == "\r\n" else start - 1
        if text[line_break - 1 : line_break] != "\\":
            return start
        offset = line_break
    return floor


def _logical_end(text: str, offset: int) -> int:
    """Return where the line of `offset`, with the lines that it continues into, ends."""
    while match := _LINE_END.search(text, offset):
        if text[match.start() - 1 : match.start()] != "\\" or match.end() == len(text):
            return match.end()
        offset = match.end()
    return len(text)
