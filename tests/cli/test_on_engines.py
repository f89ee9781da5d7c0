"""`predict --on` with two workers of a real engine, one of which is killed in the middle of a file. `make test-cluster`."""

import csv
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from attnclf import bundle as bundles
from attnclf.cli import labelling, on_cluster, written
from attnclf.cluster import on_ray, on_spark
from attnclf.cluster.engines import Engine, engine_at
from attnclf.cluster.parts import MANIFEST, Outcome, Part, Work, claim, parts_of
from attnclf.errors import DeviceError
from tests.conftest import ROOT, SAMPLE

pytestmark = pytest.mark.filterwarnings("ignore")  # of the engines' own
ROWS = 1_220


@pytest.fixture(params=["ray", "spark"])
def engine(request: pytest.FixtureRequest) -> Engine:
    pytest.importorskip({"spark": "pyspark"}.get(request.param, request.param), reason=f"needs attnclf[{request.param}]")
    return engine_at(request.param)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample in six files of two formats, and a machine of two cores."""
    with (SAMPLE / "test.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert len(rows) == ROWS
    (tmp_path / "posts").mkdir()
    for number in range(6):
        suffix, delimiter = ("csv", ",") if number % 2 else ("tsv", "\t")
        with (tmp_path / "posts" / f"{number}.{suffix}").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows([header, *rows[number::6]])
    monkeypatch.chdir(tmp_path)
    for module in (on_ray, on_spark):
        monkeypatch.setattr(module, "available_cores", lambda: 2)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")  # for workers: tests too
    return tmp_path


@dataclass(frozen=True)
class DiesOnce:
    """Does the work, but for the first process that begins the part `name`: it is killed when half of it is written."""

    work: on_cluster.LabelPart
    name: str
    flag: Path

    def __call__(self, part: Part) -> Outcome:
        if part.target.name != self.name or self.flag.exists():
            return self.work(part)
        self.flag.write_text(str(os.getpid()), encoding="utf-8")
        whole = written.write_table

        def half(served, source, form, top_k, stream, answers, encoding):  # type: ignore[no-untyped-def]
            def some() -> Iterator[object]:
                for window in answers:
                    yield window[: len(window) // 2]
                    stream.flush()
                    os.kill(os.getpid(), signal.SIGKILL)

            whole(served, source, form, top_k, stream, some(), encoding)

        labelling.write_table = half  # type: ignore[attr-defined]
        return self.work(part)


def test_a_worker_that_is_killed_costs_no_row_and_makes_none_twice(run, engine: Engine, here: Path, bundle_path: Path) -> None:
    work = on_cluster.LabelPart(
        labelling.Labelling(on_cluster.bundles.load(bundle_path).config.data, {}, False, 1, "", ""),
        bundle_path,
        bundles.load(bundle_path).checksum,
        here / "labelled",
    )
    parts = parts_of(["posts/*"], here / "labelled")
    claim(here / "labelled", {}, parts)
    outcomes = list(engine.run(engine.name, DiesOnce(work, "3.csv", here / "flag"), parts))
    assert (here / "flag").exists()
    assert [outcome.error for outcome in outcomes] == [None] * 6
    assert sum(outcome.unread.texts for outcome in outcomes) == ROWS
    for part in parts:
        assert run("predict", "-f", part.source, "-o", f"one-{part.target.name}")[0] == 0
        assert part.target.read_bytes() == (here / f"one-{part.target.name}").read_bytes()
    assert [path.name for path in (here / "labelled").iterdir() if path.name.startswith(".")] == [
        MANIFEST
    ]  # nothing half is left


def test_a_run_goes_on_from_the_files_that_are_finished(run, engine: Engine, here: Path) -> None:
    arguments = "predict", "-f", "posts/*", "-o", "labelled", "--on", engine.name
    code, out, err = run(*arguments)
    assert (code, out, err.splitlines()[-1]) == (0, "", f"labelled      6 files, {ROWS:,} rows, in labelled")
    before = {path.name: path.stat().st_ino for path in Path("labelled").iterdir()}
    Path("labelled/2.tsv").unlink()
    _, _, err = run(*arguments)
    assert "5 files are finished already, and skipped" in err
    after = {path.name: path.stat().st_ino for path in Path("labelled").iterdir()}
    assert {name for name in before if before[name] == after[name]} == before.keys() - {"2.tsv"}


@dataclass(frozen=True)
class Dies:
    """Kills its worker each time."""

    def __call__(self, part: Part) -> Outcome:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def test_a_file_that_kills_its_workers_comes_to_an_end(engine: Engine, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (on_ray, on_spark):
        monkeypatch.setattr(module, "RETRIES", 1)
    work: Work = Dies()
    (outcome,) = engine.run(engine.name, work, parts_of(["posts/0.tsv"], here / "labelled"))
    assert "the process that labelled it died 2 times" in str(outcome.error)


@dataclass(frozen=True)
class CannotBeDone:
    """Fails as it does where a worker lacks a library."""

    def __call__(self, part: Part) -> Outcome:
        raise ModuleNotFoundError("No module named 'attnclf'")


def test_what_no_worker_can_do_is_one_error(engine: Engine, here: Path) -> None:
    with pytest.raises(DeviceError, match=r"stopped: ModuleNotFoundError: No module named 'attnclf'") as raised:
        list(engine.run(engine.name, CannotBeDone(), parts_of(["posts/0.tsv"], here / "labelled")))
    assert "the same command goes on" in raised.value.hint


def test_a_cluster_that_is_not_there(engine: Engine, here: Path) -> None:
    with pytest.raises(DeviceError, match=rf"cannot reach {engine.name}://127\.0\.0\.1:9"):
        list(engine.run(f"{engine.name}://127.0.0.1:9", Dies(), []))
