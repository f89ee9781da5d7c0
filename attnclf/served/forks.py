"""Models in a process that forks: the child can use them, too.

A fork copies the thread that forks and no other, and every lock as it is. So the process waits with it until no model is being
used: the locks within ONNX Runtime, which nobody can renew, are free then.
"""

import os
import threading
from weakref import WeakKeyDictionary

from attnclf.reading.base import Reader
from attnclf.served.session import Session

PATIENCE = 5.0  # seconds; who uses a model for longer may be who forks

_OPEN: "WeakKeyDictionary[Session, Reader]" = WeakKeyDictionary()


class _Forking(threading.local):
    """What the thread that forks holds meanwhile."""

    def __init__(self) -> None:
        self.locks: list[threading.Lock] = []


_FORKING = _Forking()


def watch(session: Session, reader: Reader) -> None:
    """Makes these usable in the processes that this one forks, for as long as the session is used at all."""
    _OPEN[session] = reader


def before() -> None:
    """Waits until no model is being used, and holds them all. Always in the same order: two threads may fork."""
    for session in sorted(_OPEN, key=id):
        lock = session.lock
        if lock.acquire(timeout=PATIENCE):
            _FORKING.locks.append(lock)


def after_in_parent() -> None:
    """Lets others use the models again."""
    while _FORKING.locks:
        _FORKING.locks.pop().release()


def after_in_child() -> None:
    """Models start afresh, since the threads that worked on them stayed behind."""
    _FORKING.locks.clear()
    for session, reader in _OPEN.items():
        session.renew()
        session.forget(reader)


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(before=before, after_in_parent=after_in_parent, after_in_child=after_in_child)
