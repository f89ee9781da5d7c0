"""Many texts, a part at a time: one is read, and another handed on, while the graphs compute the answers for a third."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from attnclf.ragged import Ragged
from attnclf.reading.base import Reader
from attnclf.served.session import Answers, Session

ANSWERED_AT_ONCE = 2_048  # texts: enough to find some of similar length, few enough that a second core soon has work
FIRST = 512  # texts of the first part, for which that core waits
AHEAD = 2  # parts that are read or computed while the caller works on the one before


def answers_in_parts(
    session: Session,
    reader: Reader,
    texts: Sequence[str],
    read: Callable[[Sequence[str]], Ragged],
    outputs: Sequence[str],
) -> Iterator[Answers]:
    """`outputs` of the texts of each part, whose ids `read` gives. The caller holds the lock until the last has been taken."""
    started: deque[Callable[[], Answers]] = deque()
    try:
        for start, end in pairwise(_bounds(len(texts))):
            if session.is_full(reader):
                _forget(session, reader, started)
            started.append(session.start(reader, read(texts[start:end]), outputs))
            if len(started) > AHEAD:
                yield started.popleft()()
        while started:
            yield started.popleft()()
    except BaseException:  # some words may count as made although they have no vectors
        _forget(session, reader, started)
        raise


def _bounds(texts: int) -> list[int]:
    """Where parts begin, and where the last one ends."""
    first = FIRST if texts > ANSWERED_AT_ONCE else 0
    return [*([0] if first else []), *range(first, texts, ANSWERED_AT_ONCE), texts]


def _forget(session: Session, reader: Reader, started: Iterable[Callable[[], Answers]]) -> None:
    """Waits until no started job needs the words, and then forgets them all."""
    for wait in started:
        with suppress(Exception):
            wait()
    session.forget(reader)
