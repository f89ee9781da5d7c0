"""`predict --on`, with a cluster of this process: what is labelled, skipped, told and refused."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attnclf import bundle as bundles
from attnclf.cli import on_cluster
from attnclf.cli.labelling import Labelling
from attnclf.cluster.engines import Engine
from attnclf.cluster.parts import MANIFEST, Outcome, Part, Work
from attnclf.config import DataConfig
from attnclf.errors import DataError, DeviceError
from attnclf.results import AccountRule
from tests.models import write_bundle

TABLE = "text,label\nget 1000 followers,fake\nthe library again,real\n좋아요 정말,shop\n☃☃,real\n"
ON = "predict", "-f", "posts/*", "-o", "labelled", "--on", "ray"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tables, and a cluster that is this process."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "posts/b.tsv").write_text(TABLE.replace(",", "\t"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def here(address: str, work: Work, parts: list[Part]) -> Iterator[Outcome]:
        return map(work, reversed(parts))

    monkeypatch.setattr(on_cluster, "engine_at", lambda address: Engine("ray", lambda: None, here))
    on_cluster._opened.cache_clear()
    return tmp_path


def test_each_file_is_what_predict_makes_of_it(run, here: Path) -> None:
    code, out, err = run(*ON)
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == "labelled      2 files, 8 rows, in labelled"
    for name in ("a.csv", "b.tsv"):
        assert run("predict", "-f", f"posts/{name}", "-o", f"one-{name}")[0] == 0
        assert Path(f"labelled/{name}").read_bytes() == Path(f"one-{name}").read_bytes()


def test_finished_files_are_skipped_and_changed_ones_are_not(run, here: Path) -> None:
    assert run(*ON)[0] == 0
    before = {path.name: path.stat().st_ino for path in Path("labelled").iterdir()}
    _, _, err = run(*ON)
    assert err == "labelled      2 files are finished already, and skipped\n"
    assert {path.name: path.stat().st_ino for path in Path("labelled").iterdir()} == before
    Path("labelled/a.csv").unlink()
    _, _, err = run(*ON)
    assert err.splitlines()[0] == "labelled      1 file is finished already, and skipped"
    assert err.splitlines()[-1] == "labelled      1 file, 4 rows, in labelled"


def test_another_model_or_other_options_need_another_folder(run, here: Path, word_bundle_path: Path) -> None:
    assert run(*ON)[0] == 0
    for other in (("-m", str(word_bundle_path)), ("--top-k", "2")):
        code, _, err = run(*ON, *other)
        assert code == 2
        assert "'labelled' holds files that another model labelled, or other options" in err


def test_an_interrupt_says_what_is_finished(run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(address: str, work: Work, parts: list[Part]) -> Iterator[Outcome]:
        yield work(parts[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(on_cluster, "engine_at", lambda address: Engine("ray", lambda: None, interrupted))
    code, _, err = run(*ON)
    assert (code, err) == (130, "warning: interrupted; 1 of 2 files are finished, and the same command goes on from there\n")


def test_a_damaged_file_does_not_stop_the_others(run, here: Path) -> None:
    Path("posts/c.parquet").write_bytes(b"PAR1 nonsense")
    code, _, err = run(*ON)
    assert code == 3
    assert "warning: not labelled: " in err
    assert "error: 1 file was not labelled; the first: " in err
    assert {path.name for path in Path("labelled").iterdir()} == {".attnclf-labelled.json", "a.csv", "b.tsv"}


def test_what_is_the_same_for_every_file_stops_at_once(run, here: Path) -> None:
    code, _, err = run(*ON, "--prior", "none=.2")
    assert (code, err.splitlines()[0]) == (2, "error: --prior: the model has no label 'none'")
    assert not Path("labelled").exists()
    code, _, err = run(*ON, "--output-encoding", "no-such-encoding")
    assert (code, "no-such-encoding" in err) == (2, True)
    assert run(*ON, "--prior", "fake=.2")[0] == 0  # the folder belongs to nobody as long as nothing is in it


def test_no_digit_depends_on_the_files_that_a_worker_had_before(here: Path, word_bundle_path: Path) -> None:
    """Words that were met before would have vectors that were summed in another order."""
    bundle = bundles.load(word_bundle_path)
    work = on_cluster.LabelPart(Labelling(DataConfig(), {}, False, 1, "", ""), word_bundle_path, bundle.checksum, here)
    (here / MANIFEST).touch()
    Path("posts/b.tsv").write_text("text\nonly three words\n", encoding="utf-8")
    for name in ("a.csv", "b.tsv"):
        assert work(Part(f"posts/{name}", here / name)).error is None
    assert on_cluster._opened(word_bundle_path, bundle.checksum).reader.words() == 3


def test_a_model_that_is_replaced_meanwhile_is_found(run, here: Path, word_bundle_path: Path) -> None:
    work = on_cluster.LabelPart(Labelling(DataConfig(), {}, False, 1, "", ""), word_bundle_path, "sha256:other", here)
    (here / MANIFEST).touch()
    outcome = work(Part("posts/a.csv", here / "x.csv"))
    assert "another model has taken the place of" in str(outcome.error)


def test_other_files_of_the_same_names_are_not_taken_for_finished(run, here: Path) -> None:
    assert run(*ON)[0] == 0
    before = Path("labelled/a.csv").read_bytes()
    Path("later").mkdir()
    Path("later/a.csv").write_text(TABLE, encoding="utf-8")
    code, out, err = run("predict", "-f", "later/*", "-o", "labelled", "--on", "ray")
    assert (code, out) == (2, "")
    assert err.startswith("error: a.csv in 'labelled' was made from ")
    assert Path("labelled/a.csv").read_bytes() == before


def test_a_worker_that_does_not_see_the_folder_labels_nothing(here: Path, bundle_path: Path) -> None:
    """One on a machine where the folder of the run is another folder of the same name, or none."""
    bundle = bundles.load(bundle_path)
    labelling = Labelling(DataConfig(), {}, False, 1, "", "")
    work = on_cluster.LabelPart(labelling, bundle_path, bundle.checksum, here / "out")
    outcome = work(Part("posts/a.csv", here / "out/a.csv"))
    assert isinstance(outcome.error, DeviceError)
    assert "does not see the folder" in outcome.error.message
    assert not (here / "out").exists()
    (here / MANIFEST).touch()
    (here / "sub").write_text("a file", encoding="utf-8")
    outcome = on_cluster.LabelPart(labelling, bundle_path, bundle.checksum, here)(Part("posts/a.csv", here / "sub/a.csv"))
    assert isinstance(outcome.error, DataError)
    assert "cannot write to" in outcome.error.message


def test_an_encoding_that_some_file_cannot_have_is_said_before_any_is_labelled(run, here: Path) -> None:
    Path("posts/c.jsonl").write_text('{"text": "x"}\n', encoding="utf-8")
    code, _, err = run(*ON, "--output-encoding", "utf-16")
    assert (code, err.splitlines()[0]) == (2, "error: --output-encoding is for CSV and TSV, and c.jsonl is jsonl")
    assert not Path("labelled").exists()


def test_accounts_are_said_to_be_judged_file_by_file(run, here: Path) -> None:
    rule = AccountRule((0.1, -0.1, 0.0), 1.0, 0.5, (0.4, 0.3, 0.3), 9)
    write_bundle(here / "accounts", level="word", accounts=rule)
    _, _, err = run(*ON, "-m", "accounts")
    assert "warning: accounts are judged file by file" in err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("a text", "-o", "out", "--on", "ray"), 2, "--on labels files into a folder"),
        (("-f", "posts/a.csv", "--on", "ray"), 2, "--on labels files into a folder"),
        (("-f", "posts/a.csv", "-o", "out", "--on", "ray", "--format", "csv"), 2, "--on keeps the format of each file"),
        (("-f", "posts/a.csv", "-o", "out", "--on", "ray", "--accounts"), 2, "an account may be in several"),
        (("-f", "posts/a.csv", "-o", "posts/b.tsv", "--on", "ray"), 3, "'posts/b.tsv' is a file, and --on writes a folder"),
        (("-f", "posts/a.csv", "-o", "out.csv", "--on", "ray"), 2, "--on writes a folder, and 'out.csv' is the name of a file"),
        (("-f", "posts/no.csv", "-o", "out", "--on", "ray"), 3, "does not exist"),
        (("-f", "posts/a.csv", "-o", "out", "--on", "ray", "-m", "nowhere"), 4, "there is no model"),
    ],
)
def test_what_makes_no_sense_is_refused(run, here: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    ended, out, err = run("predict", *arguments)
    assert (ended, out) == (code, "")
    assert says in err
    assert not Path("out").exists()


@pytest.mark.parametrize(("engine", "name", "library"), [("ray", "Ray", "ray"), ("spark", "Spark", "pyspark")])
def test_an_engine_is_named_where_it_is_missing(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, name: str, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(TABLE, encoding="utf-8")
    code, _, err = run("predict", "-f", "a.csv", "-o", "out", "--on", engine)
    assert (code, err) == (2, f"error: --on {engine} needs {name}\n  pip install 'attnclf[{engine}]'\n")


def test_what_is_no_engine(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(TABLE, encoding="utf-8")
    code, _, err = run("predict", "-f", "a.csv", "-o", "out", "--on", "flink://host:1")
    assert (code, err.splitlines()) == (
        2,
        [
            "error: --on is 'flink://host:1'",
            "  ray or spark for this machine, ray://HOST:PORT or spark://HOST:PORT for a cluster",
        ],
    )


def test_notes_name_their_file(run, here: Path) -> None:
    Path("posts/b.tsv").unlink()
    write_bundle(here / "accounts", level="word", accounts=AccountRule((0.1, -0.1, 0.0), 1.0, 0.5, (0.4, 0.3, 0.3), 9))
    for name in ("a", "c"):
        Path(f"posts/{name}.csv").write_text("account,text\n,x\n", encoding="utf-8")
    _, _, err = run(*ON, "-m", "accounts")
    told = [line for line in err.splitlines() if "names no account" in line]
    assert len(told) == 2
    assert all(f"{here}/posts/{name}.csv" in line for name, line in zip("ca", told, strict=True))


def test_an_outcome_can_be_sent() -> None:
    import pickle

    sent = pickle.loads(pickle.dumps(Outcome(error=DataError("what", hint="do"))))
    assert (sent.error.message, sent.error.hint, sent.error.exit_code) == ("what", "do", 3)
