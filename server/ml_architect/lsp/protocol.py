"""pygls' protocol, corrected where a request would stay without its one answer.

Everything here was seen to go wrong with pygls 2.1; the tests in ``tests/lsp`` hold each cure.
"""

import logging
from collections.abc import Generator
from concurrent.futures import Future
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import RPCMessage, RPCRequest

logger = logging.getLogger(__name__)


class RefusalError(JsonRpcException):
    """An answer that is an error on purpose: nothing has gone wrong, and nothing is logged."""


class Protocol(LanguageServerProtocol):
    """Answers every request exactly once."""

    _greeted = False

    @property
    def was_shut_down(self) -> bool:
        """Whether the editor has asked for a shutdown."""
        return self._shutdown

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401
        """Read one JSON object. pygls drops a request with wrong parameters; here it is refused.

        An answer of the wrong form is one all the same: whoever waits for it is told.
        """
        is_request = "jsonrpc" in data and "method" in data and "id" in data
        if is_request and self.get_message_type(data["method"]) is None:
            data.setdefault("params", None)  # pygls cannot read an unknown request without parameters
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if is_request:
                self._send_response(data["id"], error=error.to_response_error())
            elif "id" in data and (waiting := self._request_futures.pop(data["id"], None)) is not None:
                waiting.set_exception(error)  # pygls would let who asked the editor wait for ever
            raise

    def handle_message(self, message: RPCMessage) -> None:
        """Handle one message; requests before `initialize` and after `shutdown` are refused, not dropped."""
        method = getattr(message, "method", None)
        if method == types.INITIALIZE:
            self._greeted = True
        elif isinstance(message, RPCRequest) and self._shutdown:
            self._send_response(message.id, error=JsonRpcInvalidRequest("shutting down").to_response_error())
            return
        elif method is not None and method != types.EXIT and not self._greeted:
            if isinstance(message, RPCRequest):
                self._send_response(message.id, error=JsonRpcServerNotInitialized().to_response_error())
            return
        super().handle_message(message)

    def _send_handler_result(self, future: "Future[Any]", *, msg_id: int | str) -> None:
        """Send the answer to a request; pygls logs each error in it with a traceback."""
        error = None if future.cancelled() else future.exception()
        if isinstance(error, RefusalError):
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, error=error.to_response_error())
        else:
            super()._send_handler_result(future, msg_id=msg_id)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: object) -> Generator[Any, Any, None]:
        """Cancel all requests under way. pygls fails here, since their number changes while it counts."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        own = self.msg_id
        for number, future in list(self._request_futures.items()):
            if number != own and not future.done():
                future.cancel()
        self._shutdown = True
