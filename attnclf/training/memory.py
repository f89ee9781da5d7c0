"""Whether there is memory enough to train: asked before anything starts, since libraries in C++ end without a word."""

from pathlib import Path

from attnclf.errors import DeviceError

LEAST = 1.5e9  # bytes: TensorFlow, the model, scikit-learn
ADDRESSES = 3.4e9  # where address space is limited: what TensorFlow reserves counts there
A_CHARACTER = 250  # bytes a character of the texts: n-grams while they are counted, the linear path's matrix


def check_memory(characters: int) -> None:
    """DeviceError when training on texts of so many characters would hardly fit in what is free now."""
    needed = A_CHARACTER * characters
    for free, least, what in ((_available(), LEAST, "memory"), (_addresses(), ADDRESSES, "address space (ulimit -v)")):
        if free is not None and free < least + needed:
            gigabytes = f"{(least + needed) / 1e9:.1f} GB of {what}, and {free / 1e9:.1f} GB are free"
            raise DeviceError(
                f"training on these texts takes about {gigabytes}",
                hint="close other programs, raise the limit, or train on fewer rows; nothing was written",
            )


def _available() -> float | None:
    """Bytes that this process can still have: of the machine, and of its container."""
    limits = [_number(line.split()[1]) * 1024 for line in _lines("/proc/meminfo") if line.startswith("MemAvailable")]
    group = Path("/sys/fs/cgroup")
    most, used = (next(iter(_lines(group / name)), "") for name in ("memory.max", "memory.current"))
    if most.strip().isdigit():
        limits.append(_number(most) - _number(used))
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
        return Path(path).read_text(encoding="ascii").splitlines()
    except OSError:
        return []


def _number(text: str) -> float:
    return float(text.strip() or 0)
