"""What the service answers in a second, beside the Python interface in the same run; and whether it lasts.

    python -m tests.benchmarks.service [--model MODEL] [--seconds 3] [--rounds 3] [--minutes 10] [--malformed 2000]

The service, the clients and the Python interface are a process each. The clients keep their connections, and ask again as soon
as they are answered. The Python interface gets the same texts, as many a call as a request has. Both are measured in turn, and
the median of the rounds counts. With `--minutes` the service then works at full load, while another model of the same kind
takes its place every half minute. With `--malformed` it gets requests that make no sense.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attnclf import bundle as bundles
from attnclf.config import Config
from attnclf.data import read_table
from tests.benchmarks.cold_start import train
from tests.benchmarks.malformed import requests
from tests.conftest import SAMPLE

CLIENTS, SIZES = (1, 8, 64), (1, 32)
LOADED = 64  # clients at full load
TEXTS = 2_048
PAUSE = 30.0  # seconds between two models that take each other's place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="one that is trained; else one is trained on sample_data")
    parser.add_argument("--data", type=Path, default=SAMPLE / "test.csv", help="the texts that are asked for")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--malformed", type=int, default=0)
    parser.add_argument("--api", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--load", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.api or asked.load:
        texts = texts_of(asked.data)
        print(json.dumps(in_python(asked.api, texts) if asked.api else asyncio.run(load(asked.load, texts))))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        if asked.model:
            shutil.copytree(asked.model, model)
        else:
            train(SAMPLE / "train.csv", model, "word")
        with service(model) as running:
            if asked.rounds:
                speed(running.port, model, asked.data, asked.seconds, asked.rounds)
            if asked.malformed:
                print(f"\n{asked.malformed:,} malformed requests: {malformed(running.port, model.name, asked.malformed)}")
            if asked.minutes:
                last(running, model, asked.data, asked.minutes)


def texts_of(data: Path) -> list[str]:
    """Texts of a table, as many as are asked for again and again."""
    texts = list(read_table([data], Config().data).texts)
    return (texts * (TEXTS // len(texts) + 1))[:TEXTS]


@dataclass
class Running:
    """The service's process, and where it listens."""

    process: "subprocess.Popen[str]"
    port: int


@contextmanager
def service(model: Path) -> Iterator[Running]:
    """`attnclf serve` in a process, which must end in order."""
    command = [sys.executable, "-m", "attnclf", "serve", "--port", "0", "-m", str(model)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    port = 0
    for line in process.stderr:
        port = json.loads(line).get("port", port)
        if '"ready"' in line:
            break
    reading = threading.Thread(target=lambda: [None for _ in process.stderr or ()], daemon=True)  # a pipe must not fill
    reading.start()
    try:
        yield Running(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        print(f"\nended with exit code {process.wait(60)}")


# Speed.


def speed(port: int, model: Path, data: Path, seconds: float, rounds: int) -> None:
    """Prints a row for each number of texts and clients."""
    print("| texts a request | clients | requests/s | p50, ms | p99, ms | texts/s | Python, texts/s | ratio |\n|" + "---|" * 8)
    for size in SIZES:
        for clients in CLIENTS:
            pairs = [
                (
                    child("--api", str(model), size, seconds, data=data),
                    child("--load", port, clients, size, seconds, data=data),
                )
                for _ in range(rounds)
            ]
            python = statistics.median(api["texts"] for api, _ in pairs)
            by = {key: statistics.median(found[key] for _, found in pairs) for key in ("requests", "p50", "p99")}
            errors = sum(found["errors"] for _, found in pairs)
            ratio = statistics.median(size * found["requests"] / api["texts"] for api, found in pairs)
            cells = [size, clients, f"{by['requests']:,.0f}", f"{by['p50']:.1f}", f"{by['p99']:.1f}"]
            cells += [f"{size * by['requests']:,.0f}", f"{python:,.0f}", f"{ratio:.2f}"]
            print(f"| {' | '.join(map(str, cells))} |{f' {errors} errors' if errors else ''}", flush=True)


def child(kind: str, *arguments: Any, data: Path) -> dict[str, Any]:
    """What a process of its own measures."""
    command = [sys.executable, "-m", "tests.benchmarks.service", "--data", str(data), kind, *map(str, arguments)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def in_python(asked: list[str], texts: list[str]) -> dict[str, float]:
    """Texts a second that the Python interface answers, so many a call."""
    model, size, seconds = asked
    import warnings

    import attnclf

    warnings.simplefilter("ignore")
    classifier = attnclf.load(model)
    parts = [texts[start : start + int(size)] for start in range(0, len(texts), int(size))]
    list(classifier.predictions(texts))  # the words are known, as they are to a service that has run for a while
    began, answered = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < float(seconds):
        answered += len(list(classifier.predictions(parts[answered // int(size) % len(parts)])))
    return {"texts": answered / spent}


class Client(asyncio.Protocol):
    """Asks again as soon as it is answered, until the time is over."""

    def __init__(self, bodies: list[bytes], number: int, end: float, found: list[float], statuses: Counter[str]) -> None:
        self._bodies, self._number, self._end, self._found, self._statuses = bodies, number, end, found, statuses
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._number += 1
        self._began = time.perf_counter()
        self._transport.write(self._bodies[self._number % len(self._bodies)])

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, _, body = self._buffer.partition(b"\r\n\r\n")
        if not _ or len(body) < int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0]):
            return
        self._buffer = b""
        now = time.perf_counter()
        self._found.append(now - self._began)
        self._statuses[head[9:12].decode()] += 1
        if now < self._end:
            self._ask()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._end:
            self._statuses["lost"] += 1
        if not self.done.done():
            self.done.set_result(None)


async def load(asked: list[str], texts: list[str]) -> dict[str, float]:
    """Requests a second, latencies in milliseconds, and what was not answered with 200."""
    port, clients, size, seconds = asked
    bodies = []
    for start in range(0, len(texts), int(size)):
        body = json.dumps({"texts": texts[start : start + int(size)]}, ensure_ascii=False).encode()
        head = f"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        bodies.append(head.encode() + body)
    found: list[float] = []
    statuses: Counter[str] = Counter()
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    end = began + float(seconds)
    protocols = [
        (
            await loop.create_connection(
                lambda n=n: Client(bodies, 97 * n, end, found, statuses),
                "127.0.0.1",
                int(port),
            )
        )[1]
        for n in range(int(clients))
    ]
    await asyncio.gather(*(one.done for one in protocols))
    spent = time.perf_counter() - began
    p50, p99 = (1000 * float(value) for value in np.percentile(found, [50, 99]))
    errors = sum(statuses.values()) - statuses["200"]
    return {"requests": len(found) / spent, "p50": p50, "p99": p99, "errors": errors, "answered": len(found)}


# Endurance.


def last(running: Running, model: Path, data: Path, minutes: float) -> None:
    """Prints what a long time at full load does to memory, and whether anything was lost."""
    ended = threading.Event()
    replacing = threading.Thread(target=replace_again_and_again, args=(model, ended))
    replacing.start()
    answered = errors = 0
    end = time.monotonic() + 60 * minutes
    print("\n| minute | requests | errors | p99, ms | memory, MB | models taken over |\n|---|---|---|---|---|---|")
    minute = 0
    while time.monotonic() < end:
        minute += 1
        found = child("--load", running.port, LOADED, 8, min(60.0, end - time.monotonic()), data=data)
        answered, errors = answered + int(found["answered"]), errors + int(found["errors"])
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/model", timeout=60) as answer:
            over = json.load(answer)["taken_over"]
        cells = [minute, f"{int(found['answered']):,}", int(found["errors"]), f"{found['p99']:.0f}", memory(running), over]
        print(f"| {' | '.join(map(str, cells))} |", flush=True)
    ended.set()
    replacing.join()
    print(f"\n{answered:,} requests in {minutes:g} minutes, {errors} of them not answered with 200")


def memory(running: Running) -> int:
    """Resident memory in MB."""
    pages = int(Path(f"/proc/{running.process.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def replace_again_and_again(model: Path, ended: threading.Event) -> None:
    """The same model with another note among its scores, and so another checksum, takes the model's place."""
    bundle = bundles.load(model)
    files = {name: bundle.read(name) for name in bundles.FILES}
    number = 0
    while not ended.wait(PAUSE):
        number += 1
        facts = bundle.label_type, bundle.shares, bundle.accounts
        bundles.write(model, files, bundle.config, bundle.labels, dict(bundle.scores) | {"copy": number}, *facts)


def malformed(port: int, name: str, count: int) -> str:
    """How such requests were answered, by status."""
    import http.client

    statuses: Counter[str] = Counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for method, path, body, headers in requests(name, count):
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            statuses[str(answer.status)] += 1
        except (http.client.HTTPException, OSError):
            statuses["no answer"] += 1
            connection.close()
    return ", ".join(f"{number:,} × {status}" for status, number in sorted(statuses.items()))


if __name__ == "__main__":
    main()
