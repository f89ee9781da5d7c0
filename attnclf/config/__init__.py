"""Every default of attnclf, once, as frozen dataclasses. TOML files and options override them.

The model directory stores a whole configuration, and `from_dict` reads it back: there nothing unknown is accepted, and nothing
missing is filled in.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from attnclf.config.checks import check_ranges, check_value, names_of, setting_at
from attnclf.config.files import toml_values
from attnclf.errors import UsageError
from attnclf.registry import nearest

Level = Literal["auto", "char", "word"]
Size = Literal["small", "medium", "large"]
Values = Literal["auto", "states", "local", "both"]
Sentences = Literal["none", "marks", "lines"]
LongTexts = Literal["both", "start", "end"]
Sampling = Literal["reinforce", "gumbel"]
Quoting = Literal["auto", "quotes", "letters"]
InputFormat = Literal["auto", "csv", "tsv", "jsonl", "json", "parquet", "excel", "fasttext", "folder", "lines"]
Device = Literal["auto", "cpu", "gpu"]
Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]
ClassWeight = Literal["auto", "none", "balanced"]
MixedAccounts = Literal["leave-out", "majority", "refuse"]


@dataclass(frozen=True)
class DataConfig:
    """Which columns hold texts and labels, and which rows are held out for validation."""

    text_col: tuple[str, ...] = ()  # the columns of texts, in order; empty: guessed when there is one sensible guess
    label_col: str = ""  # the column of labels; empty: guessed when there is one sensible guess
    group_col: str = ""  # rows of one group (an account) stay on one side of the split
    input_format: InputFormat = "auto"  # of the files; auto: as they show
    encoding: str = "auto"  # of the files; auto: as they show
    delimiter: str = ""  # what separates the values of a table; empty: as the file shows
    quoting: Quoting = "auto"  # whether a quote begins a quoted value or is a letter; auto: as the file shows
    valid_share: float = 0.1  # share of the rows that is held out for validation
    min_rows: int = 1  # labels with fewer rows are left out of training

    def __post_init__(self) -> None:
        object.__setattr__(self, "text_col", names_of(self.text_col))  # one column may be named by itself


@dataclass(frozen=True)
class TextConfig:
    """How a text becomes tokens."""

    level: Level = "auto"  # what a token is; auto: by the scripts of the training texts
    max_length: int = 512  # tokens that the network reads of each text
    long_texts: LongTexts = "both"  # where it reads them in a longer text: half at the start and half at the end, or one side
    longest: int = 100_000  # tokens read of each text: the linear model reads all of them
    min_count: int = 2  # tokens and n-grams that are rarer in the training texts are unknown
    max_vocabulary: int = 50_000  # characters known, at character level
    sentences: Sentences = "none"  # what ends a sentence, where an encoder reads them one by one; training chooses it
    max_features: int = 400_000  # n-grams known, at word level; and half as many word pairs
    longest_word: int = 200  # characters read of a word; those after them add no n-gram
    most_ngrams: int = 1_000  # of one word: a longer one loses its rarest


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the classifier. `size` sets several of the numbers below it; each may also be set by itself."""

    size: Size = "medium"  # sets embedding, embedded, units, attention_units and values_units
    embedding: int = 128  # size of a token vector
    embedded: int = 50_000  # n-grams with a vector, the commonest; rarer ones only have a weight in the linear model
    encoder: str = "bilstm"  # what reads the tokens
    units: int = 0  # of the encoder, per direction; 0: 64, or 128 at character level, where there is more to remember
    layers: int = 1  # of a recurrent encoder or a transformer
    heads: int = 4  # of multi-head attention or a transformer
    input_attention: bool = False  # attention before the encoder, too
    attention: str = "additive"  # what weighs the tokens
    attention_units: int = 64  # hidden units of a mechanism that has some
    normalizer: str = ""  # softmax, sparsemax or entmax15; empty: the mechanism's own
    shared: bool = False  # one weight for all features, where a mechanism has one for each
    sampling: Sampling = "reinforce"  # how hard attention learns
    values: Values = "auto"  # what is pooled: states, local values or both; auto: local, or states without attention
    values_units: int = 128  # size of a local value
    linear: bool = True  # a linear model next to the network, at word level
    dropout: float = 0.5  # share of the numbers of token vectors, and of the pooled vector, dropped in training


# What each size sets; medium is the defaults of ModelConfig.
SIZES: dict[str, dict[str, int]] = {
    "small": {"embedding": 64, "embedded": 20_000, "units": 32, "attention_units": 32, "values_units": 64},
    "medium": {},
    "large": {"embedding": 256, "embedded": 100_000, "units": 128, "attention_units": 128, "values_units": 256},
}


@dataclass(frozen=True)
class TrainingConfig:
    """How the weights are found, and what is measured then."""

    init: str = ""  # a file of weights to begin with, as `attnclf lesson blanks --save` writes it; empty: at random
    epochs: int = 0  # passes over the rows, at most; 0: by rows and tokens (`attnclf.training.preparation.epochs_for`)
    batch_size: int = 64  # texts in a step
    learning_rate: float = 2e-3  # the highest
    weight_decay: float = 0.01  # of AdamW
    warmup: float = 0.1  # share of the steps of each cycle, see `attnclf.trainable.schedule`
    clip_norm: float = 1.0  # the largest norm of a step's gradient
    align: float = 0.5  # weight of the loss that asks attention to follow what decides; 0: nothing is asked
    feature_dropout: float = 0.2  # share of the n-grams of a word dropped in training
    patience: int = 5  # epochs of the last learning-rate cycle without a lower validation log loss before stopping
    max_minutes: float = 0.0  # after which training of the network stops, with the best weights so far; 0: no limit
    class_weight: ClassWeight = "auto"  # how much rows of rare labels count; auto: acts when labels are uneven
    seed: int = 0  # the same seed on the same machine gives the same weights
    device: Device = "auto"  # where to train; auto: on a GPU where there is one
    precision: Precision = "auto"  # auto: bfloat16 on a GPU that computes in it, float32 elsewhere
    faithfulness: int = 200  # validation texts on which explanations are measured after training; 0: none
    baseline: bool = True  # train TF-IDF + logistic regression on the same split, to compare with


@dataclass(frozen=True)
class AccountsConfig:
    """How posts become verdicts on accounts, where `group_col` names whose post a row is."""

    # accounts whose rows have several labels: left out of the rule and of the scores of accounts, counted with their commonest
    # label, or an error
    mixed_accounts: MixedAccounts = "leave-out"
    max_false_positive_rate: tuple[str, ...] = ()  # of labels, such as "fake=.01": each label named gets a threshold
    min_posts: int = 1  # accounts with fewer posts are undecided
    anyway: bool = False  # a threshold is chosen even where the held-out accounts are too few to promise its rate

    def __post_init__(self) -> None:
        object.__setattr__(self, "max_false_positive_rate", names_of(self.max_false_positive_rate))


@dataclass(frozen=True)
class Config:
    """All settings; `Config()` has the defaults."""

    data: DataConfig = field(default_factory=DataConfig)
    text: TextConfig = field(default_factory=TextConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    accounts: AccountsConfig = field(default_factory=AccountsConfig)

    def override(self, values: Mapping[str, Mapping[str, Any]], source: str = "") -> "Config":
        """This configuration with `values[section][key]` in place of its own. UsageError names what is unknown.

        `source` is the file that has them; without one, each was given by its name.
        """
        sections: dict[str, Any] = {}
        told = f"{source}: " if source else ""
        for section, entries in values.items():
            if section not in (known := {f.name for f in dataclasses.fields(self)}):
                if home := self._homes().get(section):
                    what = f"{told}{section} stands outside of all sections"
                    raise UsageError(what, hint=f"it is a setting of [{home}]: write it below that line")
                raise UsageError(f"{told}there is no section [{section}]", hint=nearest(section, known))
            if not isinstance(entries, Mapping):
                raise UsageError(f"{told}[{section}] must be a table of settings, found {entries!r}")
            settings = dict(entries)
            if section == "model" and "size" in entries:
                settings = _resized(self.model, str(entries["size"])) | settings
            sections[section] = _override_section(getattr(self, section), settings, told and f"{told}[{section}]")
        return dataclasses.replace(self, **sections)

    def override_flat(self, settings: Mapping[str, Any]) -> "Config":
        """The same for settings without their section: every name is in one section only."""
        homes = self._homes()
        values: dict[str, dict[str, Any]] = {}
        for name, value in settings.items():
            if name not in homes:
                raise UsageError(f"there is no setting '{name}'", hint=nearest(name, homes))
            values.setdefault(homes[name], {})[name] = str(value) if isinstance(value, Path) else value
        return self.override(values)

    def _homes(self) -> dict[str, str]:
        """The section of each setting."""
        sections = dataclasses.fields(self)
        return {f.name: section.name for section in sections for f in dataclasses.fields(getattr(self, section.name))}

    def for_validation(self) -> "Config":
        """The configuration to read a file of validation rows with: groups matter there only where accounts are read whole."""
        return (
            self
            if self.model.encoder == "hierarchical"
            else dataclasses.replace(self, data=dataclasses.replace(self.data, group_col=""))
        )

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain values that JSON and TOML can hold."""
        sections: dict[str, dict[str, Any]] = dataclasses.asdict(self)
        return {
            name: {key: list(value) if isinstance(value, tuple) else value for key, value in section.items()}
            for name, section in sections.items()
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Mapping[str, Any]]) -> "Config":
        """Reads back what `to_dict` gave. Raises UsageError when a setting is unknown or missing."""
        config = cls().override(values, source="stored configuration")
        if config.to_dict() != values:
            raise UsageError("stored configuration: settings are missing")
        return config

    @classmethod
    def of(cls, path: Path | None, options: Mapping[str, Mapping[str, Any]]) -> "Config":
        """The defaults overridden by a TOML file, if there is one, and that by `options`."""
        base = cls.from_toml(path, options.get("model", {}).get("size")) if path else cls()
        return base.override(options)

    @classmethod
    def from_toml(cls, path: Path, size: str | None = None) -> "Config":
        """The defaults overridden by a TOML file with the sections [data], [text], [model], [training] and [accounts].

        A `size` stands in for that of the file, and what the file names beside it stays. Raises UsageError.
        """
        values = toml_values(path)
        if size in SIZES and isinstance(model := values.get("model", {}), dict):
            values["model"] = model | {"size": size}
        return cls().override(values, source=str(path))


def _resized(model: ModelConfig, size: str) -> dict[str, Any]:
    """What changes with the size: the numbers that are still those of the old size."""
    defaults: dict[str, Any] = {f.name: f.default for f in dataclasses.fields(ModelConfig)}
    before, after = (defaults | SIZES.get(name, {}) for name in (model.size, size))
    return {name: after[name] for name in SIZES["large"] if getattr(model, name) == before[name]}


def _override_section(section: Any, entries: Mapping[str, Any], where: str) -> Any:
    fields = {f.name: f for f in dataclasses.fields(section)}
    for key, value in entries.items():
        if key not in fields:
            raise UsageError(f"{where}{': ' if where else ''}there is no setting '{key}'", hint=nearest(key, fields))
        check_value(value, fields[key].type, setting_at(where, key))
    changed = dataclasses.replace(section, **entries)
    check_ranges(changed, where)
    return changed
