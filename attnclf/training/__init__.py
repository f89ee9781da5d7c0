"""`train`: a table in, a model directory out, with honest scores and those of a classical baseline."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.checking.tables import Tables
from attnclf.checkpoint import OF_CHECKPOINTS, Checkpoints, Identity
from attnclf.config import Config
from attnclf.data import Table
from attnclf.installation.back_ends import check_back_end
from attnclf.model.architecture import Architecture
from attnclf.model.pretrained import identified, pretrained_of
from attnclf.processes import Place
from attnclf.reading.base import Reader
from attnclf.reading.readers import build_reader
from attnclf.results import AccountScores, Baseline, Event, Note, OnEvent, Report, Severity, StageStarted, ignore
from attnclf.training.accounts import check_promises
from attnclf.training.findings import tell_findings
from attnclf.training.finishing import Finished, finish
from attnclf.training.fitting import Fitted, fit_weights
from attnclf.training.machine import start_backend, vocabulary_of
from attnclf.training.memory import check_memory, memory_errors
from attnclf.training.preparation import Prepared, accounts_of, in_prospect, labels_of, resolved, without_rare_rows
from attnclf.training.splitting import parts_of
from attnclf.training.together import check_same


@dataclass(frozen=True)
class Trained:
    """What `train` leaves: the model directory, its validation report, the baseline's on the same rows, and the network's own
    validation accuracy, without the linear model. `accounts` are the scores of accounts, None where there is no rule for them.
    `interrupted` says that the model is of the best epoch before an interruption.
    """

    bundle: Bundle
    report: Report
    baseline: Baseline | None
    network_accuracy: float
    seconds: float
    accounts: AccountScores | None = None
    interrupted: bool = False


def train(
    table: Table,
    valid: Table | None,
    config: Config,
    target: Path,
    on_event: OnEvent = ignore,
    importing: AbstractContextManager[None] = nullcontext(),  # noqa: B008 (a null context has no state)
    strict: Severity | None = None,
    checkpoints: Checkpoints | None = None,
    keep_best: bool = False,
    place: Place = Place(),  # noqa: B008 (frozen)
    families: Sequence[str] = (),
) -> Trained:
    """Trains on `table`, validates on `valid` or on a part held out of `table`, and writes the bundle to `target`.

    `importing` is entered while Keras' back end starts, for callers who want its chatter elsewhere. With `strict`, findings of
    this severity or worse are an error. `checkpoints` keeps what is done, and may go on from what was kept; without it nothing
    is kept. With `keep_best`, which needs it, an interruption after an epoch has ended does not raise: the best epoch becomes
    the model. Of the processes that train a network together, the first by its `place` calls this, the others `take_part`.
    `families` are for rows that are trained on as rows, but are of accounts: the account of each, or its family of accounts.
    Where settings of the linear model are chosen on splits of the training rows, a family stays on one side.

    Raises DataError for data that cannot be learnt from, DeviceError for a missing GPU or too little memory, UsageError or
    DataError where the training to go on with is another, and ModelError where its checkpoint is damaged. Of the weights to
    begin with it raises UsageError where they do not fit, and ModelError where they cannot be read. `target` is untouched until
    the end.
    """
    tell, kept = _Listener(on_event), checkpoints or Checkpoints()
    bundles.check_target(bundles.followed(target))
    replaced = _check(table, config, target, tell)
    finished: Finished | None = None
    try:
        kept.open(tell)
        data = _prepared(table, valid, config, tell, strict, families)
        identity = _identity(config, table, valid, data)
        kept.begin(identity)
        try:
            finished = _finished(data, target, tell, kept, place, identity, importing)
        except KeyboardInterrupt:
            if not (keep_best and kept.has_best):
                raise
        interrupted = finished is None
        if finished is None:  # only now is the memory free of what was interrupted
            what = f"{kept.end()}, without a baseline and without measuring explanations"
            tell(Note(what, warning=True, topic="interrupted"))
            finished = _finished(data, target, tell, kept, Place(), identity, measured=False)
        bundle = finished.write(tell.warnings)
        if not interrupted:
            kept.finish()
    finally:
        kept.close()
    replacing = f"; it replaced the one there ({replaced})" if replaced else ""
    tell(Note(f"{target}, made in {finished.facts.seconds:.0f} s{replacing}", topic="model"))
    scores = finished.accounts.scores if finished.accounts else None
    network = finished.facts.accuracy["network"]
    return Trained(bundle, finished.report, finished.baseline, network, finished.facts.seconds, scores, interrupted)


def take_part(table: Table, valid: Table | None, config: Config, place: Place, importing: AbstractContextManager[None]) -> None:
    """Takes part in what the process whose place is first trains by `train`, on the same tables. Tells and writes nothing.

    Raises what `train` does.
    """
    data = _prepared(table, valid, config, ignore, None)
    _fitted(data, _Listener(ignore), Checkpoints(), place, _identity(config, table, valid, data), importing)


def dry_run(
    table: Table,
    valid: Table | None,
    config: Config,
    target: Path,
    on_event: OnEvent = ignore,
    strict: Severity | None = None,
    checkpoints: Checkpoints | None = None,
) -> str:
    """Tells and raises what `train` does before it reads the texts, and returns what would be trained. Nothing is written."""
    bundles.check_target(bundles.followed(target), write=False)
    _check(table, config, target, on_event)
    kept = checkpoints or Checkpoints()
    try:
        kept.open(on_event)
        data = _prepared(table, valid, config, on_event, strict)
        kept.begin(_identity(config, table, valid, data))
        return in_prospect(data.config.training)
    finally:
        kept.close()


def _prepared(
    table: Table,
    valid: Table | None,
    config: Config,
    on_event: OnEvent,
    strict: Severity | None,
    families: Sequence[str] = (),
) -> Prepared:
    """What training begins with, and notes about it."""
    pretrained, posts = pretrained_of(config), Tables(table, valid)
    table, valid, config = accounts_of(table, valid, config, on_event)
    table, valid = without_rare_rows(table, valid, config.data.min_rows, on_event)
    labels = labels_of(table)
    rows = "accounts" if config.text.sentences == "lines" else "rows"
    on_event(Note(f"{table.source}: {len(table.texts):,} {rows}, {len(labels):,} labels; {table.columns}", topic="data"))
    for remark in table.remarks:
        on_event(Note(remark, topic="data"))
    tell_findings(table, valid, config.text, on_event, strict, posts if config.text.sentences == "lines" else None)
    train_part, valid_part = parts_of(table, valid, labels, config, on_event, families)
    data = Prepared(table, valid, config, labels, train_part, valid_part, pretrained, posts.accounts)
    check_promises(labels, table, data.held_out, config.accounts, on_event, trained_on=data.trained_on)
    data = replace(data, config=resolved(config, table, train_part, len(labels), on_event))
    if pretrained:
        pretrained.check(data.config.model, data.config.text.level)
    return data


def _identity(config: Config, table: Table, valid: Table | None, data: Prepared) -> Identity:
    return Identity.of(identified(config, data.pretrained), table, valid, data.valid_part.rows)


def _finished(
    data: Prepared,
    target: Path,
    tell: "_Listener",
    kept: Checkpoints,
    place: Place,
    identity: Identity,
    importing: AbstractContextManager[None] = nullcontext(),  # noqa: B008
    measured: bool = True,
) -> Finished:
    """The model, ready to be written. Without `measured`, no baseline is trained and explanations are not measured; the model
    is the same."""
    reader, fitted, device = _fitted(data, tell, kept, place, identity, importing)
    assert fitted is not None  # by the first process
    return finish(data, reader, fitted, device, target, tell, kept, measured)


def _fitted(
    data: Prepared,
    tell: "_Listener",
    kept: Checkpoints,
    place: Place,
    identity: Identity,
    importing: AbstractContextManager[None],
) -> tuple[Reader, Fitted | None, str]:
    """The reader, the weights, which only the first process has, and the device."""
    tell(StageStarted("reading the texts"))
    with memory_errors():
        reader = build_reader(data.train_part.texts, data.config.text)
    with importing:
        device, machine, group = start_backend(data.config.training, place)
    tell(Note(device, topic="device"))
    vocabulary = vocabulary_of(reader) if kept.on or place.together else ""
    if place.together:
        check_same(group, identity, vocabulary)
        tell(Note(group.in_words(data.config.training.batch_size), topic="processes"))
    kept.compute_on(machine, vocabulary)
    with memory_errors(), group.errors():
        fitted = fit_weights(
            data.labels,
            reader,
            data.train_part,
            data.valid_part,
            data.config,
            tell,
            kept,
            refit_linear=data.valid is None,
            pretrained=data.pretrained,
            group=group,
        )
    return reader, fitted, device


class _Listener:
    """Passes events on, but no note twice, and keeps the warnings among them for the model card."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._told: set[Note] = set()
        self.warnings: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, Note):
            if event in self._told:  # by what was interrupted
                return
            self._told.add(event)
            if event.warning and event.topic != OF_CHECKPOINTS:
                self.warnings.append(event.message)
        self._on_event(event)


def _check(table: Table, config: Config, target: Path, on_event: OnEvent) -> str:
    """Fails now, and not after Keras started, for what cannot work. Which model will be replaced, in words, or ""."""
    check_back_end()
    replaced = bundles.summary_of(target)
    if replaced:
        on_event(Note(f"{target} holds a model ({replaced}); it is replaced when training is done", topic="replaced"))
    shape = Architecture.of(config.model, config.text.level, 2, 2, 2)
    if shape.mechanism.uses_query and not shape.encoder.final_steps:
        what = f"the encoder {config.model.encoder} has no final state for the query of {config.model.attention} attention"
        on_event(Note(f"{what}; one query is learned for all texts", topic="attention"))
    check_memory(table.texts, config.text.longest, on_event)
    return replaced
