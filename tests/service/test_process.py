"""`attnclf serve` as a process: it says where it listens, ends in order at SIGTERM, and finishes what has begun."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.service.conftest import NEEDED, Service

pytest.importorskip("fastapi", reason=NEEDED)

PATIENCE = 60.0  # seconds


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], Service]]:
    """The command, once it listens."""
    started = subprocess.Popen(
        [sys.executable, "-m", "attnclf", "serve", "--port", "0", *map(str, arguments)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    )
    assert started.stderr is not None
    lines: list[str] = []
    for line in started.stderr:
        lines.append(line)
        if '"ready"' in line:
            break
    else:
        pytest.fail("".join(lines))
    facts = next(json.loads(line) for line in lines if '"listening"' in line)
    try:
        yield started, Service(facts["port"], environment.get("ATTNCLF_TOKEN", ""), lines)
    finally:
        started.kill()
        started.wait()
        started.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_when_what_has_begun_is_answered(judging_path: Path, number: signal.Signals) -> None:
    with process("-m", judging_path) as (started, service):
        assert service.post("/predict", {"text": "a"})["predictions"]
        body = json.dumps({"text": "DM me"}).encode()
        connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)
        connection.putrequest("POST", "/predict")
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", str(len(body)))
        connection.endheaders()
        connection.send(body[:5])
        while b"attnclf_requests_in_flight 2.0" not in service.ask("GET", "/metrics")[2]:
            pass  # the request has begun
        started.send_signal(number)
        assert started.stderr is not None
        rest: list[str] = []
        reading = threading.Thread(target=lambda: rest.extend(started.stderr))
        reading.start()
        with pytest.raises(OSError):  # it takes no more
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                socket.create_connection(("127.0.0.1", service.port), PATIENCE).close()
                time.sleep(0.01)
        connection.send(body[5:])
        answer = connection.getresponse()
        assert answer.status == 200
        assert json.loads(answer.read())["predictions"]
        connection.close()
        assert started.wait(PATIENCE) == 0
        reading.join(PATIENCE)
    assert '"ended"' in rest[-1]
    assert not any("Traceback" in line for line in rest)


def test_a_token_in_the_environment(judging_path: Path) -> None:
    with process("-m", judging_path, ATTNCLF_TOKEN="a-long-token") as (_, service):
        assert service.post("/predict", {"text": "a"})["predictions"]
        assert service.refused("/predict", {"text": "a"}, headers={"authorization": "Bearer b"})["status"] == 401


def test_without_a_token_all_networks_are_warned_of(judging_path: Path) -> None:
    with process("-m", judging_path, "--host", "0.0.0.0") as (_, service):
        assert service.get("/health/live")
        assert any("--token-file" in line for line in service.lines)
    for host in ("127.0.0.1", "127.1"):
        with process("-m", judging_path, "--host", host) as (_, service):
            assert not any("token" in line for line in service.lines)


def test_only_the_proxy_that_is_named_is_believed(judging_path: Path) -> None:
    for options, counted in (
        ((), "127.0.0.1"),
        (("--proxy", "127.0.0.0/8"), "203.0.113.9"),
        (("--proxy", "10.0.0.1"), "127.0.0.1"),
    ):
        with process("-m", judging_path, *options) as (started, service):
            service.ask("GET", "/model", headers={"x-forwarded-for": "203.0.113.9"})
            line = next(line for line in started.stderr or () if '"request"' in line)
            assert json.loads(line)["client"] == counted


def test_a_port_that_is_taken(judging_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "-m", "attnclf", "serve", "--port", port, "-m", str(judging_path)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in result.stderr
    assert "--port" in result.stderr


def test_answers_are_sent_at_once() -> None:
    """Nagle's algorithm would hold the body back until the client has acknowledged the head."""

    async def of_a_connection(bound: socket.socket) -> int:
        met: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            met.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(meet, sock=bound):
            _, writer = await asyncio.open_connection(*bound.getsockname()[:2])
            writer.close()
            return await met

    from attnclf.service.serving import listening

    with listening("127.0.0.1", 0) as bound:
        assert asyncio.run(of_a_connection(bound)) != 0
