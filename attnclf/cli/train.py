"""`train`: options → configuration → training with progress → the validation report."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attnclf.cli import screen
from attnclf.cli.options import DEFAULT_MODEL, LabelCol, Model, TextCol
from attnclf.config import Config
from attnclf.data import Table, read_table
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.normalizers import NORMALIZERS
from attnclf.progress import TrainingProgress
from attnclf.registry import Registry
from attnclf.render import terminal
from attnclf.results import Note

if TYPE_CHECKING:
    from attnclf.training import Trained

DEFAULT = Config()


def _option(name: str, help_: str, default: Any, metavar: str = "") -> Any:
    """An option that overrides a setting of the configuration: unset unless given, its default told in the help."""
    return typer.Option(name, help=help_, metavar=metavar or None, show_default=str(default))


def _listed(title: str, parts: Registry[Any]) -> str:
    """The names of parts and what they do, a line each, as help shows them."""
    width = max(map(len, parts.meanings)) + 2
    return "\n".join(["\b", title, *(f"  {part:<{width}}{meaning}" for part, meaning in parts.meanings.items())])


PARTS = "\n\n".join([_listed("Attention:", MECHANISMS), _listed("Normalizers:", NORMALIZERS), _listed("Encoders:", ENCODERS)])


def train_command(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="CSV or TSV files of texts and labels.")],
    model: Model = DEFAULT_MODEL,
    text_col: TextCol = "",
    label_col: LabelCol = "",
    group_col: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="Rows of one account stay on one side of the split; a hierarchical encoder judges them together.",
        ),
    ] = "",
    encoding: Annotated[str | None, _option("--encoding", "How the files are encoded.", DEFAULT.data.encoding, "NAME")] = None,
    valid: Annotated[Path | None, typer.Option(metavar="FILE", help="Validate on this file, not on a part held out.")] = None,
    valid_share: Annotated[
        float | None, _option("--valid-share", "Share of rows held out to validate on.", DEFAULT.data.valid_share)
    ] = None,
    level: Annotated[
        str | None, _option("--level", "What a token is; auto looks at scripts and new words.", "auto", "auto|char|word")
    ] = None,
    max_length: Annotated[int | None, _option("--max-length", "Tokens read of each text.", DEFAULT.text.max_length)] = None,
    size: Annotated[
        str | None, _option("--size", "How large the network is.", DEFAULT.model.size, "small|medium|large")
    ] = None,
    encoder: Annotated[
        str | None, _option("--encoder", "What reads the tokens; see below.", DEFAULT.model.encoder, "NAME")
    ] = None,
    layers: Annotated[int | None, _option("--layers", "Recurrences, or transformer layers.", DEFAULT.model.layers)] = None,
    heads: Annotated[int | None, _option("--heads", "Of multihead, and of a transformer.", DEFAULT.model.heads)] = None,
    input_attention: Annotated[
        bool | None, typer.Option("--input-attention", help="Attention before the encoder, too.", show_default="off")
    ] = None,
    attention: Annotated[
        str | None, _option("--attention", "What weighs them; see below.", DEFAULT.model.attention, "NAME")
    ] = None,
    normalizer: Annotated[
        str | None,
        _option("--normalizer", "What makes weights of scores; see below.", "softmax, but for two mechanisms", "NAME"),
    ] = None,
    shared: Annotated[
        bool | None, typer.Option("--shared", help="One weight for all features (per_dimension, gate).", show_default="off")
    ] = None,
    sampling: Annotated[
        str | None, _option("--sampling", "How hard attention learns.", DEFAULT.model.sampling, "reinforce|gumbel")
    ] = None,
    values: Annotated[
        str | None,
        _option(
            "--values",
            "What attention pools: each token's own, the states, or both.",
            "local; states without attention",
            "local|states|both",
        ),
    ] = None,
    units: Annotated[int | None, _option("--units", "Units of the encoder, each way.", "64; by character 128")] = None,
    dropout: Annotated[float | None, _option("--dropout", "Share dropped in training.", DEFAULT.model.dropout)] = None,
    epochs: Annotated[int | None, _option("--epochs", "Passes over the rows, at most.", "4 to 20, by rows")] = None,
    patience: Annotated[
        int | None, _option("--patience", "Epochs without a better score before stopping.", DEFAULT.training.patience)
    ] = None,
    max_minutes: Annotated[
        float | None, _option("--max-minutes", "Stop the network's training then; keep the best so far.", "no limit")
    ] = None,
    batch_size: Annotated[int | None, _option("--batch-size", "Texts a step.", DEFAULT.training.batch_size)] = None,
    learning_rate: Annotated[
        float | None, _option("--learning-rate", "Highest learning rate.", DEFAULT.training.learning_rate)
    ] = None,
    class_weight: Annotated[
        str | None,
        _option("--class-weight", "What rare labels count; auto acts when uneven.", "auto", "auto|none|balanced"),
    ] = None,
    device: Annotated[str | None, _option("--device", "Where to train.", "auto", "auto|cpu|gpu")] = None,
    precision: Annotated[
        str | None, _option("--precision", "Number format.", "auto", "auto|float32|mixed_bfloat16|mixed_float16")
    ] = None,
    seed: Annotated[int | None, _option("--seed", "Same seed, same machine: same weights.", DEFAULT.training.seed)] = None,
    baseline: Annotated[
        bool | None,
        typer.Option("--baseline/--no-baseline", help="Train TF-IDF + logistic regression too.", show_default="on"),
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="A TOML file of settings; options override it.")] = None,
) -> None:
    """Train a classifier on a table of texts and labels, and write it to a model directory."""
    given: dict[str, dict[str, Any]] = {
        "data": {"text_col": text_col, "label_col": label_col, "group_col": group_col}
        | {"encoding": encoding, "valid_share": valid_share},
        "text": {"level": level, "max_length": max_length},
        "model": {
            "size": size,
            "encoder": encoder,
            "layers": layers,
            "heads": heads,
            "input_attention": input_attention,
            "attention": attention,
            "normalizer": normalizer,
            "shared": shared,
            "sampling": sampling,
            "values": values,
            "units": units,
            "dropout": dropout,
        },
        "training": {"epochs": epochs, "patience": patience, "max_minutes": max_minutes}
        | {"batch_size": batch_size, "learning_rate": learning_rate}
        | {"class_weight": class_weight, "device": device, "precision": precision, "seed": seed, "baseline": baseline},
    }
    settings = {section: {k: v for k, v in values.items() if v not in (None, "")} for section, values in given.items()}
    resolved = (Config.from_toml(config) if config else DEFAULT).override(settings)
    table = _read(data, resolved)
    valid_table = _read([valid], resolved.for_validation()) if valid else None
    _show(_train(table, valid_table, resolved, model))


def _read(paths: list[Path], config: Config) -> Table:
    table, notes = read_table(paths, config.data)
    for note in notes:
        screen.show_note(Note(note))
    return table


def _train(table: Table, valid: Table | None, config: Config, model: Path) -> "Trained":
    from attnclf.training import train

    try:
        with TrainingProgress(screen.stderr()) as progress:
            return train(table, valid, config, model, progress, importing=screen.quiet())
    except KeyboardInterrupt:
        kept = f"the model at {model} is as it was" if model.exists() else f"nothing was written to {model}"
        screen.show_note(Note(f"interrupted; {kept}", warning=True))
        raise typer.Exit(130) from None


def _show(trained: "Trained") -> None:
    screen.results_console(sys.stdout).print(terminal.report(trained.report, "validation", trained.baseline))
    screen.show_note(Note(f"model written to {trained.bundle.path} in {trained.seconds:.0f} s"))
    screen.show_note(Note(f'try: attnclf explain "a text" -m {trained.bundle.path}'))
