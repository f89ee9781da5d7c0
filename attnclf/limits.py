"""What this process may use of the machine that it runs on: cores, memory, address space. A container's limits count."""

import math
import os
from pathlib import Path

GROUP = Path("/sys/fs/cgroup")  # of this process in its container (Linux, version 2)


def available_cores() -> int:
    """How many cores this process may use, at least 1: not those of the machine, where a container or a mask allows fewer."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _first_line("cpu.max").partition(" ")  # microseconds of computing in each period, or "max"
    try:
        return min(cores, max(1, math.ceil(float(quota) / float(period))))
    except (ValueError, ArithmeticError):  # no limit, or nothing that is known
        return cores


def available_memory() -> float | None:
    """Bytes that this process can still have, of the machine and of its container; None where nothing says so."""
    limits = [_number(line.split()[1]) * 1024 for line in _lines("/proc/meminfo") if line.startswith("MemAvailable")]
    most, used = _first_line("memory.max"), _first_line("memory.current")
    if most.isdigit():
        files = [_number(line.split()[1]) for line in _lines(GROUP / "memory.stat") if line.startswith("inactive_file")]
        limits.append(_number(most) - _number(used) + sum(files))  # memory of cached files is given back when it is needed
    return min(limits, default=None)


def available_addresses() -> float | None:
    """Bytes of address space that are left; None where there is no limit."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = [_number(line.split()[1]) * 1024 for line in _lines("/proc/self/status") if line.startswith("VmSize")]
    return None if most == resource.RLIM_INFINITY else most - sum(used)


def _first_line(name: str) -> str:
    return next(iter(_lines(GROUP / name)), "").strip()


def _lines(path: str | Path) -> list[str]:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _number(text: str) -> float:
    return float(text) if text.strip().isdigit() else 0.0
