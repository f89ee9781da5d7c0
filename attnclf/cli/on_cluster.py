"""`predict --on`: many files, labelled by many workers, each into a file of its own."""

import io
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import typer

from attnclf import bundle as bundles
from attnclf.cli import screen
from attnclf.cli.labelling import Labelling
from attnclf.cli.output import check_outside_models
from attnclf.cluster.engines import Engine, engine_at
from attnclf.cluster.parts import MANIFEST, Outcome, Part, claim, parts_of
from attnclf.data.formats import written_as
from attnclf.errors import AttnclfError, DataError, DeviceError, ModelError, UsageError
from attnclf.reading.windows import ReadingLimits
from attnclf.results import Note, counted
from attnclf.served.base_rates import base_rates
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread


@dataclass(frozen=True)
class LabelPart:
    """What a worker does: labels one file as `attnclf predict -f FILE -o FILE` does, with the model of this checksum."""

    labelling: Labelling
    model: Path
    checksum: str
    folder: Path

    def __call__(self, part: Part) -> Outcome:
        told = io.StringIO()
        try:
            with redirect_stderr(told):
                served = _opened(self.model, self.checksum)
                served.session.forget(served.reader)  # so that no digit depends on the files that were labelled before
                _make_room(part.target.parent, self.folder)
                unread = self.labelling.write(served, [], [part.source], part.target)
        except AttnclfError as error:
            return Outcome(error=error)
        said = [line if part.shown in line else f"{part.shown}: {line}" for line in told.getvalue().splitlines()]
        return Outcome(unread, tuple(said))


def _make_room(target: Path, folder: Path) -> None:
    """Makes the folder of a target within the `folder` of the run. Raises DeviceError where that is not the run's."""
    if not (folder / MANIFEST).is_file():
        what = f"a worker does not see the folder {folder} of this run"
        raise DeviceError(what, hint="name one with -o that all machines of the cluster share")
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot write to '{target}': {error.strerror}", hint="may workers write there?") from error


@cache
def _opened(model: Path, checksum: str) -> ServedModel:
    """The model, once for all parts of a worker, which has one core. Raises ModelError."""
    served = ServedModel.load(model, threads=1)
    if served.bundle.checksum != checksum:
        raise ModelError(f"another model has taken the place of {model} meanwhile", hint="label everything with that one")
    return served


def label_on_cluster(
    address: str, labelling: Labelling, model: Path, texts: Sequence[str], files: Sequence[str], folder: Path | None
) -> None:
    """Labels each file into a file of the folder. A file that cannot be read does not keep the others from being labelled.

    Raises UsageError, DataError, ModelError and DeviceError.
    """
    if texts or not files or folder is None:
        raise UsageError("--on labels files into a folder", hint="predict -f 'posts/*.parquet' -o labelled --on ray")
    if labelling.form:
        raise UsageError("--on keeps the format of each file", hint="leave --format out")
    if labelling.accounts:
        raise UsageError("--on labels files one by one, and an account may be in several", hint="leave --accounts out")
    check_outside_models("-o", folder)
    if folder.exists() and not folder.is_dir():
        raise DataError(f"'{folder}' is a file, and --on writes a folder", hint="name another folder with -o")
    if not folder.exists() and folder.suffix and written_as(folder):
        raise UsageError(f"--on writes a folder, and '{folder}' is the name of a file", hint="name a folder with -o")
    engine = engine_at(address)
    bundle = bundles.load(model)
    if labelling.rates:
        base_rates(bundle.labels, bundle.shares, labelling.rates)  # fails here and not in each worker
    parts = parts_of(files, folder.absolute())
    _check_encoding(labelling.encoding, parts)
    if removed := claim(folder, {"model": bundle.checksum, "options": asdict(labelling)}, parts):
        what = f"{counted(removed, 'file is', 'files are')} made anew: what it is made from has changed, or was not noted"
        screen.show_note(Note(what, topic="labelled"))
    finished = {part for part in parts if part.finished}
    left = [part for part in parts if part not in finished]
    if bundle.accounts or bundle.config.text.sentences == "lines":
        screen.show_note(Note("accounts are judged file by file: keep all rows of an account in one", warning=True))
    if finished:
        note = f"{counted(len(finished), 'file is', 'files are')} finished already, and skipped"
        if any(part.at_address for part in finished):
            note += "; whether those at an address have changed meanwhile is not known"
        screen.show_note(Note(note, topic="labelled"))
    if left:
        work = LabelPart(labelling, model.absolute(), bundle.checksum, folder.absolute())
        try:
            _label(engine, address, work, left, folder, ReadingLimits.of(bundle.config))
        except KeyboardInterrupt:
            done = sum(part.finished for part in parts)
            kept = f"{done} of {len(parts):,} files are finished, and the same command goes on from there"
            screen.show_note(Note(f"interrupted; {kept}", warning=True))
            raise typer.Exit(130) from None


def _check_encoding(encoding: str, parts: Sequence[Part]) -> None:
    """Says before anything is labelled what each worker would say of its file."""
    for part in parts if encoding else ():
        if (form := written_as(part.target) or "text") not in ("csv", "tsv"):
            what = f"--output-encoding is for CSV and TSV, and {part.target.name} is {form}"
            raise UsageError(what, hint="leave it out, or label the others by themselves")


def _label(engine: Engine, address: str, work: LabelPart, parts: Sequence[Part], folder: Path, limits: ReadingLimits) -> None:
    unread, failed = Unread(), list[AttnclfError]()
    console, done = screen.stderr(), 0
    with console.status(f"0 of {len(parts):,} files") as line:
        for outcome in engine.run(address, work, parts):
            done += 1
            unread.update(outcome.unread)
            line.update(f"{done:,} of {len(parts):,} files, {unread.texts:,} rows")
            if outcome.error:
                failed.append(outcome.error)
                if not isinstance(outcome.error, DataError):  # which would be the same for every file
                    raise outcome.error
                screen.show_note(Note(f"not labelled: {outcome.error.message}", warning=True), console)
            for message in outcome.told:
                console.print(message, soft_wrap=True)
    screen.show_unread(unread, limits)
    labelled = counted(len(parts) - len(failed), "file", "files")
    screen.show_note(Note(f"{labelled}, {unread.texts:,} rows, in {folder}", topic="labelled"))
    if failed:
        what = f"{counted(len(failed), 'file was', 'files were')} not labelled; the first: {failed[0].message}"
        raise DataError(what, hint=failed[0].hint)
