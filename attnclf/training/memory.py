"""Whether there is memory enough to train: asked before anything starts, since libraries in C++ end without a word."""

from collections.abc import Sequence
from pathlib import Path

from attnclf.errors import DeviceError
from attnclf.results import Note, OnEvent

LEAST = 1.5e9  # bytes: TensorFlow, the model, scikit-learn
ADDRESSES = 3.4e9  # where address space is limited: what TensorFlow reserves counts there
A_CHARACTER = 350  # bytes a character that is read: n-grams while they are counted, the linear model's matrix
A_TOKEN = 8  # characters of a long word and the space after it


def check_memory(texts: Sequence[str], max_length: int, on_event: OnEvent) -> None:
    """DeviceError when there is not even the memory that training on a few texts takes; a warning when so many texts may need
    more than is free."""
    for free, least, what in ((_available(), LEAST, "memory"), (_addresses(), ADDRESSES, "address space (ulimit -v)")):
        if free is None:
            continue
        if free < least:
            raise DeviceError(
                f"training takes at least {least / 1e9:.1f} GB of {what}, and {free / 1e9:.1f} GB are free",
                hint="close other programs or raise the limit; nothing was written",
            )
        needed = least + A_CHARACTER * sum(min(len(text), A_TOKEN * max_length) for text in texts)
        if free < needed:
            gigabytes = f"about {needed / 1e9:.1f} GB of {what}, and {free / 1e9:.1f} GB are free"
            on_event(Note(f"training on these texts may take {gigabytes}; fewer rows or `level=char` take less", warning=True))


def _available() -> float | None:
    """Bytes that this process can still have: of the machine, and of its container."""
    limits = [_number(line.split()[1]) * 1024 for line in _lines("/proc/meminfo") if line.startswith("MemAvailable")]
    group = Path("/sys/fs/cgroup")
    most, used = (next(iter(_lines(group / name)), "") for name in ("memory.max", "memory.current"))
    if most.strip().isdigit():
        files = [_number(line.split()[1]) for line in _lines(group / "memory.stat") if line.startswith("inactive_file")]
        limits.append(_number(most) - _number(used) + sum(files))  # what files take is given back when it is needed
    return min(limits, default=None)


def _addresses() -> float | None:
    """Bytes of address space left, None where there is no limit."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = [_number(line.split()[1]) * 1024 for line in _lines("/proc/self/status") if line.startswith("VmSize")]
    return None if most == resource.RLIM_INFINITY else most - sum(used)


def _lines(path: str | Path) -> list[str]:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _number(text: str) -> float:
    return float(text.strip() or 0)
