"""Every open, write, fsync and rename of a file of results fails once in turn: the old or the new is there, whole."""

import os
from pathlib import Path

import pytest

from tests.faults import KINDS, SHORT, disk

NAMES = ["out.csv", "out.jsonl", "out.csv.gz", "page.html", "out.parquet", "out.xlsx"]


@pytest.mark.parametrize("name", NAMES)
def test_whatever_fails_in_writing_results_the_old_or_the_new_is_whole(run, tmp_path: Path, name: str) -> None:
    command = ["explain" if name == "page.html" else "predict", "a text", "another", "-o", str(tmp_path / name)]
    with disk(tmp_path) as faults:
        code, _, said = run(*command)
    if code == 3 and "pip install" in said:
        pytest.skip("an optional library is not installed")
    assert code == 0
    assert {"create", "write", "fsync", "rename"} <= set(faults.calls)
    new = (tmp_path / name).read_bytes()
    for at, call in enumerate(faults.calls):
        for kind in KINDS[call]:
            (tmp_path / name).write_bytes(b"old")
            with disk(tmp_path, at, kind):
                code, out, said = run(*command)
            content = (tmp_path / name).read_bytes()
            assert [path.name for path in tmp_path.iterdir()] == [name]
            assert out == ""
            if kind == SHORT or code == 0:
                assert code == 0
                # Both hold the time at which they were written.
                assert abs(len(content) - len(new)) < 16 if name.endswith((".gz", ".xlsx")) else content == new
                assert kind == SHORT or call in ("open", "fsync")  # of the folder, which not every system can
            else:
                assert (code, content) == (3, b"old")
                assert f"cannot write {tmp_path / name}: {os.strerror(int(kind))}" in said
                assert "Traceback" not in said


def test_every_read_of_a_model_fails_with_the_code_of_models(run, bundle_path: Path) -> None:
    with disk(bundle_path) as faults:
        assert run("predict", "a text")[0] == 0
    for at, call in enumerate(faults.calls):
        for kind in KINDS[call]:
            with disk(bundle_path, at, kind):
                code, out, said = run("predict", "a text")
            assert code == (0 if kind == SHORT else 4)
            assert (out == "") == (code == 4)
            assert "Traceback" not in said
