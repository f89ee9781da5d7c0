"""What a process may use: cores of a mask or a container, memory of a container."""

from pathlib import Path

import pytest

from attnclf import limits


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(limits, "GROUP", tmp_path)
    monkeypatch.setattr(limits.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("quota", "cores"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("10000 100000", 1),
        ("max 100000", 64),
        ("", 64),
        ("100000", 64),
        ("1 0", 64),
        ("1 max", 64),
    ],
)
def test_cores_are_those_of_the_container(group: Path, quota: str, cores: int) -> None:
    (group / "cpu.max").write_text(quota, encoding="ascii")
    assert limits.available_cores() == cores


def test_without_a_container_cores_are_those_of_the_mask(group: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.available_cores() == 64
    monkeypatch.setattr(limits.os, "sched_getaffinity", lambda _: {3}, raising=False)
    assert limits.available_cores() == 1


def test_memory_is_that_of_the_container_where_it_is_less(group: Path) -> None:
    machine_free = limits.available_memory()
    for name, value in {
        "memory.max": "3000000",
        "memory.current": "1000000",
        "memory.stat": "x 1\ninactive_file 500000",
    }.items():
        (group / name).write_text(value, encoding="ascii")
    assert limits.available_memory() == 2_500_000
    (group / "memory.current").write_text("abc", encoding="ascii")
    assert machine_free is None or limits.available_memory() == 3_500_000
