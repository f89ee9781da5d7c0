"""`train`: options → configuration → training with progress → the validation report."""

from typing import Annotated, Any

import typer

from attnclf.cli import screen
from attnclf.cli.accounts import Anyway, MaxFalsePositiveRate, MinPosts, MixedAccountsOption
from attnclf.cli.curves import check_folder
from attnclf.cli.options import (
    DATA,
    DEFAULT_MODEL,
    MODEL,
    OUTPUT,
    TEXT,
    TRAINING,
    ConfigFile,
    Delimiter,
    Encoding,
    GroupCol,
    InputFormatOption,
    LabelCol,
    Model,
    QuotingOption,
    Strict,
    Tables,
    TextCol,
    Valid,
    setting,
    severity_of,
)
from attnclf.cli.processes import Processes, member, started
from attnclf.cli.repeated import config_of
from attnclf.cli.training import Curves, Init, KeepBest, Resume, check_only, read_tables, show_trained, take_part, train_shown
from attnclf.config import Config
from attnclf.errors import UsageError
from attnclf.processes import Place
from attnclf.progress import NORMAL, QUIET, VERBOSE

DEFAULT = Config()
TRAIN, NET = DEFAULT.training, DEFAULT.model


def train_command(
    data: Tables,
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
    mixed_accounts: MixedAccountsOption = None,
    max_false_positive_rate: MaxFalsePositiveRate = None,
    min_posts: MinPosts = None,
    anyway: Anyway = None,
    level: Annotated[
        str | None,
        setting(TEXT, "--level", "What a token is. auto looks at the scripts of the texts.", "auto", "auto|char|word"),
    ] = None,
    max_length: Annotated[
        int | None, setting(TEXT, "--max-length", "Tokens that the network reads of each text.", DEFAULT.text.max_length)
    ] = None,
    long_texts: Annotated[
        str | None,
        setting(TEXT, "--long-texts", "Where it reads them in a longer text.", DEFAULT.text.long_texts, "both|start|end"),
    ] = None,
    size: Annotated[str | None, setting(MODEL, "--size", "How large the network is.", NET.size, "small|medium|large")] = None,
    attention: Annotated[
        str | None, setting(MODEL, "--attention", "What weighs the tokens; listed below.", NET.attention, "NAME")
    ] = None,
    encoder: Annotated[
        str | None, setting(MODEL, "--encoder", "What reads the tokens; listed below.", NET.encoder, "NAME")
    ] = None,
    units: Annotated[
        int | None, setting(MODEL, "--units", "Units of the encoder, each way.", "64, or 128 at character level")
    ] = None,
    layers: Annotated[
        int | None, setting(MODEL, "--layers", "Layers of a recurrent encoder or a transformer.", NET.layers)
    ] = None,
    heads: Annotated[int | None, setting(MODEL, "--heads", "Heads of multihead attention or a transformer.", NET.heads)] = None,
    values: Annotated[
        str | None,
        setting(
            MODEL,
            "--values",
            "What attention pools: what each token says by itself (local), the encoder's states, or both.",
            "local; states without attention",
            "auto|local|states|both",
        ),
    ] = None,
    dropout: Annotated[
        float | None, setting(MODEL, "--dropout", "Share of vectors' numbers dropped in training.", NET.dropout)
    ] = None,
    normalizer: Annotated[
        str | None,
        setting(MODEL, "--normalizer", "What makes weights of scores; listed below.", "the mechanism's own", "NAME"),
    ] = None,
    input_attention: Annotated[
        bool | None,
        typer.Option(
            "--input-attention/--no-input-attention",
            help="Attention before the encoder, too.",
            show_default="off",
            rich_help_panel=MODEL,
        ),
    ] = None,
    shared: Annotated[
        bool | None,
        typer.Option(
            "--shared/--no-shared",
            help="One weight for each token, not one for each feature (per_dimension, gate).",
            show_default="off",
            rich_help_panel=MODEL,
        ),
    ] = None,
    sampling: Annotated[
        str | None,
        setting(MODEL, "--sampling", "How hard attention (--attention hard) is trained.", NET.sampling, "reinforce|gumbel"),
    ] = None,
    epochs: Annotated[
        int | None, setting(TRAINING, "--epochs", "Passes over the rows, at most.", "2 to 20, by rows and length")
    ] = None,
    max_minutes: Annotated[
        float | None,
        setting(TRAINING, "--max-minutes", "Stop training the network then, and keep the best so far.", "no limit"),
    ] = None,
    seed: Annotated[
        int | None, setting(TRAINING, "--seed", "The same seed on the same machine gives the same weights.", TRAIN.seed)
    ] = None,
    device: Annotated[str | None, setting(TRAINING, "--device", "Where to train.", "auto", "auto|cpu|gpu")] = None,
    class_weight: Annotated[
        str | None,
        setting(
            TRAINING,
            "--class-weight",
            "How much rows of rare labels count. auto acts when labels are uneven.",
            "auto",
            "auto|none|balanced",
        ),
    ] = None,
    batch_size: Annotated[int | None, setting(TRAINING, "--batch-size", "Texts in a step.", TRAIN.batch_size)] = None,
    learning_rate: Annotated[
        float | None, setting(TRAINING, "--learning-rate", "The highest learning rate.", TRAIN.learning_rate)
    ] = None,
    align: Annotated[
        float | None,
        setting(
            TRAINING,
            "--align",
            "How strongly training asks attention to follow what the decision is made of. 0: not at all.",
            TRAIN.align,
        ),
    ] = None,
    patience: Annotated[
        int | None,
        setting(
            TRAINING,
            "--patience",
            "Stop after so many epochs of the last cycle without a lower validation log loss.",
            TRAIN.patience,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        setting(TRAINING, "--precision", "Number format.", "auto", "auto|float32|mixed_bfloat16|mixed_float16"),
    ] = None,
    baseline: Annotated[
        bool | None,
        typer.Option(
            "--baseline/--no-baseline",
            help="Train TF-IDF + logistic regression too, to compare with.",
            show_default="on",
            rich_help_panel=TRAINING,
        ),
    ] = None,
    init: Init = None,
    resume: Resume = False,
    keep_best: KeepBest = False,
    tensorboard: Curves = None,
    processes: Processes = None,
    config: ConfigFile = None,
    model: Model = DEFAULT_MODEL,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check the data, say what would be done, and stop there.", rich_help_panel=OUTPUT),
    ] = False,
    strict: Strict = "",
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", help="Say more: what was chosen and why, a line for each epoch.", rich_help_panel=OUTPUT
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            help="Print the report and nothing else; the card keeps warnings. With --dry-run, print warnings.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
) -> None:
    """Train a classifier on a table of texts and labels, and write it to a model directory."""
    severity = severity_of(strict)
    if verbose and quiet:
        raise UsageError("--verbose and --quiet are opposites", hint="leave one of them out")
    given: dict[str, dict[str, Any]] = {
        "data": {"text_col": text_col, "label_col": label_col, "group_col": group_col}
        | {"input_format": input_format, "encoding": encoding, "delimiter": delimiter, "quoting": quoting}
        | {"valid_share": valid_share, "min_rows": min_rows},
        "text": {"level": level, "max_length": max_length, "long_texts": long_texts},
        "model": {"size": size, "encoder": encoder, "layers": layers, "heads": heads, "input_attention": input_attention}
        | {"attention": attention, "normalizer": normalizer, "shared": shared, "sampling": sampling}
        | {"values": values, "units": units, "dropout": dropout},
        "training": {"init": init and str(init), "epochs": epochs, "patience": patience, "max_minutes": max_minutes}
        | {"align": align, "batch_size": batch_size, "learning_rate": learning_rate}
        | {"class_weight": class_weight, "device": device, "precision": precision, "seed": seed, "baseline": baseline},
        "accounts": {"mixed_accounts": mixed_accounts, "min_posts": min_posts, "anyway": anyway}
        | {"max_false_positive_rate": max_false_positive_rate},
    }
    resolved = config_of(config, screen.given(given))
    if tensorboard:
        check_folder(tensorboard, resume, model)
    place, verbosity = Place.of(), QUIET if quiet else VERBOSE if verbose else NORMAL
    if not dry_run and started(processes, data, place):
        return
    with member(place):
        table, valid_table = read_tables(data, valid, resolved, valid_share, config if place.leads and not quiet else None)
        if dry_run:
            check_only(table, valid_table, resolved, model, verbosity, severity, resume)
        elif place.leads:
            trained = train_shown(
                table, valid_table, resolved, model, verbosity, severity, resume, keep_best, place, curves=tensorboard
            )
            show_trained(trained, model, quiet)
        else:
            take_part(table, valid_table, resolved, place)
