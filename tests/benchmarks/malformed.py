"""Requests that make no sense, made by hand and by chance: none of them may bring a service to answer 500."""

import json
import random
from collections.abc import Iterator
from typing import Any

Request = tuple[str, str, bytes, dict[str, str]]
JSON = {"Content-Type": "application/json"}

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    "",
    " ",
    "\x00",
    "\ud800",
    "\u202e\u2066",
    "👩‍👩‍👧‍👦" * 50,
    "가" * 500,
    "a" * 20_001,
    [],
    [[]],
    [None],
    ["a"] * 1_001,
    ["a", 1],
    {},
    {"a": "b"},
    {"text": {"text": "a"}},
    [{"text": "a"}],
    {"fake": 0.5},
    {"fake": 1e-300},
    {"fake": "half"},
    {"": 0.5},
)
NAMES = ("text", "texts", "accounts", "prior", "target", "against", "by", "account", "most", "instances", "inputs", "id", "x")
RAW: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"NaN",
    b'{"text": NaN}',
    b'{"text": "\xff\xfe"}',
    b"\xef\xbb\xbf{}",
    "{}".encode("utf-16"),
    b'{"text": "a", "text": "b"}',
    b"[" * 5_000,
    b'{"a":' * 5_000,
    b"1" * 5_000,
    b'{"text": "\\ud800\\udc00\\ud800"}',
    b"\x00" * 100,
    b"text=a",
)
TYPES = ("application/json", "text/plain", "", "application/json; charset=utf-7", "multipart/form-data", "\xff", "a/b/c")
PATHS = (
    "/predict",
    "/explain",
    "/v1/models/{}:predict",
    "/v1/models/{}:explain",
    "/v2/models/{}/infer",
    "/page/text",
    "/page/file",
)
OTHERS = (
    "/",
    "/model",
    "/metrics",
    "/health/live",
    "/v2",
    "/v1/models/%00",
    "/v2/models/..%2f..",
    "/%ff",
    "/page/files/%2e%2e",
    "//",
)


def requests(name: str, count: int, seed: int = 0) -> Iterator[Request]:
    """So many requests to a service whose model has this name: method, path, body, headers."""
    rng = random.Random(seed)
    for number in range(count):
        path = rng.choice(PATHS).format(name if rng.random() < 0.9 else "other")
        kind = number % 8
        if kind == 0:
            yield "POST", path, rng.choice(RAW), JSON
        elif kind == 1:
            yield rng.choice(("GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE")), path, b"", {}
        elif kind == 2:
            yield "POST", path, b'{"text": "a"}', {"Content-Type": rng.choice(TYPES)}
        elif kind == 3:
            yield "GET", rng.choice(OTHERS) + rng.choice(("", "?a=b", "?name=%ff", "?" + "a" * 3_000)), b"", {}
        elif kind == 4:
            yield "POST", path, _cut(_body(rng), rng), JSON
        elif kind == 5 and path.endswith("infer"):
            yield "POST", path, _encoded({"inputs": [_tensor(rng) for _ in range(rng.randrange(3))]}), JSON
        else:
            yield "POST", path, _body(rng), JSON


def _body(rng: random.Random) -> bytes:
    """An object with some of the names that there are, most with a wrong value."""
    base: dict[str, Any] = {"text": "DM me"} if rng.random() < 0.5 else {"texts": ["DM me", "a"]}
    return _encoded(base | {name: rng.choice(VALUES) for name in rng.sample(NAMES, rng.randrange(1, 4))})


def _tensor(rng: random.Random) -> Any:
    whole = {"name": "text", "shape": [1], "datatype": "BYTES", "data": ["a"]}
    return whole | {rng.choice(list(whole)): rng.choice((*VALUES, [2], [1, 1], [0], "INT64"))}


def _cut(body: bytes, rng: random.Random) -> bytes:
    """The body with a byte changed, or cut."""
    place = rng.randrange(len(body))
    return body[:place] + (bytes([rng.randrange(256)]) + body[place + 1 :] if rng.random() < 0.5 else b"")


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
