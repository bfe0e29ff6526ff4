"""Model replies in the grammar, for the scripted endpoint: they find the nonce in the prompt, as a model would."""

import re

from endpoint import Exchange, says

SECTIONS = """\
## approach
Clear the gradients after each step.
## values
none
## tradeoffs
maintenance: one more line
## verify
Check the file again.
## expect
The loss falls.
## next
Nothing.
"""


def nonce_of(exchange: Exchange) -> str:
    """Return the nonce that the prompt names."""
    return re.search(r"The nonce is (\w+)\.", exchange.seen.body["messages"][1]["content"])[1]


def replies(blocks: str, opener: str = "FIX", sections: str = SECTIONS):
    """Return a behaviour that answers in the envelope that the prompt asks for."""

    def behave(exchange: Exchange) -> None:
        nonce = nonce_of(exchange)
        says(f"<<<{opener} {nonce}>>>\n{sections}{blocks}<<<END {nonce}>>>\n")(exchange)

    return behave


def declines(reason: str):
    """Return a behaviour that declines."""

    def behave(exchange: Exchange) -> None:
        nonce = nonce_of(exchange)
        says(f"<<<DECLINE {nonce}>>>\n{reason}\n<<<END {nonce}>>>\n")(exchange)

    return behave


def block(old: str, new: str, line: int = 1, region: str = "R1") -> str:
    """Return one block that puts `new` in the place of `old`."""
    return f"<<<EDIT {region} line={line}>>>\n<<<OLD>>>\n{old}<<<NEW>>>\n{new}<<<DONE>>>\n"
