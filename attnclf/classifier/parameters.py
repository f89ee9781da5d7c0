"""The parameters of the estimator: every setting of the configuration by its name, with its default."""

import dataclasses
from collections.abc import Mapping
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import numpy as np

from attnclf.config import SIZES, Config
from attnclf.errors import UsageError
from attnclf.registry import nearest

SIZED = tuple(SIZES["large"])  # what `size` decides, unless it is given: None
ELSEWHERE = {"random_state": "seed"}  # what scikit-learn calls a setting
OWN: dict[str, Any] = {"model": None, "verbose": 0}  # what is no setting of the configuration


def _flat(config: Config) -> dict[str, Any]:
    """All settings by name; `Config.override_flat` takes them back."""
    sections = (getattr(config, section.name) for section in dataclasses.fields(config))
    return {field.name: getattr(section, field.name) for section in sections for field in dataclasses.fields(section)}


DEFAULTS: dict[str, Any] = OWN | _flat(Config()) | dict.fromkeys(SIZED)


def signature() -> Signature:
    """The parameters as help() and scikit-learn read them."""
    own = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    return Signature(own + [Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in DEFAULTS.items()])


def check_names(given: Mapping[str, Any]) -> None:
    """Raises UsageError for the first that is no parameter, with the nearest one that is."""
    for name in given:
        if name not in DEFAULTS:
            hint = f"it is `{ELSEWHERE[name]}` here" if name in ELSEWHERE else nearest(name, DEFAULTS)
            raise UsageError(f"there is no setting '{name}'", hint=hint)


def check_verbose(verbose: Any) -> None:
    """Raises UsageError for what is none of the three numbers, such as True."""
    if type(verbose) is not int or verbose not in (0, 1, 2):
        raise UsageError(f"verbose is {verbose!r}", hint="0 for warnings alone, 1 for progress, 2 for details")


def directory_of(model: Any, what: str = "model") -> Path:
    """The path of a model directory. Raises UsageError for what is no path, such as None."""
    if not isinstance(model, str | Path):
        raise UsageError(f"{what} is {model!r:.60}, and no path", hint="pass the path of a model directory: 'attnclf-model'")
    return Path(model)


def config_of(parameters: Mapping[str, Any]) -> Config:
    """The configuration that they stand for. Raises UsageError for a value that is not allowed."""
    check_verbose(parameters["verbose"])
    given = {
        name: value.item() if isinstance(value, np.generic) else value  # such as the numbers of a grid
        for name, value in parameters.items()
        if name not in OWN and not (value is None and name in SIZED)
    }
    return Config().override_flat(given)


def parameters_of(config: Config) -> dict[str, Any]:
    """The parameters that train such a model again. What the size decides is left to it, and sentences to the training."""
    of_size = dataclasses.asdict(Config().override_flat({"size": config.model.size}).model)
    found = _flat(config) | {"sentences": DEFAULTS["sentences"]}
    return found | {name: None for name in SIZED if found[name] == of_size[name]}
