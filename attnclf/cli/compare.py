"""`compare`: options → a grid of trainings with progress → one table."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from attnclf.cli import screen
from attnclf.cli.comparison_progress import ComparisonProgress
from attnclf.cli.options import (
    DATA,
    GRID,
    OUTPUT,
    TRAINING,
    AsJson,
    ConfigFile,
    Delimiter,
    Encoding,
    InputFormatOption,
    LabelCol,
    QuotingOption,
    Tables,
    TextCol,
    Valid,
    setting,
)
from attnclf.cli.output import check_folder, check_outputs
from attnclf.cli.repeated import names_in
from attnclf.cli.showing import show_json, show_table, with_picture
from attnclf.cli.training import read_alike, tell_unused_share
from attnclf.comparison import compare, plan
from attnclf.comparison.records import RunFile
from attnclf.config import Config
from attnclf.data import FEW_ROWS, Table, read_table
from attnclf.data.sources import check_names
from attnclf.errors import AttnclfError, UsageError
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.render.comparison import check_picture, markdown, picture, table
from attnclf.results import Comparison, Note

DEFAULT = Config()
FOLDER = Path("attnclf-compare")
RUNS = "runs.jsonl"  # in that folder


def compare_command(
    data: Tables,
    text_col: TextCol = None,
    label_col: LabelCol = "",
    group_col: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="Rows with the same value (an account) stay on one side of the split. Rows are scored, not accounts.",
            rich_help_panel=DATA,
        ),
    ] = "",
    valid: Valid = None,
    test: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Score on this file, not on the validation rows.", rich_help_panel=DATA),
    ] = None,
    input_format: InputFormatOption = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    quoting: QuotingOption = "",
    attention: Annotated[
        str,
        setting(GRID, "--attention", f"What weighs the tokens: {', '.join(MECHANISMS.names())}.", "all", "NAME,…|all"),
    ] = "",
    encoder: Annotated[
        str,
        setting(GRID, "--encoder", f"What reads tokens: {', '.join(ENCODERS.names())}.", DEFAULT.model.encoder, "NAME,…|all"),
    ] = "",
    seeds: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Train each combination with the seeds 0 to N - 1.", rich_help_panel=GRID),
    ] = 2,
    level: Annotated[str, setting(TRAINING, "--level", "What a token is.", "auto", "auto|char|word")] = "",
    size: Annotated[
        str, setting(TRAINING, "--size", "How large the networks are.", DEFAULT.model.size, "small|medium|large")
    ] = "",
    epochs: Annotated[
        int | None, setting(TRAINING, "--epochs", "Passes over the rows, at most.", "2 to 20, by rows and length", "N")
    ] = None,
    batch_size: Annotated[
        int | None, setting(TRAINING, "--batch-size", "Texts in a step.", DEFAULT.training.batch_size, "N")
    ] = None,
    device: Annotated[str, setting(TRAINING, "--device", "Where to train.", "auto", "auto|cpu|gpu")] = "",
    config: ConfigFile = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help=f"Keep finished runs here, in {RUNS}. The same command skips them.",
            rich_help_panel=OUTPUT,
        ),
    ] = FOLDER,
    as_json: AsJson = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw it too, as .png or .svg. An existing file is replaced. Needs attnclf[plot].",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    """Train attention mechanisms and encoders on one split with several seeds, and print one table: scores, size, speed and
    faithfulness. After an interruption, the same command continues."""
    from attnclf.progress import without_chatter

    check_names([*data, valid, test])
    check_outputs([*data, valid, test], plot=plot)
    check_folder("-o", output)
    if plot:
        check_picture(plot)
    given: dict[str, dict[str, Any]] = {
        "data": {"text_col": text_col, "label_col": label_col, "group_col": group_col, "encoding": encoding}
        | {"input_format": input_format}
        | {"delimiter": delimiter, "quoting": quoting},
        "text": {"level": level},
        "model": {"size": size},
        "training": {"epochs": epochs, "batch_size": batch_size, "device": device},
    }
    resolved = Config.of(config, screen.given(given))
    of_file = names_in(config)
    attention = attention or (resolved.model.attention if "attention" in of_file else "all")
    if unused := [name for name in ("seed", "baseline") if name in of_file]:
        own = f"the seeds 0 to {seeds - 1}" if seeds > 1 else "the seed 0"
        what = f"runs have {own} and no baseline; not used of {config}: {', '.join(unused)}"
        screen.show_note(Note(what))
    names = _listed(attention, MECHANISMS.names()), _listed(encoder or resolved.model.encoder, ENCODERS.names())
    plan(*names, seeds, resolved)  # raises for names, before tables are read
    runs = RunFile(output / RUNS)
    if runs.path.exists():
        runs.read()  # raises for a file of something else
    tell_unused_share(valid, config)
    rows = read_table(data, resolved.data, keep_others=True, others_until=FEW_ROWS)
    screen.show_columns(rows)
    held_out = [_read_alike(path, resolved, rows) if path else None for path in (valid, test)]
    with ComparisonProgress(screen.stderr()) as progress:
        result = compare(
            rows, held_out[0], held_out[1], names, seeds, resolved, output / RUNS, progress, importing=without_chatter
        )
    _show(result, as_json, plot)
    if result.interrupted:
        done = f"{len(result.runs)} of {result.planned} runs are done and kept in {output / RUNS}"
        screen.show_note(Note(f"interrupted; {done}, and the same command goes on from there", warning=True))
        raise typer.Exit(130)
    if result.failed:  # the table names all of them
        (mechanism, reader), failure = next(iter(result.failed.items()))
        error = AttnclfError(f"every run of {mechanism} + {reader} failed: {failure.message}", hint=failure.hint)
        error.exit_code = failure.exit_code
        raise error


def _listed(text: str, known: Sequence[str]) -> list[str]:
    """`"additive, dot"` → `["additive", "dot"]`, each once; all that are known for `all`."""
    names = [name.strip() for name in text.split(",")]
    if "all" in names:
        return list(known)
    if not all(names):
        raise UsageError(f"'{text}' is not a list of names", hint="write them like additive,dot, or all")
    return list(dict.fromkeys(names))


def _read_alike(path: str, config: Config, table: Table) -> Table:
    rows = read_alike(path, config, table)
    screen.show_columns(rows)
    return rows


def _show(result: Comparison, as_json: bool, plot: Path | None) -> None:
    with with_picture(plot if result.runs else None, partial(picture, result)):
        if as_json:
            show_json(result.to_dict())
        elif result.runs:
            show_table(partial(table, result), partial(markdown, result))
