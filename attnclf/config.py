"""Every default of attnclf, once, as frozen dataclasses; TOML files and options override them.

A configuration is stored whole in the model directory, so `from_dict` is also what reads it back: nothing unknown is
accepted and nothing missing is filled in there.
"""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from attnclf.errors import UsageError
from attnclf.registry import nearest

Level = Literal["auto", "char", "word"]
Size = Literal["small", "medium", "large"]
Values = Literal["auto", "states", "local", "both"]
Sentences = Literal["none", "marks", "lines"]
Sampling = Literal["reinforce", "gumbel"]
Device = Literal["auto", "cpu", "gpu"]
Precision = Literal["auto", "float32", "mixed_bfloat16", "mixed_float16"]
ClassWeight = Literal["auto", "none", "balanced"]


@dataclass(frozen=True)
class DataConfig:
    """Where texts and labels stand in the table, and what is held out for validation."""

    text_col: str = ""  # empty: guessed when there is one sensible guess
    label_col: str = ""
    group_col: str = ""  # rows of one group (an account) stay on one side of the split
    encoding: str = "utf-8"
    valid_share: float = 0.1


@dataclass(frozen=True)
class TextConfig:
    """How a text becomes tokens."""

    level: Level = "auto"
    max_length: int = 512  # tokens; what follows is not read
    min_count: int = 2  # tokens rarer than this in the training texts are unknown
    max_vocabulary: int = 50_000  # of characters
    sentences: Sentences = "none"  # what ends one, for an encoder that reads them one by one; chosen by training
    max_features: int = 400_000  # n-grams of words; and half as many pairs of words


@dataclass(frozen=True)
class ModelConfig:
    """The shape of the classifier. `size` sets the numbers below it, which may be set one by one beside it."""

    size: Size = "medium"
    embedding: int = 128
    embedded: int = 50_000  # ids that have a vector, the commonest; rarer n-grams have only their weight in the linear model
    encoder: str = "bilstm"
    units: int = 0  # per direction; 0: 64, or 128 at character level, where there is more to remember
    layers: int = 1  # of recurrent encoders and the transformer
    heads: int = 4  # of multi-head attention and the transformer
    input_attention: bool = False  # attention before the encoder too
    attention: str = "additive"
    attention_units: int = 64
    normalizer: str = ""  # softmax, sparsemax, entmax15; empty: the mechanism's own
    shared: bool = False  # one weight for all features, of mechanisms that have one for each
    sampling: Sampling = "reinforce"  # how hard attention learns
    values: Values = (
        "auto"  # pooled: the encoder's states, what each token says by itself, or both; auto: local under attention
    )
    values_units: int = 128  # of local values
    linear: bool = True  # the linear model beside attention, at word level
    dropout: float = 0.5  # of embeddings, and of the pooled vector


# What a size sets; medium is the defaults of ModelConfig.
SIZES: dict[str, dict[str, int]] = {
    "small": {"embedding": 64, "embedded": 20_000, "units": 32, "attention_units": 32, "values_units": 64},
    "medium": {},
    "large": {"embedding": 256, "embedded": 100_000, "units": 128, "attention_units": 128, "values_units": 256},
}


@dataclass(frozen=True)
class TrainingConfig:
    """How the weights are found."""

    epochs: int = 0  # 0: by the number of rows, see `attnclf.training.preparation.epochs_for`
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warmup: float = 0.1  # share of the steps of each cycle, see `attnclf.trainable.schedule`
    clip_norm: float = 1.0
    feature_dropout: float = 0.2  # of the n-grams of a word
    patience: int = 5  # epochs of the last cycle without a lower validation log loss
    max_minutes: float = 0.0  # 0: no limit; else training stops then, with the best weights so far
    class_weight: ClassWeight = "auto"
    seed: int = 0
    device: Device = "auto"
    precision: Precision = "auto"
    faithfulness: int = 200  # validation texts on which explanations are measured at the end; 0: none
    baseline: bool = True  # train TF-IDF + logistic regression on the same split


@dataclass(frozen=True)
class Config:
    """All of it; `Config()` is the default."""

    data: DataConfig = field(default_factory=DataConfig)
    text: TextConfig = field(default_factory=TextConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    def override(self, values: Mapping[str, Mapping[str, Any]], source: str = "options") -> "Config":
        """This configuration with `values[section][key]` in place of its own; UsageError names what is unknown."""
        sections: dict[str, Any] = {}
        for section, entries in values.items():
            if section not in (known := {f.name for f in dataclasses.fields(self)}):
                raise UsageError(f"{source}: there is no section [{section}]", hint=nearest(section, known))
            if not isinstance(entries, Mapping):
                raise UsageError(f"{source}: [{section}] must be a table of settings, found {entries!r}")
            settings = dict(entries)
            if section == "model" and "size" in entries:
                settings = _resized(self.model, str(entries["size"])) | settings
            sections[section] = _override_section(getattr(self, section), settings, f"{source}: [{section}]")
        return dataclasses.replace(self, **sections)

    def override_flat(self, settings: Mapping[str, Any]) -> "Config":
        """The same for settings named without their section: every name stands in one section only."""
        homes = {
            f.name: section.name
            for section in dataclasses.fields(self)
            for f in dataclasses.fields(getattr(self, section.name))
        }
        values: dict[str, dict[str, Any]] = {}
        for name, value in settings.items():
            if name not in homes:
                raise UsageError(f"there is no setting '{name}'", hint=nearest(name, homes))
            values.setdefault(homes[name], {})[name] = value
        return self.override(values, source="settings")

    def for_validation(self) -> "Config":
        """What a file of validation rows is read by: groups matter there only to an encoder of whole accounts."""
        return (
            self
            if self.model.encoder == "hierarchical"
            else dataclasses.replace(self, data=dataclasses.replace(self.data, group_col=""))
        )

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Plain values, as JSON and TOML hold them."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Mapping[str, Any]]) -> "Config":
        """What `to_dict` gave, read back; UsageError when a setting is unknown or missing."""
        config = cls().override(values, source="stored configuration")
        if config.to_dict() != values:
            raise UsageError("stored configuration: settings are missing")
        return config

    @classmethod
    def from_toml(cls, path: Path) -> "Config":
        """The defaults overridden by a TOML file with the sections [data], [text], [model] and [training]."""
        try:
            return cls().override(tomllib.loads(path.read_text(encoding="utf-8")), source=str(path))
        except OSError as error:
            raise UsageError(f"cannot read the configuration {path}: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} is not a TOML file: {error}") from error


def _resized(model: ModelConfig, size: str) -> dict[str, Any]:
    """What changes with the size: the numbers that are still those of the size until now."""
    defaults: dict[str, Any] = {f.name: f.default for f in dataclasses.fields(ModelConfig)}
    before, after = (defaults | SIZES.get(name, {}) for name in (model.size, size))
    return {name: after[name] for name in SIZES["large"] if getattr(model, name) == before[name]}


def _override_section(section: Any, entries: Mapping[str, Any], where: str) -> Any:
    fields = {f.name: f for f in dataclasses.fields(section)}
    for key, value in entries.items():
        if key not in fields:
            raise UsageError(f"{where}: there is no setting '{key}'", hint=nearest(key, fields))
        _check(value, fields[key].type, f"{where} {key}")
    changed = dataclasses.replace(section, **entries)
    _check_ranges(changed, where)
    return changed


def _check(value: Any, kind: Any, where: str) -> None:
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise UsageError(f"{where}: one of {', '.join(get_args(kind))}; found {value!r}")
    elif kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"{where}: a number; found {value!r}")
    elif type(value) is not kind:
        raise UsageError(f"{where}: a value of type {kind.__name__}; found {value!r}")


# setting: lowest and highest allowed value, both included
RANGES: dict[str, tuple[float, float]] = {
    "valid_share": (0.01, 0.9),
    "max_length": (1, 100_000),
    "min_count": (1, 1_000_000),
    "max_vocabulary": (10, 10_000_000),
    "max_features": (10, 10_000_000),
    "embedding": (1, 8192),
    "embedded": (10, 10_000_000),
    "units": (0, 8192),
    "layers": (1, 32),
    "heads": (1, 256),
    "attention_units": (1, 8192),
    "values_units": (1, 8192),
    "dropout": (0.0, 0.95),
    "epochs": (0, 100_000),
    "batch_size": (1, 65_536),
    "learning_rate": (1e-8, 10.0),
    "weight_decay": (0.0, 10.0),
    "warmup": (0.0, 1.0),
    "feature_dropout": (0.0, 0.95),
    "clip_norm": (1e-6, 1e6),
    "patience": (1, 100_000),
    "max_minutes": (0.0, 1e6),
    "faithfulness": (0, 100_000),
    "seed": (0, 2**32 - 1),
}


def _check_ranges(section: Any, where: str) -> None:
    for key, value in dataclasses.asdict(section).items():
        low, high = RANGES.get(key, (None, None))
        if low is not None and high is not None and not low <= value <= high:
            raise UsageError(f"{where} {key}: from {low:g} to {high:g}; found {value}")
