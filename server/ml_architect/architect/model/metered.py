"""A provider whose calls are booked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ml_architect.architect.model.ledger import Ledger
from ml_architect.architect.model.provider import Provider, ProviderError, Reply, Request

__all__ = ["Metered"]


@dataclass(frozen=True, slots=True)
class Metered:
    """Asks `provider` within the budget of `ledger`."""

    provider: Provider
    ledger: Ledger

    async def complete(self, request: Request, on_progress: Callable[[int], None]) -> Reply:
        """Return the reply with what was booked for it; a call that fails or is cancelled is booked too.

        Raises:
            ProviderError: if there is no whole reply, or no budget for one.
        """
        held = self.ledger.reserve(request.characters, request.max_tokens)
        received = sent = 0

        def progress(characters: int) -> None:
            nonlocal received, sent
            received = characters
            sent += characters == 0
            on_progress(characters)

        try:
            reply = await self.provider.complete(request, progress)
        except ProviderError as error:
            self.ledger.settle(held, None, received, error.requests)
            raise
        except BaseException:  # cancelled: the provider may count what it had begun
            self.ledger.settle(held, None, received, sent)
            raise
        booked = self.ledger.settle(held, reply.usage, len(reply.text), reply.requests)
        return replace(reply, usage=booked)
