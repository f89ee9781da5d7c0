"""A service that runs in a thread, on a model with random weights, and a client that asks it over a socket."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from attnclf.results import AccountRule
from tests.models import write_bundle

NEEDED = "needs the extra `serve`: `make test-service` installs it and runs this"
RULE = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.2, 0.3, 0.5), 40, account_model=0.7)


@dataclass
class Service:
    """A running service: where it listens, and what it logged."""

    port: int
    token: str = ""
    lines: list[str] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of an answer. A `body` that is not bytes goes as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        plain = body is None or isinstance(body, bytes)
        sent = {"authorization": f"Bearer {self.token}"} if self.token else {}
        sent |= {} if body is None else {"content-type": "application/json"}
        try:
            given = {name.lower(): value for name, value in (headers or {}).items()}
            connection.request(method, path, body if plain else json.dumps(body).encode(), sent | given)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON at a path."""
        status, _, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, body: Any) -> Any:
        """The JSON that is answered to JSON."""
        status, _, answer = self.ask("POST", path, body)
        assert status == 200, answer
        return json.loads(answer)

    def refused(self, path: str, body: Any, method: str = "POST", headers: dict[str, str] | None = None) -> dict[str, Any]:
        """The error that is answered, in its one form."""
        status, received, answer = self.ask(method, path, body, headers)
        assert received["content-type"] == "application/json"
        error: dict[str, Any] = json.loads(answer)["error"]
        assert set(error) == {"status", "code", "message", "hint", "details"}
        assert error["status"] == status >= 400
        return error

    @property
    def logged(self) -> list[dict[str, Any]]:
        """What was logged, line by line."""
        return [json.loads(line) for line in self.lines]


Serve = Callable[..., Any]


@contextmanager
def serving(path: Path, *, token: str = "", log_texts: bool = False, **limits: Any) -> Iterator[Service]:
    """A service of the model at `path` with these limits, in a thread of its own."""
    import uvicorn

    from attnclf.service.app import create_app
    from attnclf.service.limits import Limits
    from attnclf.service.logs import Log
    from attnclf.service.serving import listening

    lines: list[str] = []
    app = create_app(path, Log(lines.append, texts=log_texts), Limits(**limits), token)
    with listening("127.0.0.1", 0) as bound:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        thread = threading.Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            yield Service(bound.getsockname()[1], token, lines)
        finally:
            server.should_exit = True
            thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def judging_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A word-level model that judges accounts, too."""
    return write_bundle(tmp_path_factory.mktemp("service") / "judging", level="word", accounts=RULE).path


@pytest.fixture(scope="session")
def service(judging_path: Path) -> Iterator[Service]:
    """One service for all tests that change nothing."""
    with serving(judging_path) as running:
        yield running
