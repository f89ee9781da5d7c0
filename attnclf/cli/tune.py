"""`tune`: options → trials with progress → one table → the model of the chosen settings, as `train` makes it."""

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from attnclf.bundle import check_target, followed
from attnclf.cli import screen
from attnclf.cli.options import (
    DATA,
    DEFAULT_MODEL,
    KEPT,
    OUTPUT,
    SEARCH,
    ConfigFile,
    Delimiter,
    Encoding,
    GroupCol,
    InputFormatOption,
    LabelCol,
    Model,
    QuotingOption,
    Tables,
    TextCol,
    Valid,
    setting,
)
from attnclf.cli.output import check_folder, check_outputs, open_output
from attnclf.cli.repeated import config_of, names_in, toml_of, train_command_of
from attnclf.cli.showing import show_json, show_table, with_picture
from attnclf.cli.training import read_tables, show_report, train_shown
from attnclf.cli.tuning_progress import TuningProgress
from attnclf.config import Config
from attnclf.data import Table
from attnclf.errors import AttnclfError
from attnclf.progress import NORMAL, without_chatter
from attnclf.render.comparison import check_picture
from attnclf.render.tuning import markdown, picture, table, verdict
from attnclf.results import Note, Tuned, counted
from attnclf.tuning.journal import check_optuna
from attnclf.tuning.search import LEAST, check_minutes, tune

DEFAULT = Config()
FOLDER = Path("attnclf-tune")
TRIALS = "trials.jsonl"  # in that folder


def tune_command(
    data: Tables,
    minutes: Annotated[
        float,
        typer.Option(
            metavar="M",
            min=LEAST,
            help="Minutes for all trials, over all calls. The first has the defaults and always ends.",
            rich_help_panel=SEARCH,
        ),
    ] = 30.0,
    text_col: TextCol = None,
    label_col: LabelCol = "",
    group_col: GroupCol = "",
    valid: Valid = None,
    valid_share: Annotated[
        float | None, setting(DATA, "--valid-share", "Share of rows held out to validate on.", DEFAULT.data.valid_share)
    ] = None,
    min_rows: Annotated[
        int | None, setting(DATA, "--min-rows", "Leave labels with fewer rows out.", DEFAULT.data.min_rows, "N")
    ] = None,
    input_format: InputFormatOption = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    quoting: QuotingOption = "",
    level: Annotated[
        str | None, setting(KEPT, "--level", "What a token is.", "searched in mixed scripts", "auto|char|word")
    ] = None,
    size: Annotated[str | None, setting(KEPT, "--size", "How large the network is.", "searched", "small|medium|large")] = None,
    encoder: Annotated[str | None, setting(KEPT, "--encoder", "What reads the tokens.", "searched", "NAME")] = None,
    attention: Annotated[str | None, setting(KEPT, "--attention", "What weighs the tokens.", "searched", "NAME")] = None,
    learning_rate: Annotated[float | None, setting(KEPT, "--learning-rate", "The highest learning rate.", "searched")] = None,
    dropout: Annotated[
        float | None, setting(KEPT, "--dropout", "Share of vectors' numbers dropped in training.", "searched")
    ] = None,
    epochs: Annotated[
        int | None, setting(KEPT, "--epochs", "Passes over the rows, at most.", "2 to 20, by rows and length", "N")
    ] = None,
    batch_size: Annotated[int | None, setting(KEPT, "--batch-size", "Texts in a step.", DEFAULT.training.batch_size)] = None,
    seed: Annotated[
        int | None, setting(KEPT, "--seed", "Of the split, of trainings and of what is tried.", DEFAULT.training.seed)
    ] = None,
    device: Annotated[str | None, setting(KEPT, "--device", "Where to train.", "auto", "auto|cpu|gpu")] = None,
    config: ConfigFile = None,
    model: Model = DEFAULT_MODEL,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help=f"Keep trials here, in {TRIALS}. The same command goes on with them.",
            rich_help_panel=OUTPUT,
        ),
    ] = FOLDER,
    save_config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the chosen settings here, for train --config. An existing file is replaced.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the trials as one JSON object, and no report.", rich_help_panel=OUTPUT)
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the trials too, as .png or .svg. An existing file is replaced. Needs attnclf[plot].",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    """Search settings for a table by trials on one split of it, and train a model with those that are clearly better than the
    defaults, or with the defaults. Needs attnclf[tune]. After an interruption, the same command continues."""
    check_optuna()
    check_minutes(minutes)
    check_outputs([*data, valid, config], model, save_config=save_config, plot=plot)
    check_folder("-o", output, model)
    if plot:
        check_picture(plot)
    options: dict[str, dict[str, Any]] = {
        "data": {"text_col": text_col, "label_col": label_col, "group_col": group_col}
        | {"input_format": input_format, "encoding": encoding, "delimiter": delimiter, "quoting": quoting}
        | {"valid_share": valid_share, "min_rows": min_rows},
        "text": {"level": level},
        "model": {"size": size, "encoder": encoder, "attention": attention, "dropout": dropout},
        "training": {"learning_rate": learning_rate, "epochs": epochs, "batch_size": batch_size}
        | {"seed": seed, "device": device},
    }
    given = screen.given(options)
    settings = config_of(config, given)
    kept = names_in(config).union(*given.values())
    rows, held_out = read_tables(data, valid, settings, valid_share, config)
    with TuningProgress(screen.stderr(), minutes) as progress:
        result = _tuned(rows, held_out, settings, kept, minutes, output / TRIALS, model, progress)
    of_trial = result.chosen.settings if result.chosen and result.is_better else {}
    winner = settings.override_flat(of_trial)
    try:
        _show(result, as_json, plot)
    finally:  # also where the trials cannot be shown
        if save_config and result.chosen:
            with open_output(save_config, "name another file with --save-config") as stream:
                stream.write(toml_of(winner, verdict(result), train_command_of(data, {}, valid, save_config, model)))
            screen.show_note(Note(str(save_config), topic="settings"))
    if result.chosen is None:
        _say_how_to_go_on(result, output)
        raise typer.Exit(130)
    flat = {name: value for section in given.values() for name, value in section.items()}
    command = train_command_of(data, flat | dict(of_trial), valid, config, model)
    screen.show_note(Note(command, topic="command"))
    if result.interrupted:
        _say_how_to_go_on(result, output)
        raise typer.Exit(130)
    _train(rows, held_out, winner, model, command, as_json, progress.told)
    if result.is_better:
        flattered = "settings were chosen by these validation rows, so their scores flatter; attnclf eval scores others"
        screen.show_note(Note(flattered, warning=True))


def _tuned(
    rows: Table,
    held_out: Table | None,
    settings: Config,
    names: set[str],
    minutes: float,
    trials: Path,
    model: Path,
    progress: TuningProgress,
) -> Tuned:
    """Says what `train` says of the data, then makes the trials."""
    from attnclf.training import dry_run

    check_target(followed(model))  # now, and not after minutes of trials
    dry_run(rows, held_out, settings, model, progress)
    return tune(rows, held_out, settings, names, minutes, trials, progress, importing=without_chatter)


def _show(result: Tuned, as_json: bool, plot: Path | None) -> None:
    with with_picture(plot if result.trials else None, partial(picture, result)):
        if as_json:
            show_json(result.to_dict() | {"verdict": verdict(result)})
        elif result.done:
            show_table(partial(table, result), partial(markdown, result))


def _say_how_to_go_on(result: Tuned, output: Path) -> None:
    ended = len(result.trials) - result.counted("cut")
    kept = f"{counted(ended, 'trial is', 'trials are')} kept in {output / TRIALS}, and the same command goes on from there"
    screen.show_note(Note(f"interrupted; {kept}; no model was trained", warning=True))


def _train(
    rows: Table, held_out: Table | None, config: Config, model: Path, command: str, as_json: bool, told: Collection[Note]
) -> None:
    """Trains the model as `train` does, and shows its report."""
    try:
        trained = train_shown(rows, held_out, config, model, NORMAL, None, resume=False, keep_best=False, told=told)
    except (typer.Exit, AttnclfError):
        screen.show_note(Note(f"the trials are kept. The training alone goes on by: {command} --resume"))
        raise
    if not as_json:
        show_report(trained, model)
