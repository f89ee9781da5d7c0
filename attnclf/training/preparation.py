"""What training decides from the table before any weight moves: labels, split, level, epochs, weights of examples."""

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from attnclf.checking.tables import named
from attnclf.config import Config, Level, Sentences, TextConfig, TrainingConfig
from attnclf.data import Table, by_account
from attnclf.errors import DataError, UsageError
from attnclf.linear.model import MOST_NUMBERS, most_features
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.pretrained import Pretrained
from attnclf.reading.levels import choose_level
from attnclf.results import Note, OnEvent, counted, listed
from attnclf.training.splitting import SplitPart

MOST_LABELS = 500  # with more there is no baseline, for the same reason, and attention is not aligned
# Tokens that the network reads in all epochs of long texts: those of more than LONG tokens on average. A step costs what its
# tokens cost, and teaches little more for being longer. At character level no linear model knows most of it already.
MOST_TOKENS, LONG = {"word": 4_000_000, "char": 25_000_000}, {"word": 100, "char": 300}
FEWEST_EPOCHS = 2
OF_LEVEL = {"word": ("max_features", "longest_word", "most_ngrams", "feature_dropout"), "char": ("max_vocabulary",)}  # settings
IMBALANCED = 3.0  # auto class weights act when the commonest label has this many times the rows of the rarest


@dataclass(frozen=True)
class Prepared:
    """What training begins with: the tables, the configuration with what the data decide, the labels, the split, and weights
    that were learned elsewhere if it is to begin with some. `accounts` are the names of all accounts, read whole or not."""

    table: Table
    valid: Table | None
    config: Config
    labels: tuple[str, ...]
    train_part: SplitPart
    valid_part: SplitPart
    pretrained: Pretrained | None = None
    accounts: frozenset[str] = frozenset()

    @property
    def held_out(self) -> Table:
        """The rows that are validated on."""
        return self.table.rows(self.valid_part.rows) if self.valid is None else self.valid

    @property
    def texts(self) -> Iterable[str]:
        """All texts that are trained or validated on: the latter choose the epoch and the mixing weights."""
        return chain(self.table.texts, self.valid.texts if self.valid else ())

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


def without_rare_rows(table: Table, valid: Table | None, fewest: int, on_event: OnEvent) -> tuple[Table, Table | None]:
    """Training and validation rows without those of labels that have fewer than `fewest` rows in training.

    Raises DataError where no row is left to validate on.
    """
    kept = without_rare_labels(table, fewest, on_event)
    return kept, without_labels(valid, set(table.labels) - set(kept.labels), on_event)


def without_labels(table: Table | None, labels: Set[str], on_event: OnEvent, use: str = "validate") -> Table | None:
    """The rows to `use` otherwise, without those of `labels`, which were left out of the training rows; a note about them.

    Raises DataError where no row is left.
    """
    if table is None or not labels:
        return table
    kept = [row for row, label in enumerate(table.labels) if label not in labels]
    if left := len(table.labels) - len(kept):
        what = f"{table.source}: {counted(left, 'row of these labels is', 'rows of these labels are')} left out, too"
        on_event(Note(what, warning=True, topic="data"))
    if not kept:
        raise DataError(f"{table.source}: no rows are left to {use} on", hint=f"lower `min_rows`, or {use} on other rows")
    return table.rows(kept) if left else table


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


def resolved(config: Config, table: Table, train_part: SplitPart, labels: int, on_event: OnEvent) -> Config:
    """The configuration with what only the data can decide: columns, level, number of features, epochs."""
    columns = table.columns
    data = replace(config.data, text_col=columns.text, label_col=columns.label, group_col=columns.group)
    text, training = config.text, config.training
    if text.level == "auto":
        level, reason = choose_level(train_part.texts)
        on_event(Note(f"{level} ({reason}; `level` chooses)", topic="level"))
        text = replace(text, level=level)
    else:
        on_event(Note(f"{text.level} (as asked)", topic="level"))
    if unused := _without_effect(text, training):
        on_event(Note(unused, warning=True, topic="level"))
    if text.level == "word" and (most := most_features(text.max_features, labels)) < text.max_features:
        asked = f"[text] max_features is {text.max_features:,}"
        what = f"at most {most:,} n-grams are known, as there are {labels:,} labels ({asked})"
        on_event(Note(what, topic="linear model"))
        text = replace(text, max_features=most)
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
    if weights := _class_weights_in_words(train_part.targets, labels_of(table), training):
        on_event(Note(weights, topic="class weight"))
    if training.epochs == 0:
        tokens = tokens_of_epoch(train_part.texts, text)
        training = replace(training, epochs=epochs_for(len(train_part.texts), text.level, tokens))
    return replace(config, data=data, text=text, model=model, training=training)


def in_prospect(config: TrainingConfig) -> str:
    """What would be trained, in words, without a look at the device: that would take seconds."""
    epochs = counted(config.epochs, "epoch", "epochs") + (" and a baseline" if config.baseline else "")
    return f"at most {epochs} would be trained; whether the device can be had was not looked at (`device` is {config.device})"


def _without_effect(text: TextConfig, training: TrainingConfig) -> str:
    """What there is to say of settings of the other level that are not the defaults; "" without any."""
    other, what = ("word", "characters") if text.level == "char" else ("char", "words")
    given, defaults = asdict(text) | asdict(training), asdict(TextConfig()) | asdict(TrainingConfig())
    names = [f"`{name}`" for name in OF_LEVEL[other] if given[name] != defaults[name]]
    return f"{listed(names)} {'has' if len(names) == 1 else 'have'} no effect: the model reads {what}" if names else ""


def _why_not_aligned(attention: str, labels: int) -> str:
    """Why attention cannot be aligned with the decision; "" if it can."""
    if not MECHANISMS.make(attention, {}).can_be_aligned:
        return f"{attention} attention has no weights that could follow what the decision is made of"
    return f"{labels:,} labels would make each step of training several times as long" if labels > MOST_LABELS else ""


def tokens_of_epoch(texts: Sequence[str], config: TextConfig) -> int:
    """About how many tokens the network reads in an epoch; punctuation marks are not counted as words."""
    lengths = (len(text) if config.level == "char" else len(text.split()) for text in texts)
    return sum(min(length, config.max_length) for length in lengths)


def epochs_for(rows: int, level: Level, tokens: int) -> int:
    """How often the network reads all rows, which have about `tokens` tokens. Many rows give enough steps in few epochs.

    At word level, where the linear model knows much already: 700 / √rows, from 4 to 9, and up to 20 for fewer than 1,100 rows.
    At character level: 1000 / √rows, from 5 to 20. Of long texts no more epochs than read MOST_TOKENS, and at least 2.
    """
    if level == "char":
        by_rows = int(np.clip(round(1000 / rows**0.5), 5, 20))
    else:
        by_rows = int(np.clip(round(max(min(9, 700 / rows**0.5), 10_000 / rows)), 4, 20))
    return min(by_rows, max(FEWEST_EPOCHS, MOST_TOKENS[level] // tokens)) if tokens > LONG[level] * rows else by_rows


def _class_weights_in_words(targets: NDArray[np.int32], labels: Sequence[str], config: TrainingConfig) -> str:
    """How much more rows of the rarest label count than those of the commonest; "" if all count the same."""
    weights, counts = example_weights(targets, len(labels), config), np.bincount(targets, minlength=len(labels))
    if not len(weights) or weights.min() == weights.max():
        return ""
    rarest, commonest = int(counts.argmin()), int(counts.argmax())  # each label has rows to train on
    ratio = weights[targets == rarest][0] / weights[targets == commonest][0]
    return f"rows of '{labels[rarest]}' count {ratio:.1f} times as much as rows of '{labels[commonest]}' (`class_weight`)"


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
