"""`eval`: a labelled table in; scores, measured explanations and a page out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console
from rich.text import Text

from attnclf.accounts.evaluation import evaluate_accounts
from attnclf.accounts.labelled import whole_accounts
from attnclf.cli import screen
from attnclf.cli.account_column import check_group_col, no_group
from attnclf.cli.accounts import DEFAULT, MixedAccountsOption, PriorOption
from attnclf.cli.floors import check_floors, parse_floors
from attnclf.cli.forms import OBJECT, form_by_ending, tell_page
from attnclf.cli.inputs import data_config, trained_columns
from attnclf.cli.options import (
    DATA,
    DEFAULT_MODEL,
    EXPLANATION,
    OUTPUT,
    Delimiter,
    Encoding,
    GroupColToScore,
    InputFormatOption,
    LabelCol,
    Output,
    QuotingOption,
    Tables,
    TextCol,
    UsedModel,
    one_of,
)
from attnclf.cli.output import check_outputs, open_output
from attnclf.config import MixedAccounts
from attnclf.config.rates import label_rates
from attnclf.data import Table, by_account, read_table
from attnclf.explain import (
    NotAdditive,
    check_additivity,
    diagnose,
    evenly_spaced,
    explain,
    measure_in_modes,
    measure_plausibility,
    rationale_of,
)
from attnclf.render import accounts, records, terminal, trust
from attnclf.render.basis import lines as basis_lines
from attnclf.render.report import report_page
from attnclf.results import AccountScores, Basis, Measured, Note, Plausibility
from attnclf.scoring.evaluation import Evaluation, Unit, UnknownLabels, evaluate, tell_met_accounts
from attnclf.scoring.metrics import calibration
from attnclf.served.model import ServedModel

ERRORS = 10  # the most confident ones, explained in a report


def eval_command(
    data: Tables,
    text_col: TextCol = None,
    label_col: LabelCol = "",
    group_col: GroupColToScore = "",
    input_format: InputFormatOption = "",
    encoding: Encoding = "",
    delimiter: Delimiter = "",
    quoting: QuotingOption = "",
    model: UsedModel = DEFAULT_MODEL,
    prior: PriorOption = None,
    unknown_labels: Annotated[
        str,
        typer.Option(
            "--unknown-labels",
            metavar="count|skip|error",
            help="What to do with rows whose label training never saw: count them as errors, skip them, or stop.",
            rich_help_panel=DATA,
        ),
    ] = "count",
    mixed_accounts: MixedAccountsOption = None,
    faithfulness: Annotated[
        int,
        typer.Option(
            "--faithfulness",
            metavar="N",
            min=0,
            help="Measure how far explanations can be trusted, on N texts (say 200).",
            rich_help_panel=EXPLANATION,
        ),
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.", rich_help_panel=OUTPUT)] = False,
    page: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write an HTML page too: charts, confusion, the most confident errors. An existing file is replaced.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    output: Output = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-under",
            metavar="SCORE=VALUE",
            help="Exit with code 6 when a score of the rows misses this, such as macro_f1=.8; accounts.accuracy and "
            "accounts.macro_f1 are those of accounts.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
) -> None:
    """Score a model on labelled texts: accuracy, F1, each label, the confusion matrix, calibration."""
    floors = parse_floors(fail_under or [])
    one_of("--unknown-labels", unknown_labels, get_args(UnknownLabels))
    mixed = cast(MixedAccounts, one_of("--mixed-accounts", mixed_accounts or DEFAULT.mixed_accounts, get_args(MixedAccounts)))
    check_outputs(data, output=output, report=page)
    as_json = form_by_ending("json" if as_json else "", output, OBJECT) == "json"
    tell_page(page)
    rates = label_rates("--prior", prior or [])
    served = ServedModel.load(model).at(rates)
    reading = data_config(
        text_col=text_col,
        label_col=label_col,
        group_col=group_col,
        input_format=input_format,
        encoding=encoding,
        delimiter=delimiter,
        quoting=quoting,
    )
    check_group_col(served, reading)
    table = read_table(data, reading, trained_columns(served))
    screen.show_columns(table)
    tell_met_accounts(served, table, screen.show_note)
    if served.classifies_accounts and not table.groups:
        screen.show_note(no_group(served.bundle.config.data.group_col, table.source))
    if served.bundle.config.data.group_col and not served.knows_accounts:
        so = ", and `mixed_accounts` has no effect" if mixed_accounts else ""
        screen.show_note(Note(f"this model has no rule for accounts; only posts are scored{so}", warning=bool(so)))
    elif mixed_accounts and not table.groups:
        what = f"`mixed_accounts` has no effect: no column of accounts is read from {table.source}"
        screen.show_note(Note(what, warning=True))
    whole, mixed_out = bool(table.groups) and served.classifies_accounts, 0
    if whole:
        table, mixed_out = whole_accounts(table, mixed, screen.show_note)
        rows = len(table.texts)
        table = by_account(table)
        screen.show_note(Note(f"{rows:,} rows of {len(table.texts)} accounts, each classified from all its rows"))
    unit: Unit = "accounts" if whole else "rows"
    judged = evaluate(served, table, screen.show_note, cast(UnknownLabels, unknown_labels), unit)
    table = judged.table
    of_accounts = _accounts(served, judged, mixed, rates)
    measured, fault = _measured(served, table, judged, faithfulness)
    accounts_left_out = (of_accounts.nameless_rows, of_accounts.mixed_accounts) if of_accounts else (0, mixed_out)
    basis = Basis(served.base_rates, judged.left_out, *accounts_left_out)
    try:
        with open_output(output) as stream:
            if as_json:
                stream.write(records.report_json(judged.report, measured, of_accounts, basis) + "\n")
            else:
                _print(screen.results_console(stream), judged, measured, of_accounts, basis, unit)
    finally:  # also where the scores cannot be written
        if page:
            _write_report(served, table, judged, measured, page, of_accounts, basis, unit)
    if fault:  # of evidence, on which the scores do not rest, and they are written
        raise fault
    check_floors(judged.report, floors, of_accounts.verdicts.report if of_accounts else judged.report if whole else None)


def _print(
    console: Console, judged: Evaluation, measured: Measured, of_accounts: AccountScores | None, basis: Basis, unit: Unit
) -> None:
    whole_lines = not console.is_terminal  # in a file
    for line in basis_lines(basis, unit):
        console.print(Text(line), soft_wrap=whole_lines)
    console.print(terminal.report(judged.report, judged.table.source, unit=unit))
    console.print(accounts.shown(of_accounts, elsewhere=bool(basis.base_rates)), soft_wrap=whole_lines)
    console.print(trust.measured(measured))


def _write_report(
    served: ServedModel,
    table: Table,
    judged: Evaluation,
    measured: Measured,
    page: Path,
    of_accounts: AccountScores | None,
    basis: Basis,
    unit: str,
) -> None:
    stored = () if measured.faithfulness or not served.bundle.faithfulness else (served.bundle.faithfulness,)
    errors = [
        (table.labels[row], table.texts[row], judged.probabilities[row].argmax())
        for row in judged.most_confident_errors(ERRORS)
    ]
    explained = [
        (true, explain(served, [text], served.labels[given], against=true if true in served.labels else "")[0])
        for true, text, given in errors
    ]
    bins = calibration(judged.targets, judged.probabilities)
    history = served.bundle.history()
    with open_output(page) as stream:
        stream.writelines(
            report_page(
                judged.report, table.source, bins, history, measured, Measured(stored), explained, of_accounts, basis, unit
            )
        )


def _accounts(
    served: ServedModel, judged: Evaluation, mixed: MixedAccounts, rates: Mapping[str, float]
) -> AccountScores | None:
    """Scores of accounts, where the model has a rule for them and the table has their names."""
    rule = served.bundle.accounts
    if not rule:
        return None
    if judged.table.groups:
        found = evaluate_accounts(judged, rule, served, mixed, screen.show_note, rates, served.bundle.held_out_accounts)
        if found is None:
            what = "no row belongs to an account with one label; only posts are scored"
            screen.show_note(Note(what, warning=True, topic="accounts"))
        return found
    screen.show_note(no_group(served.bundle.config.data.group_col, judged.table.source, "only posts are scored"))
    return None


def _measured(served: ServedModel, table: Table, judged: Evaluation, many: int) -> tuple[Measured, NotAdditive | None]:
    """What can be measured on `many` of the rows, spread over them all; nothing when 0, and where evidence has a fault."""
    if many > len(table.texts):
        what = f"--faithfulness {many}: the file holds {len(table.texts)} texts, and all are taken"
        screen.show_note(Note(what, warning=True))
    if not many:
        return Measured(), None
    people = _plausibility(served, table, many)
    rows = evenly_spaced([row for row, text in enumerate(table.texts) if text.strip()], many)
    texts = [table.texts[row] for row in rows]
    try:
        additivity = check_additivity(served, table.texts)
        faithfulness = tuple(measure_in_modes(served, texts))
    except NotAdditive as fault:
        return Measured(), fault
    return Measured(faithfulness, diagnose(served, texts, judged.targets[rows].tolist()), people, additivity), None


def _plausibility(served: ServedModel, table: Table, many: int) -> Plausibility | None:
    """Against what people marked, where the table has a column of rationales, on `many` of the texts that have one."""
    rows = enumerate(zip(table.rationales, table.texts, strict=False), 1)
    rationales = [rationale_of(cell, text, f"{table.source}, row {number}") for number, (cell, text) in rows]
    return measure_plausibility(served, table.texts, rationales, many) if rationales else None
