"""How much a client may ask for: bytes, texts, characters, seconds, requests."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from attnclf.service.refusals import Refused

DAY = 86_400.0  # seconds
CLIENTS = 10_000  # whose requests are counted at the same time
EXPLAINED_TEXTS = 5  # of the largest size, or as many characters: to explain one takes a second


@dataclass(frozen=True)
class Limits:
    """What one service takes.

    `body` is in bytes, `texts` and `explained` are how many texts a request may have for predictions and for explanations,
    `characters` is of one text, `rows` of a file that the page labels. `waiting` is how many texts may wait for the model, of
    all requests together. `seconds` is how long a request may take, `in_flight` how many requests may be here at once. `rate`
    is how many requests a second one client may make, counted over `burst` seconds; 0: any number.
    """

    body: int = 8 << 20
    texts: int = 1_000
    explained: int = 64
    characters: int = 20_000
    rows: int = 50_000
    waiting: int = 8_192
    seconds: float = 30.0
    in_flight: int = 512
    rate: float = 0.0
    burst: float = 2.0

    def check_texts(self, texts: Sequence[str], *, explained: bool = False) -> None:
        """Raises Refused where there are too many texts, or one is too long."""
        most = min(self.explained, self.texts) if explained else self.texts
        if len(texts) > most:
            what = "to explain " if explained else ""
            raise Refused(422, f"there are {len(texts):,} texts {what}in one request", hint=f"send at most {most:,}")
        for number, text in enumerate(texts, 1):
            if len(text) > self.characters:
                which = f"text {number} of {len(texts):,}" if len(texts) > 1 else "the text"
                problem = f"{which} has {len(text):,} characters"
                raise Refused(422, problem, hint=f"a text may have {self.characters:,}: cut it")
        if explained:
            self.check_explained(texts)

    def check_explained(self, texts: Sequence[str]) -> None:
        """Raises Refused where the texts to explain are too long together."""
        size, most = sum(map(len, texts)), EXPLAINED_TEXTS * self.characters
        if size > most:
            raise Refused(422, f"the texts to explain have {size:,} characters", hint=f"send at most {most:,} in one request")

    def too_large(self) -> Refused:
        """What is said of a body that is too large."""
        return Refused(
            413,
            f"the body is larger than {self.body:,} bytes",
            hint="send fewer texts in one request; a file of any size is for attnclf predict -f",
        )

    def too_slow(self) -> Refused:
        """What is said where the model did not answer in time."""
        return Refused(503, f"no answer within {self.seconds:g} s", hint="the service is busy: try again later", retry_after=1)


@dataclass
class Counted:
    """A leaky bucket for each client: a request adds one, and each second takes `rate` away."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def check(self, client: str) -> None:
        """Counts a request. Raises Refused where the client makes too many."""
        if not (rate := self.limits.rate):
            return
        now = self.clock()
        level, since = self._levels.pop(client, (0.0, now))
        level = max(0.0, level - (now - since) * rate)
        room = max(1.0, rate * self.limits.burst)
        fits = level + 1 <= room
        self._levels[client] = (level + 1 if fits else level, now)
        while len(self._levels) > CLIENTS:
            self._levels.popitem(last=False)
        if not fits:
            wait = max(1, round(min(DAY, (level + 1 - room) / rate)))
            raise Refused(
                429, f"more than {rate:g} requests a second", hint="send fewer, or more texts in each", retry_after=wait
            )
