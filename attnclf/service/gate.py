"""What every request passes before a route sees it, and what is told of it afterwards: name, token, limits, log, metrics."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from attnclf.service.limits import Counted, Limits
from attnclf.service.logs import Log, Told, request_id
from attnclf.service.metrics import Metrics
from attnclf.service.refusals import FAILED, Refused

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN = ("/", "/openapi.json", "/health/live", "/health/ready", "/v2/health/live", "/v2/health/ready")  # need no token
OPEN_FOLDER = "/page/files/"  # what the page is made of
UNCOUNTED = ("/health/", "/v2/health/", "/metrics")  # asked for by machines, and never refused for their number


class Gate:
    """An ASGI application around another. A `token`, if there is one, is asked for in `Authorization: Bearer TOKEN`."""

    def __init__(self, app: App, limits: Limits, log: Log, metrics: Metrics, token: str = "") -> None:
        self._app, self._limits, self._log, self._metrics = app, limits, log, metrics
        self._token = token.encode()
        self._counted = Counted(limits)
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        else:  # a websocket: there are none
            await send({"type": "websocket.close", "code": 1000})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = {name.lower(): value for name, value in scope["headers"]}
        told = scope["told"] = Told(id=request_id(headers.get(b"x-request-id", b"").decode("latin-1")))
        answer = Answer(send, told)
        self._in_flight += 1
        self._metrics.in_flight.inc()
        try:
            whole = await self._let_in(scope, headers, receive)
            await self._app(scope, whole, answer.send)
        except Refused as refused:
            await answer.refuse(refused)
        except Exception:
            self._log.failure(told)
            await answer.refuse(FAILED)
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.dec()
            seconds = time.perf_counter() - began
            self._metrics.request(told, scope["method"], answer.status, seconds)
            client = _client(scope)
            self._log.request(
                told, method=scope["method"], path=scope["path"], status=answer.status, seconds=seconds, client=client
            )

    async def _let_in(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        """Reads the whole body, and returns what gives it again. Raises Refused."""
        path = scope["path"]
        if self._token and not (path in OPEN or path.startswith(OPEN_FOLDER)):
            self._check_token(headers.get(b"authorization", b""))
        if not path.startswith(UNCOUNTED):
            if self._in_flight > self._limits.in_flight:
                raise Refused(503, f"{self._limits.in_flight:,} requests are here already", hint="try again", retry_after=1)
            if path != "/" and not path.startswith(OPEN_FOLDER):  # the page is of five parts, asked for at once
                self._counted.check(_client(scope))
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._limits.body:
            raise self._limits.too_large()
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._body(receive)
        except TimeoutError:
            raise Refused(408, f"the body did not arrive within {self._limits.seconds:g} s") from None
        messages = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def again() -> MutableMapping[str, Any]:
            return next(messages, None) or await receive()

        return again

    async def _body(self, receive: Receive) -> bytes:
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] != "http.request":  # the client went away
                raise Refused(400, "the body ended too early")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self._limits.body:
                raise self._limits.too_large()
            if not message.get("more_body"):
                return b"".join(parts)

    def _check_token(self, given: bytes) -> None:
        scheme, _, token = given.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token):
            raise Refused(401, "the token is missing or wrong", hint="send the header 'Authorization: Bearer TOKEN'")


class Answer:
    """Sends an answer with the name of its request, and remembers its status."""

    def __init__(self, send: Send, told: Told) -> None:
        self._send, self._told = send, told
        self.status = 499  # of a request whose client went away before it was answered
        self._begun = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Sends a part of the answer."""
        if message["type"] == "http.response.start":
            self._begun, self.status = True, message["status"]
            message = dict(message) | {"headers": [*message.get("headers", ()), *self._always()]}
        await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        """Sends a refusal, unless another answer has begun."""
        if self._begun:
            return
        body = refused.body()
        headers = {"content-type": "application/json", "content-length": str(len(body))} | refused.headers
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": refused.status, "headers": encoded})
        await self.send({"type": "http.response.body", "body": body})

    def _always(self) -> list[tuple[bytes, bytes]]:
        return [(b"x-request-id", self._told.id.encode()), (b"x-content-type-options", b"nosniff")]


def _client(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""
