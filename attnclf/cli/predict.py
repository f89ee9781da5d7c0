"""`predict`: texts in, a line with their label out for each."""

from typing import Annotated

import typer

from attnclf.cli.accounts import PriorOption
from attnclf.cli.inputs import check_source, data_config
from attnclf.cli.labelling import FORMS, Labelling
from attnclf.cli.options import (
    DEFAULT_MODEL,
    OUTPUT,
    DelimiterOfTexts,
    EncodingOfTexts,
    Files,
    GroupColOfTexts,
    InputFormatOfTexts,
    Output,
    QuotingOfTexts,
    TextColOfTexts,
    Texts,
    UsedModel,
    one_of,
)
from attnclf.cli.output import check_outputs
from attnclf.cli.screen import show_unread
from attnclf.config.rates import label_rates
from attnclf.errors import UsageError
from attnclf.served.model import ServedModel


def predict_command(
    texts: Texts = None,
    file: Files = None,
    text_col: TextColOfTexts = None,
    group_col: GroupColOfTexts = "",
    input_format: InputFormatOfTexts = "",
    encoding: EncodingOfTexts = "",
    delimiter: DelimiterOfTexts = "",
    quoting: QuotingOfTexts = "",
    model: UsedModel = DEFAULT_MODEL,
    prior: PriorOption = None,
    accounts: Annotated[
        bool,
        typer.Option(
            "--accounts",
            help="One row for each account: its label, how many posts were read, the strongest post for it and against it.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    top_k: Annotated[
        int,
        typer.Option("--top-k", metavar="K", min=1, help="How many labels to give, likeliest first.", rich_help_panel=OUTPUT),
    ] = 1,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="|".join(FORMS),
            help="How to write them.",
            show_default="by the name of -o; else csv for a table, text for texts",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    output: Output = None,
    output_encoding: Annotated[
        str,
        typer.Option(
            "--output-encoding",
            metavar="NAME",
            help="The encoding of CSV and TSV.",
            show_default="that of the table, else utf-8",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    on: Annotated[
        str,
        typer.Option(
            "--on",
            metavar="ray|spark|ray://HOST:PORT|spark://HOST:PORT",
            help="Label files by the workers of Ray or Spark, on this machine or a cluster, each into a file of the folder -o. "
            "Finished files are skipped. Needs attnclf[ray] or attnclf[spark].",
            show_default="this process",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
) -> None:
    """Label texts: one line out for each text in, in the same order."""
    one_of("--format", format_ or "text", FORMS)
    if accounts and top_k > 1:
        raise UsageError(
            "--accounts gives one label for each account", hint="--format jsonl has the probabilities of all labels"
        )
    reading = data_config(
        text_col=text_col,
        group_col=group_col,
        input_format=input_format,
        encoding=encoding,
        delimiter=delimiter,
        quoting=quoting,
    )
    if not on:
        check_source(texts or [], file or [])
        check_outputs(file or [], output=output)
    rates = label_rates("--prior", prior or [])
    labelling = Labelling(reading, rates, accounts, top_k, format_, output_encoding)
    if on:
        from attnclf.cli.on_cluster import label_on_cluster

        label_on_cluster(on, labelling, model, texts or [], file or [], output)
        return
    served = ServedModel.load(model)
    show_unread(labelling.write(served, texts or [], file or [], output), served.limits)
