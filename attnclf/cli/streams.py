"""Standard error that cannot stop a command: what a full disk does not take there is lost, and the results are not."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any


class _Lossy(io.RawIOBase):
    """Writes into another raw stream, and goes on where that fails."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            written = self._raw.write(data)
            return len(data) if written is None else int(written)
        return len(data)


@contextlib.contextmanager
def standard_streams() -> Iterator[None]:
    """Both streams in UTF-8, and standard error such that nothing fails for want of room there. Afterwards it is as before."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    before = sys.stderr
    if not isinstance(before, io.TextIOWrapper):
        yield
        return
    before.flush()
    raw = io.BufferedWriter(_Lossy(getattr(before.buffer, "raw", before.buffer)))
    sys.stderr = io.TextIOWrapper(raw, "utf-8", "backslashreplace", line_buffering=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = before
