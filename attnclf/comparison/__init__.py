"""`compare`: trains a grid of attention mechanisms and encoders, each with several seeds on the same split, for one table.

Unlike `train` it keeps no model. Each run leaves only its figures, one line in a file, and a later call continues from there.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from attnclf.comparison.identity import program_checksum, run_key
from attnclf.comparison.measuring import WHOLE_ACCOUNTS, Clock, Runner, SplitTables, Train, train_and_clear
from attnclf.comparison.records import RunFile
from attnclf.config import AccountsConfig, Config, ModelConfig
from attnclf.data import Table
from attnclf.errors import AttnclfError, UsageError
from attnclf.model.architecture import OPTIONAL, Architecture
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.results import Comparison, Event, Failure, Job, Note, Run, Skipped


@dataclass(frozen=True)
class RunStarted:
    """Run `number` of `planned` runs begins."""

    number: int
    planned: int
    job: Job


@dataclass(frozen=True)
class RunEnded:
    """Run `number` of `planned` runs is over, with its result on so many `rows`."""

    number: int
    planned: int
    result: Run | Failure
    rows: int


OnComparison = Callable[[Event | RunStarted | RunEnded], None]


def compare(
    table: Table,
    valid: Table | None,
    test: Table | None,
    names: tuple[Sequence[str], Sequence[str]],
    seeds: int,
    config: Config,
    file: Path,
    on_event: OnComparison,
    importing: Callable[[], AbstractContextManager[None]] = nullcontext,
    train: Train = train_and_clear,
    clock: Clock = time.perf_counter,
) -> Comparison:
    """Trains every mechanism with every encoder and every seed from 0 to `seeds` − 1, without the runs that `file` has.

    `names` are the mechanisms and the encoders. Runs are scored on `test`, or on the validation rows if there is no `test`. A
    keyboard interrupt ends the comparison early and returns what is finished.

    Raises UsageError for names that do not exist or if no combination can be built, DataError for data that cannot be learnt
    from, and the last run's error if every run fails.
    """
    jobs, skipped = plan(*names, seeds, config, grouped=bool(table.groups))
    for remark in _left_unset(jobs, config):
        on_event(Note(remark))
    for one in skipped:
        on_event(Note(f"{one.attention} + {one.encoder} is left out: {one.reason}", warning=True))
    parts = SplitTables.of(table, valid, test, config, on_event)
    runner = Runner(parts, train, importing, clock, on_event)
    run_file, keys, error = RunFile(file), _keys(jobs, parts, config), None
    results = _finished_before(run_file, keys, on_event)
    with suppress(KeyboardInterrupt):  # the result reports the missing runs
        for job in [job for job in jobs if job not in results]:
            on_event(RunStarted(len(results) + 1, len(jobs), job))
            try:
                result: Run | Failure = runner.run(job, _config_of(job, config))
            except AttnclfError as failed:
                failure = failed.message, failed.hint, failed.exit_code
                error, result = failed, Failure(job.attention, job.encoder, job.seed, *failure)
                on_event(Note(f"{job} failed: {'; '.join(filter(None, failure[:2]))}", warning=True))
            run_file.add(keys[job], result)
            results[job] = result
            on_event(RunEnded(len(results), len(jobs), result, parts.sizes[-1]))
    runs = tuple(result for result in results.values() if isinstance(result, Run))
    failures = tuple(result for result in results.values() if isinstance(result, Failure))
    if error and len(failures) == len(jobs):
        raise error
    scored_on, (trained, validated, scored) = "test" if test else "validation", parts.sizes
    return Comparison(runs, failures, skipped, len(jobs), trained, scored, scored_on, validated, parts.overlap)


def plan(
    attentions: Sequence[str], encoders: Sequence[str], seeds: int, config: Config, *, grouped: bool = False
) -> tuple[list[Job], tuple[Skipped, ...]]:
    """The jobs of the grid, and the combinations that cannot be built; `grouped` says that rows have accounts.

    Jobs are ordered by seed, so that each combination has its first figure soon. Raises UsageError for a name that does not
    exist, and if no combination can be built.
    """
    for registry, names in ((MECHANISMS, attentions), (ENCODERS, encoders)):
        for name in names:
            registry[name]  # raises for an unknown name
    _check_optional(product(encoders, attentions), config)
    refusals = {(a, e): _refusal(_config_of(Job(a, e, 0), config), grouped) for e, a in product(encoders, attentions)}
    skipped = tuple(Skipped(*pair, reason) for pair, reason in refusals.items() if reason)
    if len(skipped) == len(refusals):
        raise UsageError(f"no combination can be built; {skipped[0].attention} + {skipped[0].encoder}: {skipped[0].reason}")
    return [Job(*pair, seed) for seed in range(seeds) for pair, reason in refusals.items() if not reason], skipped


def _asked(config: Config) -> list[str]:
    """The settings of some encoders and mechanisms only that are not their defaults."""
    return [name for name in OPTIONAL if getattr(config.model, name) != getattr(ModelConfig(), name)]


def _has(encoder: str, attention: str, name: str) -> bool:
    return name in ENCODERS.settings_of(encoder) | MECHANISMS.settings_of(attention)


def _check_optional(pairs: Iterable[tuple[str, str]], config: Config) -> None:
    """Raises UsageError for a setting that no combination has. It is named as a file has it: `compare` has no such option."""
    pairs = list(pairs)
    for name in _asked(config):
        if not any(_has(*pair, name) for pair in pairs):
            having = [part for kind in (ENCODERS, MECHANISMS) for part in kind.names() if name in kind.settings_of(part)]
            hint = f"it is for {', '.join(having)}: compare one of these too, or leave it out"
            raise UsageError(f"the setting '{name}' is for none of these combinations", hint=hint)


def _left_unset(jobs: Sequence[Job], config: Config) -> Iterator[str]:
    """What there is to say of settings that some combinations do not have."""
    pairs = {(job.encoder, job.attention) for job in jobs}
    for name in _asked(config):
        if without := sum(not _has(*pair, name) for pair in pairs):
            yield f"{without} of {len(pairs)} combinations have no setting '{name}', and do without it"


def _refusal(config: Config, grouped: bool) -> str:
    if grouped and config.model.encoder == "hierarchical":
        return WHOLE_ACCOUNTS
    try:
        Architecture.of(config.model, config.text.level, 2, 2, 2)
    except UsageError as error:
        return error.message
    return ""


def _config_of(job: Job, config: Config) -> Config:
    others = {name: getattr(ModelConfig(), name) for name in OPTIONAL if not _has(job.encoder, job.attention, name)}
    model = replace(config.model, attention=job.attention, encoder=job.encoder, **others)
    data = replace(config.data, min_rows=1)  # rows of rarer labels were left out before the split
    training = replace(config.training, seed=job.seed, baseline=False)
    return replace(config, data=data, model=model, training=training, accounts=AccountsConfig())


def _keys(jobs: Sequence[Job], parts: SplitTables, config: Config) -> dict[Job, str]:
    """For each job, a hash of all that its run depends on: the split rows, the settings, the program and Keras' back end."""
    rows, program = parts.checksum(), program_checksum()
    return {job: run_key(_config_of(job, config), rows, program) for job in jobs}


def _finished_before(kept: RunFile, keys: Mapping[Job, str], on_event: OnComparison) -> dict[Job, Run | Failure]:
    """The runs that an earlier call has finished successfully."""
    runs, damaged = kept.read()
    for number in damaged:
        on_event(Note(f"{kept.path}, line {number} is damaged and ignored", warning=True))
    found: dict[Job, Run | Failure] = {job: runs[key] for job, key in keys.items() if key in runs}
    if found:
        on_event(Note(f"{len(found)} of {len(keys)} runs are already in {kept.path}"))
    return found
