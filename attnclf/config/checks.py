"""What a setting may be: its type, and the range of a number."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from attnclf.errors import UsageError


def check_value(value: Any, kind: Any, where: str) -> None:
    """Raises UsageError for a value that is not of the type of its setting."""
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise UsageError(f"{where}: one of {', '.join(get_args(kind))}; found {value!r}")
    elif get_origin(kind) is tuple:
        if not all(isinstance(name, str) and name for name in names_of(value)):
            as_list = [f"{key}={one}" for key, one in value.items()] if isinstance(value, Mapping) else []
            hint = f"write {as_list}" if as_list else ""
            raise UsageError(f"{where}: a name, or a list of names; found {value!r}", hint=hint)
    elif kind is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError(f"{where}: a number; found {value!r}")
    elif type(value) is not kind:
        raise UsageError(f"{where}: a value of type {kind.__name__}; found {value!r}")


def names_of(value: Any) -> tuple[Any, ...]:
    """Several names; one may be given by itself, and "" is none."""
    return tuple(value) if isinstance(value, list | tuple) else (value,) if value != "" else ()


A_TAB = "a tab is $'\\t' in a shell"
# setting: lowest and highest allowed value, both included
RANGES: dict[str, tuple[float, float]] = {
    "valid_share": (0.01, 0.9),
    "min_posts": (1, 1_000_000_000),
    "min_rows": (1, 1_000_000_000),
    "max_length": (1, 100_000),
    "longest": (1, 10_000_000),
    "min_count": (1, 1_000_000),
    "max_vocabulary": (10, 10_000_000),
    "max_features": (10, 10_000_000),
    "longest_word": (1, 1_000),
    "most_ngrams": (1, 1_000),
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
    "align": (0.0, 100.0),
    "feature_dropout": (0.0, 0.95),
    "clip_norm": (1e-6, 1e6),
    "patience": (1, 100_000),
    "max_minutes": (0.0, 1e6),
    "faithfulness": (0, 100_000),
    "seed": (0, 2**32 - 1),
}


def check_ranges(section: Any, where: str) -> None:
    """Raises UsageError for a number out of its range."""
    delimiter = getattr(section, "delimiter", "")
    if len(delimiter) > 1 or (delimiter in ('"', "\n", "\r") and delimiter):
        raise UsageError(
            f"{setting_at(where, 'delimiter')}: one character, and no quote or line end; found {delimiter!r}", hint=A_TAB
        )
    for key, value in dataclasses.asdict(section).items():
        low, high = RANGES.get(key, (None, None))
        if low is not None and high is not None and not low <= value <= high:
            rule = f"from {_number(low)} to {_number(high)}; found {value:,}"
            raise UsageError(f"{setting_at(where, key)}: {rule}")


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def setting_at(where: str, key: str) -> str:
    """How a message names a setting: by the section that has it, or by itself, so that the command line says its option."""
    return f"{where} {key}" if where else f"`{key}`"
