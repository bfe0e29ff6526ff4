"""What a session may spend on models, and what it has spent."""

from dataclasses import dataclass
from math import ceil, inf

from ml_architect.architect.model.provider import ErrorKind, ProviderError, Usage

__all__ = ["CHARACTERS_PER_TOKEN", "Budget", "Ledger", "Reservation", "tokens_in"]

CHARACTERS_PER_TOKEN = 2.8
"""Below the 1st percentile (2.97) of 389 real training files, so that an estimate is rarely too low."""

_WARNING = 0.8


def tokens_in(characters: int) -> int:
    """Return the tokens that a text of so many characters may have; errs towards too many."""
    return ceil(characters / CHARACTERS_PER_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that one session may use; `money` in US dollars, None for no limit of its own."""

    requests: int = 50
    input_tokens: int = 200_000
    output_tokens: int = 50_000
    money: float | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call may use at worst, held back until it is settled."""

    input_tokens: int
    output_tokens: int


class Ledger:
    """Counts requests, tokens and money of a session. Not safe for use by several threads."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.requests = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.money = 0.0
        """US dollars of the calls whose price is known."""
        self.unpriced = 0
        """Calls whose price is not known."""
        self.estimated = 0
        """Calls whose tokens were counted from characters."""
        self._held: list[Reservation] = []

    def reserve(self, characters: int, max_tokens: int) -> Reservation:
        """Hold back the worst case of a call with a prompt of so many `characters`.

        Raises:
            ProviderError: (over budget) if it does not fit into what is left.
        """
        reservation = Reservation(tokens_in(characters), max_tokens)
        held = [*self._held, reservation]
        fits = (
            self.requests + len(held) <= self.budget.requests
            and self.input_tokens + sum(each.input_tokens for each in held) <= self.budget.input_tokens
            and self.output_tokens + sum(each.output_tokens for each in held) <= self.budget.output_tokens
            and (self.budget.money is None or self.money < self.budget.money)
        )
        if not fits:
            raise ProviderError(ErrorKind.OVER_BUDGET)
        self._held = held
        return reservation

    def settle(self, reservation: Reservation, usage: Usage | None, characters: int, requests: int = 1) -> Usage:
        """Book a call and return what was booked.

        Without the provider's own `usage` the reserved input and the `characters` received count, as an estimate;
        a call that sent no request is only released.
        """
        self._held = [each for each in self._held if each is not reservation]
        if requests == 0:
            return Usage(0, 0)
        booked = usage or Usage(reservation.input_tokens, tokens_in(characters), None, estimated=True)
        self.requests += requests
        self.input_tokens += booked.input_tokens
        self.output_tokens += booked.output_tokens
        self.money += booked.cost or 0.0
        self.unpriced += booked.cost is None
        self.estimated += booked.estimated
        return booked

    @property
    def used(self) -> float:
        """The largest share that is used up of any limit; 1 and more is the end."""
        pairs: list[tuple[float, float]] = [
            (self.requests, self.budget.requests),
            (self.input_tokens, self.budget.input_tokens),
            (self.output_tokens, self.budget.output_tokens),
        ]
        if self.budget.money is not None:
            pairs.append((self.money, self.budget.money))
        return max(spent / limit if limit else inf for spent, limit in pairs)

    @property
    def warning(self) -> str | None:
        """One line once most of the budget is used up, else None."""
        if self.used < _WARNING:
            return None
        share = "all" if self.used >= 1 else f"{self.used:.0%}"
        return f"{share} of this session's model budget is used: {self.summary()}"

    def summary(self) -> str:
        """Return one line for people."""
        about = "about " if self.estimated else ""
        return (
            f"{self.requests} of {self.budget.requests} requests, "
            f"{about}{self.input_tokens} of {self.budget.input_tokens} input tokens, "
            f"{about}{self.output_tokens} of {self.budget.output_tokens} output tokens, {self._cost()}"
        )

    def _cost(self) -> str:
        limit = "" if self.budget.money is None else f" of ${self.budget.money:.2f}"
        if self.unpriced and not self.money:
            return "cost unknown"
        more = f" and {self.unpriced} calls of unknown cost" if self.unpriced else ""
        return f"cost ${self.money:.4f}{limit}{more}"
