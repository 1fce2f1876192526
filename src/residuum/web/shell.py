"""The outermost layer: headers that every answer carries, the limit of a body, the log."""

import logging
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.exceptions import HTTPException

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY: Final = 1024 * 1024
LARGEST_WITHOUT_COOKIE: Final = 16 * 1024
HEADERS: Final = (
    (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
_TOO_LARGE: Final = b'{"error":"too_large","message":"the body is too large"}'
_FAULT: Final = (
    b'{"error":"fault","message":"Residuum has a fault; the log of the server names this request","request":"%s"}'
)
_FOREIGN: Final = b'{"error":"foreign_origin","message":"the request comes from a page of another site"}'
log: Final = logging.getLogger("residuum.server")


class Shell:
    """Wraps an application.

    The log names method, route (never the path, which may hold a scan), status, time and request; of a fault its
    kind and place in the code, never its message, which may hold data.
    """

    def __init__(self, app: App, new_request: Callable[[], str], *, secure: bool = False) -> None:
        self.app, self.new_request = app, new_request
        self.headers = HEADERS + (((b"strict-transport-security", b"max-age=31536000"),) if secure else ())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self.headers, scope, receive, send, self.new_request()[:22])
        if refused := _refused(scope):
            await exchange.answer(*refused)
        else:
            await exchange.run(self.app)
        exchange.write_log()


class _TooLargeError(HTTPException):  # the framework answers these, wherever in it the body is read
    def __init__(self) -> None:
        super().__init__(413, "the body is too large")


class _Exchange:
    def __init__(
        self, headers: tuple[tuple[bytes, bytes], ...], scope: Scope, receive: Receive, send: Send, request: str
    ) -> None:
        self.headers, self.scope, self.receive, self.send, self.request = headers, scope, receive, send, request
        scope["residuum.request"] = request
        self.status, self.received, self.began = 0, 0, time.perf_counter()
        self.largest = _largest_body(scope)

    async def run(self, app: App) -> None:
        try:
            await app(self.scope, self._receive, self._send)
        except _TooLargeError:
            await self.answer(413, _TOO_LARGE)
        except Exception as error:  # the last resort: whatever went wrong is logged in one place
            places = "; ".join(
                f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)
            )
            log.error("%s fault %s at %s", self.request, type(error).__name__, places)
            await self.answer(500, _FAULT % self.request.encode())

    async def answer(self, status: int, body: bytes) -> None:
        if self.status:
            return  # the answer has begun; the connection ends without its end
        await self._send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await self.send({"type": "http.response.body", "body": body})

    def write_log(self) -> None:
        route = getattr(self.scope.get("route"), "path", "-")
        elapsed = (time.perf_counter() - self.began) * 1000
        log.info("%s %s %s %d %.0f ms", self.request, self.scope["method"], route, self.status, elapsed)

    async def _receive(self) -> Message:
        message = await self.receive()
        self.received += len(message.get("body", b""))
        if self.received > self.largest:
            raise _TooLargeError
        return message

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            named = {name.lower() for name, _ in own}
            message["headers"] = [*own, *(header for header in self.headers if header[0] not in named)]
        await self.send(message)


def _largest_body(scope: Scope) -> int:
    """Return how long a body may be: who is not signed in has nothing to say but name and password."""
    return LARGEST_BODY if any(name == b"cookie" for name, _ in scope["headers"]) else LARGEST_WITHOUT_COOKIE


def _refused(scope: Scope) -> tuple[int, bytes] | None:
    """Return the refusal of a body that says it is too large, or of a page of another site; else None."""
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > _largest_body(scope):
        return 413, _TOO_LARGE
    origin = headers.get(b"origin")
    if origin and scope["method"] not in ("GET", "HEAD") and origin.partition(b"://")[2] != headers.get(b"host"):
        return 403, _FOREIGN
    return None
