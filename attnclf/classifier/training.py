"""`train`: from a table, in a file or a frame, to a model directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnclf.checkpoint import Checkpoints
from attnclf.classifier.estimator import AttentionClassifier, load
from attnclf.classifier.inputs import table_from
from attnclf.classifier.parameters import check_names, check_verbose, directory_of
from attnclf.classifier.showing import train_shown
from attnclf.config import Config
from attnclf.data import Columns
from attnclf.data.known_labels import as_in_training
from attnclf.errors import UsageError
from attnclf.results import OnEvent, ignore

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Data


def train(
    data: Data,
    model: str | Path = "attnclf-model",
    *,
    valid: Data | None = None,
    config: Config | str | Path | None = None,
    resume: bool = False,
    keep_best: bool = False,
    verbose: int = 1,
    on_event: OnEvent = ignore,
    **settings: Any,
) -> AttentionClassifier:
    """Trains on `data`, writes the model directory `model`, and returns the classifier in it.

    `data` is a path, a glob or an address of a table in any format of docs/data.md, several of them, or a pandas DataFrame.
    A text of a DataFrame is a string, or missing, which is an empty text; bytes, lists and numbers are an error.

    `settings` are those of the configuration by name, such as `level="word"`, `label_col="class"` or `seed=1`. `config` is a
    `Config` or a TOML file, which they override. `verbose=1` shows progress on a terminal and in a notebook, and elsewhere
    only warns (`warnings.warn`) when the model is written; 2 shows details too, everywhere. Guesses are warned of, such as the
    encoding or what separates columns, but not columns that are found by their names in docs/data.md. 0 shows nothing, and
    warns of what may spoil the model, not of guesses. `on_event` hears everything.

    An existing model at `model` is replaced, at the end and not before; progress says which.

    What is done is kept in a hidden folder beside `model`, `.NAME.resume`, until the model is written. `resume=True` goes on
    from there, with the same data and settings, and ends with the same weights, on a CPU to the bit. If nothing was kept, that
    is said, and training starts from the beginning. With `keep_best=True` an interruption (KeyboardInterrupt) is raised only
    when the best epoch so far has been written as the model, if an epoch had ended.

    Raises DataError, DeviceError or UsageError, and ModelError where what was kept is damaged.
    """
    check_verbose(verbose)
    check_names(settings)
    target = directory_of(model)
    if config is None or isinstance(config, Config):
        base = config or Config()
    elif not isinstance(config, str | Path):
        what = f"config is one {type(config).__name__}"
        raise UsageError(what, hint="pass a Config or the path of a TOML file; settings are passed by name: epochs=3")
    else:
        base = Config.from_toml(Path(config), settings.get("size"))
    resolved = base.override_flat(settings)
    table, valid_table = table_from(data, resolved.data), None
    if valid is not None:
        valid_table = table_from(valid, resolved.for_validation().data, Columns(group=resolved.data.group_col))
        valid_table = as_in_training(valid_table, table.labels, table.label_type)
    kept = Checkpoints(target, resume=resume)
    shown = train_shown(table, valid_table, resolved, target, verbose, on_event, checkpoints=kept, keep_best=keep_best)
    return load(shown.path)
