"""What training decides from the table before any weight moves: labels, split, level, epochs, weights of examples."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.checking.labels import named
from attnclf.config import Config, Level, Sentences, TrainingConfig
from attnclf.data import Table, by_account
from attnclf.data.families import families
from attnclf.data.repeats import repeats_of, shared_in_words, shared_rows
from attnclf.data.split import Split, split
from attnclf.errors import DataError, UsageError
from attnclf.linear.model import MOST_NUMBERS, MOST_WEIGHTS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.reading.tokens import choose_level
from attnclf.results import Note, OnEvent, counted

MOST_LABELS = 500  # with more there is no baseline, for the same reason, and attention is not aligned
ENOUGH = 600  # validation rows to choose settings of the linear model on; with fewer, splits of the training rows help
FEW = 20_000  # training rows; with more, that would take long
EXTRA_SPLITS, EXTRA_SHARE = 3, 0.25
IMBALANCED = 3.0  # auto class weights act when the commonest label has this many times the rows of the rarest


@dataclass(frozen=True)
class SplitPart:
    """One side of the split."""

    texts: list[str]
    targets: NDArray[np.int32]
    groups: Sequence[str] = ()  # empty: every row stands for itself
    rows: Sequence[int] = ()  # their numbers in the table


@dataclass(frozen=True)
class Prepared:
    """What training begins with: the tables, the configuration with what the data decide, the labels, and the split."""

    table: Table
    valid: Table | None
    config: Config
    labels: tuple[str, ...]
    train_part: SplitPart
    valid_part: SplitPart

    @property
    def held_out(self) -> Table:
        """The rows that are validated on."""
        return self.table.rows(self.valid_part.rows) if self.valid is None else self.valid

    @property
    def trained_on(self) -> frozenset[str]:
        """The names of the accounts that are trained on."""
        return frozenset(self.table.groups[row] for row in self.train_part.rows) if self.table.groups else frozenset()


def accounts_of(table: Table, valid: Table | None, config: Config, on_event: OnEvent) -> tuple[Table, Table | None, Config]:
    """The tables as the encoder reads them, and the configuration that says so.

    Where the encoder is hierarchical and a group column was named, a row is a whole account, read post by post. Else each row
    is by itself, read sentence by sentence by a hierarchical encoder, and in one piece by any other.
    """
    hierarchical = config.model.encoder == "hierarchical"
    chosen: Sentences = "none" if not hierarchical else "lines" if table.groups else "marks"
    if config.text.sentences not in ("none", chosen):
        raise UsageError(
            f"[text] sentences is '{config.text.sentences}', but this encoder and these columns need '{chosen}'",
            hint="leave it out: `encoder=hierarchical` reads sentences, and with `group_col` the posts of an account",
        )
    config = replace(config, text=replace(config.text, sentences=chosen))
    if chosen != "lines":
        return table, valid, config
    accounts = by_account(table)
    on_event(
        Note(
            f"{len(table.texts):,} rows of {len(accounts.texts):,} accounts, each classified from all its rows",
            topic="accounts",
        )
    )
    return accounts, by_account(valid) if valid else None, config


def without_rare_labels(table: Table, fewest: int, on_event: OnEvent) -> Table:
    """The table without the rows of labels that have fewer than `fewest` rows, and a note about them."""
    counts = Counter(table.labels)
    rare = sorted(label for label, n in counts.items() if n < fewest)
    if not rare:
        return table
    what = f"{counted(len(rare), 'label has', 'labels have')} fewer than {fewest:,} rows: {named(rare)}"
    on_event(Note(f"{what}; their {sum(counts[label] for label in rare):,} rows are left out", warning=True, topic="data"))
    return table.rows([row for row, label in enumerate(table.labels) if counts[label] >= fewest])


def labels_of(table: Table) -> tuple[str, ...]:
    """The labels in order; DataError when there are fewer than two, or all texts are empty."""
    counts = Counter(table.labels)
    if not counts:
        raise DataError(f"{table.source}: no rows are left", hint="a classifier needs at least two labels; lower `min_rows`")
    if len(counts) < 2:
        raise DataError(
            f"{table.source}: every row has the label '{next(iter(counts))}'", hint="a classifier needs at least two labels"
        )
    if table.empty_texts == len(table.texts):
        raise DataError(f"{table.source}: every text is empty ({table.columns})")
    return tuple(sorted(counts))


def parts_of(
    table: Table, valid: Table | None, labels: Sequence[str], config: Config, on_event: OnEvent
) -> tuple[SplitPart, SplitPart]:
    """The rows to train on and the rows to validate on."""
    accounts = _accounts_of(table, config)
    groups, left = families(table.texts, accounts) if accounts else ([], 0)
    everything = SplitPart(table.texts, targets_of(table, labels), groups, range(len(table.texts)))
    if valid is not None:
        what = f"{len(table.texts):,} rows to train on, {len(valid.texts):,} rows of {valid.source} to validate on"
        on_event(Note(what, topic="split"))
        columns = [str(valid.columns)] if valid.columns.guessed else []
        for remark in (*columns, *valid.remarks):
            on_event(Note(remark, topic="split"))
        if alike := _known_families(table, valid):
            what = (
                f"{counted(alike, 'account', 'accounts')} of {valid.source} write{'s' if alike == 1 else ''} nearly the same as"
            )
            on_event(Note(f"{what} accounts that are trained on; scores flatter", warning=True, topic="split"))
        return everything, SplitPart(valid.texts, targets_of(valid, labels), rows=range(len(valid.texts)))
    settings = config.data.valid_share, config.training.seed, table.texts
    try:
        rows = split(everything.targets, groups, *settings)
    except DataError:
        if groups == accounts:
            raise
        rows, groups = split(everything.targets, accounts, *settings), accounts
        what = "accounts that write nearly the same are too many to keep them on one side; they stand on both: scores flatter"
        on_event(Note(what, warning=True, topic="split"))
    train_part, valid_part = (
        SplitPart([table.texts[i] for i in side], everything.targets[side], [groups[i] for i in side if groups], side.tolist())
        for side in rows
    )
    by = f" by {table.columns.group}" if table.groups else ""
    what = f"{len(train_part.texts):,} rows to train on, {len(valid_part.texts):,} held out{by} to validate on"
    on_event(Note(what, topic="split"))
    if families_said := _families_in_words(groups, accounts):
        on_event(Note(families_said, topic="split"))
    if left:
        what = f"{counted(left, 'account writes', 'accounts write')} nearly the same as more than a tenth of all"
        on_event(Note(f"{what}, and may stand on both sides; then scores flatter", warning=True, topic="split"))
    repeats = repeats_of(table.texts, table.labels).rows
    if repeats and (shared := len(shared_rows(valid_part.texts, train_part.texts))):
        on_event(Note(shared_in_words(shared, len(valid_part.texts)), warning=True, topic="split"))
    elif repeats and not table.groups:
        what = f"{counted(repeats, 'row repeats', 'rows repeat')} the text of another; equal texts stay on one side"
        on_event(Note(what, topic="split"))
    return train_part, valid_part


def _known_families(table: Table, valid: Table) -> int:
    """How many of the named accounts of `valid` write nearly the same as an account of another name in `table`."""
    if not (table.groups and valid.groups):
        return 0
    rows = [(text, name) for part in (table, valid) for text, name in zip(part.texts, part.groups, strict=True) if name]
    found, _ = families([text for text, _ in rows], names := [name for _, name in rows])
    family_of = dict(zip(names, found, strict=True))
    trained = {name for name in table.groups if name}
    known = {family_of[name] for name in trained}
    return sum(family_of[name] in known for name in set(valid.groups) - trained - {""})


def _accounts_of(table: Table, config: Config) -> list[str]:
    """The account of each row; empty where rows have no accounts and are none. A row without a name is an account by itself."""
    if not table.groups and config.text.sentences != "lines":
        return []
    return [name or f"\0{row}" for row, name in enumerate(table.groups or [""] * len(table.texts))]


def _families_in_words(families: Sequence[str], accounts: Sequence[str]) -> str:
    """What there is to say about accounts of one family; "" without any."""
    sizes = Counter(family for family, _ in set(zip(families, accounts, strict=True)))
    if not (several := [size for size in sizes.values() if size > 1]):
        return ""
    what = f"{sum(several):,} accounts write nearly the same as others, in {counted(len(several), 'family', 'families')}"
    return f"{what}; a family stays on one side"


def extra_splits(train_part: SplitPart, valid_part: SplitPart) -> list[Split]:
    """More splits to choose the linear model's settings on, of the training rows: numbers of rows to fit to and to judge by.

    Empty where the validation rows are enough by themselves, or the training rows so many that it would take long.
    """
    if len(valid_part.texts) >= ENOUGH or len(train_part.texts) > FEW:
        return []
    with suppress(DataError):  # too few groups
        return [
            split(train_part.targets, train_part.groups, EXTRA_SHARE, seed, train_part.texts) for seed in range(EXTRA_SPLITS)
        ]
    return []


def targets_of(table: Table, labels: Sequence[str]) -> NDArray[np.int32]:
    """The number of each row's label; DataError when one is not among `labels`."""
    numbers = {label: i for i, label in enumerate(labels)}
    if unknown := sorted(set(table.labels) - set(labels)):
        raise DataError(
            f"{table.source}: the label '{unknown[0]}' is not in the training data", hint=f"known: {', '.join(labels)}"
        )
    return np.array([numbers[label] for label in table.labels], np.int32)


def resolved(config: Config, table: Table, train_part: SplitPart, labels: int, on_event: OnEvent) -> Config:
    """The configuration with what only the data can decide: columns, level, number of features, epochs."""
    data = replace(config.data, text_col=table.columns.text, label_col=table.columns.label)
    text, training = config.text, config.training
    if text.level == "auto":
        level, reason = choose_level(train_part.texts)
        on_event(Note(f"{level} ({reason}; `level` chooses)", topic="level"))
        text = replace(text, level=level)
    else:
        on_event(Note(f"{text.level} (as asked)", topic="level"))
    text = replace(text, max_features=min(text.max_features, max(10, MOST_WEIGHTS // labels)))
    fits = labels * len(train_part.texts) <= MOST_NUMBERS
    if config.model.linear and not fits and text.level == "word":
        what = (
            f"{labels:,} labels of {len(train_part.texts):,} rows are too many for a linear model, and accuracy suffers for it"
        )
        on_event(Note(what, warning=True, topic="linear model"))
    model = replace(config.model, linear=config.model.linear and fits)
    if training.align and (why := _why_not_aligned(config.model.attention, labels)):
        on_event(Note(f"off: {why}", topic="alignment"))
        training = replace(training, align=0.0)
    if training.epochs == 0:
        training = replace(training, epochs=epochs_for(len(train_part.texts), text.level))
    return replace(config, data=data, text=text, model=model, training=training)


def _why_not_aligned(attention: str, labels: int) -> str:
    """Why attention cannot be aligned with the decision; "" if it can."""
    if not MECHANISMS.make(attention, {}).can_be_aligned:
        return f"{attention} attention has no weights that could follow what the decision is made of"
    return f"{labels:,} labels would make each step of training several times as long" if labels > MOST_LABELS else ""


def epochs_for(rows: int, level: Level) -> int:
    """How often the network reads all rows. Many rows give enough steps in few epochs.

    At word level, where the linear model knows much already: 700 / √rows, from 4 to 9, and up to 20 for fewer than 1,100 rows.
    At character level: 1000 / √rows, from 5 to 20.
    """
    if level == "char":
        return int(np.clip(round(1000 / rows**0.5), 5, 20))
    return int(np.clip(round(max(min(9, 700 / rows**0.5), 10_000 / rows)), 4, 20))


def example_weights(targets: NDArray[np.int32], labels: int, config: TrainingConfig) -> NDArray[np.float32]:
    """What each example counts in the loss (mean 1). balanced: each label the same in sum. auto: the square root of that,
    and only when the commonest label has three times the rows of the rarest."""
    counts = np.bincount(targets, minlength=labels)
    uneven = counts.max() >= IMBALANCED * counts.min()
    if config.class_weight == "none" or (config.class_weight == "auto" and not uneven):
        return np.ones(len(targets), np.float32)
    power = 1.0 if config.class_weight == "balanced" else 0.5
    weights = (1.0 / np.maximum(counts, 1)) ** power
    return np.asarray(weights[targets] / weights[targets].mean(), np.float32)
