"""Runs the service until it is told to end, and then finishes what has begun."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from attnclf.errors import UsageError
from attnclf.service.app import create_app
from attnclf.service.limits import Limits
from attnclf.service.logs import Log

BACKLOG = 2_048


def serve(
    path: Path,
    host: str,
    port: int,
    log: Log,
    limits: Limits,
    token: str = "",
    at: Callable[[str, str], None] = lambda *_: None,
    proxy: str = "",
) -> None:
    """Serves the model at `path` until SIGTERM or Ctrl-C: then what has begun is finished, and this returns.

    A second Ctrl-C ends at once. Port 0 takes any that is free; the log says which, and `at` is told the address listened at
    and the URL of the page. `proxy` is the address or network of what may say for whom it asks, "" for none.
    Raises ModelError where there is no model, and UsageError where the address cannot be had.
    """
    app = create_app(path, log, limits, token)
    with listening(host, port) as bound:
        address, number = bound.getsockname()[:2]
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=int(limits.seconds) + 5,
            ws="none",
            # By default uvicorn believes whoever asks from this machine, and clients could be counted under any name.
            proxy_headers=bool(proxy),
            forwarded_allow_ips=proxy,
        )
        _say_in(log)
        log.event("listening", host=address, port=number)
        at(address, url_of(address, number))
        server = uvicorn.Server(config)
        server.capture_signals = lambda: _ending(server.handle_exit)
        server.run([bound])


def url_of(address: str, port: int) -> str:
    """Where a browser on this machine finds what listens at an address.

    >>> url_of("0.0.0.0", 80), url_of("::1", 8000)
    ('http://127.0.0.1:80', 'http://[::1]:8000')
    """
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)
    return f"http://[{here}]:{port}" if ":" in here else f"http://{here}:{port}"


@contextmanager
def _ending(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Signals end the server in order. Unlike uvicorn this does not raise them afterwards: to end so is what was asked."""
    try:
        before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:  # not the main thread, which has no signals
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens. Raises UsageError."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # asyncio sends at once (TCP_NODELAY) only on sockets that name their protocol. Else the body of an answer waits until
        # the client has acknowledged its head, 40 ms.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"`host` is '{host}': there is no such address here", hint="127.0.0.1, or 0.0.0.0 for all") from error
    with bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(address)
            bound.listen(BACKLOG)
        except (OSError, OverflowError) as error:
            problem = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"cannot listen on {host} port {port}: {problem}", hint="name another with `port`") from error
        yield bound


class _Lines(logging.Handler):
    """Hands what uvicorn says to the service's log."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.event("server", warning=True, message=record.getMessage())


def _say_in(log: Log) -> None:
    logger = logging.getLogger("uvicorn")
    logger.handlers = [_Lines(log)]
    logger.propagate = False
