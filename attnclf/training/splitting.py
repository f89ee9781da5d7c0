"""Which rows are trained on and which are held out."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attnclf.checking.tables import named
from attnclf.config import Config
from attnclf.data import Table, nameless_in_words
from attnclf.data.families import families
from attnclf.data.known_labels import differs
from attnclf.data.repeats import repeats_of, shared_in_words, shared_rows
from attnclf.data.split import LARGE, Split, numbered, split
from attnclf.data.stored import taken
from attnclf.errors import DataError
from attnclf.results import Note, OnEvent, counted, listed

ENOUGH = 600  # validation rows to choose settings of the linear model on; with fewer, splits of the training rows help
FEWEST = 10  # validation rows; of scores on fewer, and of what they choose, nothing can be expected
FEW = 20_000  # training rows; with more, that would take long
EXTRA_SPLITS, EXTRA_SHARE = 3, 0.25
MISSED = 0.5  # of the share asked for; if more is missing or too much, that is told


@dataclass(frozen=True)
class SplitPart:
    """One side of the split."""

    texts: Sequence[str]
    targets: NDArray[np.int32]
    groups: Sequence[str] = ()  # empty: every row stands for itself
    rows: Sequence[int] = ()  # their numbers in the table


def parts_of(
    table: Table,
    valid: Table | None,
    labels: Sequence[str],
    config: Config,
    on_event: OnEvent,
    known: Sequence[str] = (),
) -> tuple[SplitPart, SplitPart]:
    """The rows to train on and the rows to validate on. With `valid` the families of the former may be `known`."""
    accounts = _accounts_of(table, config)
    groups, left = families(table.texts, accounts) if accounts else (known, 0)
    everything = SplitPart(table.texts, targets_of(table, labels), groups, range(len(table.texts)))
    if valid is not None:
        rows_of = f"{counted(len(valid.texts), 'row', 'rows')} of {valid.source}"
        what = f"{len(table.texts):,} rows to train on, {rows_of} to validate on"
        on_event(Note(what, topic="split"))
        columns = [str(valid.columns)] if valid.columns.guessed else []
        for remark in (*columns, *valid.remarks):
            on_event(Note(remark, topic="split"))
        if alike := _known_families(table, valid):
            what = (
                f"{counted(alike, 'account', 'accounts')} of {valid.source} write{'s' if alike == 1 else ''} nearly the same as"
            )
            on_event(Note(f"{what} accounts that are trained on; scores flatter", warning=True, topic="split"))
        _tell_few(len(valid.texts), on_event)
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
        SplitPart(
            taken(table.texts, side.tolist()), everything.targets[side], [groups[i] for i in side if groups], side.tolist()
        )
        for side in rows
    )
    by = f" by {table.columns.group}" if table.groups else ""
    what = f"{len(train_part.texts):,} rows to train on, {len(valid_part.texts):,} held out{by} to validate on"
    on_event(Note(what, topic="split"))
    if 2 * (nameless := sum(not name for name in table.groups)) > len(table.texts):
        what = f"{nameless_in_words(nameless)}: posts of one account may stand on both sides; then scores flatter"
        on_event(Note(what, warning=True, topic="split"))
    _tell_few(len(valid_part.texts), on_event)
    _tell_shares(everything, valid_part, accounts, labels, config.data.valid_share, on_event)
    if families_said := _families_in_words(groups, accounts, table.groups):
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


def _tell_few(rows: int, on_event: OnEvent) -> None:
    if rows < FEWEST:
        what = f"{counted(rows, 'row', 'rows')} to validate on: so few say little of scores, epochs and mixing weights"
        on_event(Note(what, warning=True, topic="split"))


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


def _tell_shares(
    everything: SplitPart,
    valid_part: SplitPart,
    accounts: Sequence[str],
    labels: Sequence[str],
    share: float,
    on_event: OnEvent,
) -> None:
    """Tells where accounts or equal texts keep the split from the share asked for, of all rows or of those of a label."""
    held_out, groups = len(valid_part.texts) / len(everything.texts), everything.groups
    missed = abs(held_out - share) > MISSED * share
    why, left = _by_groups(everything, valid_part, accounts, share) if groups else ("", "")
    if missed:
        why = why or _by_texts(everything, valid_part, share)
        what = f"{held_out:.0%} of the rows are held out, where {share:.0%} were asked for (`valid_share`): {why}"
        on_event(Note(what, warning=True, topic="split"))
    elif left:
        on_event(Note(left, warning=True, topic="split"))
    counts = np.bincount(everything.targets) * (np.bincount(valid_part.targets, minlength=len(labels)) == 0)
    if never := [label for label, count in zip(labels, counts, strict=True) if count > 1]:
        what = f"{counted(len(never), 'label has', 'labels have')} no row held out: {named(never)}"
        of_groups = f"{'its' if len(never) == 1 else 'their'} accounts are too few or too large"
        why = of_groups if groups else "equal texts stay on one side"
        on_event(Note(f"{what}; {why}", warning=True, topic="split"))


def _by_groups(everything: SplitPart, valid_part: SplitPart, accounts: Sequence[str], share: float) -> tuple[str, str]:
    """Why accounts keep the split from the share, if they do; and what there is to say of one that is too large to hold out."""
    rows = len(everything.texts)
    (largest, most), *_ = Counter(everything.groups).most_common(1)
    alike = len({name for name, family in zip(accounts, everything.groups, strict=True) if family == largest}) - 1
    alone = f"and {alike:,} that write nearly the same have" if alike else "alone has"
    what = f"account '{largest}' {alone} {most / rows:.0%} of the rows"
    too_large = most > LARGE * share * rows and not largest.startswith("\0")
    left = f"{what}, which are too many to hold out: they are trained on"
    return (
        what if too_large else "rows of one account stay on one side",
        left if too_large and largest not in valid_part.groups else "",
    )


def _by_texts(everything: SplitPart, valid_part: SplitPart, share: float) -> str:
    """Why equal texts, or labels of few rows, keep the split from the share."""
    counts = np.bincount(everything.targets)
    held, wanted = np.bincount(valid_part.targets, minlength=len(counts)), share * counts
    few = (wanted < 1) & (held > (1 + MISSED) * wanted)
    reasons = []
    if few.any():
        what = counted(int(few.sum()), "label has", "labels have")
        reasons.append(f"{what} so few rows that one text of each is {held[few].sum() / counts.sum():.0%}")
    missing = held.sum() < wanted.sum()
    part = everything if missing else valid_part  # where a text is that is too large
    sizes = np.bincount(texts := numbered(part.texts))
    label = part.targets[np.flatnonzero(texts == sizes.argmax())[0]]
    if sizes.max() > LARGE * max(1, wanted[label]):
        reasons.append(f"one text has {sizes.max():,} rows")
    if missing and (kept := int((held == 0).sum())):
        reasons.append(f"{counted(kept, 'label has', 'labels have')} one text, which is trained on")
    return listed(reasons) if reasons else "rows with equal texts stay on one side"


def _families_in_words(families: Sequence[str], accounts: Sequence[str], names: Sequence[str]) -> str:
    """What there is to say about accounts of one family; "" without any. Where there are names, rows without one count as no
    account."""
    pairs = {(family, account) for family, account, name in zip(families, accounts, names or accounts, strict=True) if name}
    sizes = Counter(family for family, _ in pairs)
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
    rows = [row for row, label in enumerate(table.labels) if label not in numbers]
    if counts := Counter(table.labels[row] for row in rows):
        unknown, near = sorted(counts), differs(counts, labels)
        what = f"{counted(len(rows), 'row has', 'rows have')} a label that is not in the training data: {named(unknown)}"
        what += f"; {near}" if near else ""
        hint = f"add training rows of {'it' if len(unknown) == 1 else 'these'}, or leave these rows out; known: {named(labels)}"
        raise DataError(f"{table.place(rows[0])}: {what}", hint=hint)
    return np.array([numbers[label] for label in table.labels], np.int32)
