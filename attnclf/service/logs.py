"""One line of JSON for each request and event. Texts are in none, unless that was asked for."""

import re
import sys
import threading
import traceback
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from attnclf.render.records import to_json

LONGEST = 200  # characters of a path that a client chose


@dataclass
class Told:
    """What a route says of the request that it answers, for the log and the metrics."""

    id: str = ""
    route: str = ""
    texts: int = 0
    characters: int = 0
    model: str = ""
    shown: Sequence[str] = field(default_factory=list)

    def of(self, texts: Sequence[str]) -> None:
        """Notes the texts of the request."""
        self.texts, self.characters, self.shown = len(texts), sum(map(len, texts)), texts


class Log:
    """Writes lines with `write`, from any thread. With `texts` the texts of a request are in its line."""

    def __init__(self, write: Callable[[str], object], *, texts: bool = False) -> None:
        self._write, self._texts = write, texts
        self._turn = threading.Lock()

    def request(self, told: Told, *, method: str, path: str, status: int, seconds: float, client: str) -> None:
        """The line of a request."""
        facts: dict[str, Any] = {
            "id": told.id,
            "method": method[:LONGEST],
            "path": path[:LONGEST],
            "status": status,
            "ms": round(1000 * seconds, 2),
            "client": client,
        }
        facts |= {"texts": told.texts, "characters": told.characters} if told.texts else {}
        facts |= {"model": told.model} if told.model else {}
        facts |= {"shown": list(told.shown)} if self._texts and told.shown else {}
        self._line("request", "info" if status < 500 else "error", facts)

    def event(self, name: str, /, *, warning: bool = False, **facts: Any) -> None:
        """The line of something that is no request: a model taken over, the service's beginning and end."""
        self._line(name, "warning" if warning else "info", facts)

    def failure(self, told: Told) -> None:
        """The line of an error of ours, with its traceback."""
        lines = traceback.format_exception(sys.exception())
        self._line("bug", "error", {"id": told.id, "traceback": "".join(lines)})

    def _line(self, name: str, level: str, facts: dict[str, Any]) -> None:
        start = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "event": name}
        line = to_json(start | facts)
        with self._turn:
            self._write(line + "\n")


def request_id(offered: str) -> str:
    """The name of a request: the one that its sender gave it, where that is short and plain; else a new one."""
    return offered if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", offered) else uuid.uuid4().hex[:16]
