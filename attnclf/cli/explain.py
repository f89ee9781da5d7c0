"""`explain`: why, for each text; or, for a whole file, what the model reads for each label."""

from dataclasses import replace
from typing import Annotated

import typer

from attnclf.cli import screen
from attnclf.cli.account_column import check_group_col
from attnclf.cli.accounts import PriorOption
from attnclf.cli.explain_account import (
    Asked,
    check_asked,
    explain_by_rule,
    only_asked,
    pages_of_whole,
    write_pages,
)
from attnclf.cli.explain_global import explain_globally, refuse_others
from attnclf.cli.explain_texts import shown_methods, tell_always_in_json, write_explanations
from attnclf.cli.forms import PAGES, form_by_ending
from attnclf.cli.inputs import Item, check_source, data_config, open_source, trained_columns
from attnclf.cli.options import (
    DEFAULT_MODEL,
    EXPLANATION,
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
from attnclf.cli.output import check_outputs, open_output
from attnclf.cli.whole_accounts import one_per_account, tell_names
from attnclf.config.rates import label_rates
from attnclf.explain import METHODS, explain, with_counterfactuals
from attnclf.explain.methods.gradients import start_keras
from attnclf.results import Explanation, Note
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread

OFFERED = (*(name for name, method in METHODS.items() if method.offered), "both")
EXPLAINED_AT_ONCE = 64  # texts; explanations are larger than predictions


def explain_command(
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
    method: Annotated[
        str,
        typer.Option(
            "--method",
            metavar="|".join(OFFERED),
            help="What to colour by; both: attention, and evidence below it.",
            show_default="attention",
            rich_help_panel=EXPLANATION,
        ),
    ] = "",
    unsigned: Annotated[
        bool,
        typer.Option("--unsigned", help="Attention in one hue, without the side it is for.", rich_help_panel=EXPLANATION),
    ] = False,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="word|token",
            help="Show scores by token, or summed to words.",
            show_default="token",
            rich_help_panel=EXPLANATION,
        ),
    ] = "",
    target: Annotated[
        str,
        typer.Option(
            "--target",
            metavar="LABEL",
            help="Evidence for this label.",
            show_default="the predicted one",
            rich_help_panel=EXPLANATION,
        ),
    ] = "",
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="LABEL",
            help="Evidence against this label.",
            show_default="the likeliest other",
            rich_help_panel=EXPLANATION,
        ),
    ] = "",
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account",
            metavar="NAME",
            help="Explain this account of -f: its verdict, and its posts by their evidence. May be repeated.",
            show_default="every text",
            rich_help_panel=EXPLANATION,
        ),
    ] = None,
    accounts: Annotated[
        bool,
        typer.Option(
            "--accounts",
            help="Explain every account of -f. With --format html, -o names a folder: an index, and a page for each account.",
            rich_help_panel=EXPLANATION,
        ),
    ] = False,
    whole: Annotated[
        str | None,
        typer.Option(
            "--global",
            metavar="DATA",
            help="Show instead the words with the most evidence for each label, over all texts of DATA.",
            rich_help_panel=EXPLANATION,
        ),
    ] = None,
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="text|jsonl|html",
            help="How to write it.",
            show_default="by the name of -o; else text",
            rich_help_panel=OUTPUT,
        ),
    ] = "",
    output: Output = None,
) -> None:
    """Show why: each text coloured by attention, in the hue of the label that each token was taken for."""
    one_of("--format", format_ or "text", ("text", "jsonl", "html"))
    one_of("--method", method or "attention", OFFERED)
    shown = shown_methods(method, unsigned)
    unit = one_of("--by", by or "token", ("word", "token"))
    reading = data_config(
        text_col=text_col,
        group_col=group_col,
        input_format=input_format,
        encoding=encoding,
        delimiter=delimiter,
        quoting=quoting,
    )
    if whole:
        refuse_others(
            {"texts": texts, "-f": file, "--prior": prior, "--method": method, "--unsigned": unsigned, "--by": by}
            | {"--target": target, "--against": against, "--account": account, "--accounts": accounts}
        )
        check_outputs([whole], output=output)
        explain_globally(whole, model, form_by_ending(format_, output, PAGES), output, reading)
        return
    rates = label_rates("--prior", prior or [])
    asked = Asked.of(account or [], accounts, labels=bool(target or against))
    format_ = asked.form(format_, output)
    folder = asked.folder(format_, output)
    tell_always_in_json(format_, method, unsigned)
    check_source(texts or [], file or [])
    if not folder:
        check_outputs(file or [], output=output)
    in_training = ServedModel.load(model)  # at the base rates of training
    served = in_training.at(rates)
    check_group_col(served, reading)
    if METHODS[shown[0]].keras:
        screen.show_note(Note(f"--method {method} needs gradients: starting Keras"))
        from attnclf.progress import without_chatter

        with without_chatter():
            start_keras()
    columns, read_whole = trained_columns(served), served.classifies_accounts
    with open_source(texts or [], file or [], reading, columns, whole=read_whole, required=bool(asked)) as source:
        unread = Unread()
        check_asked(asked, source, served)
        if asked and not read_whole:
            explain_by_rule(in_training, source, asked, rates, shown, unit, format_, output, unread)
            tell_names(source)
            screen.show_unread(unread, served.limits)
            return

        def explanations(items: list[Item]) -> list[Explanation]:
            results = explain(served, [item.text for item in items], target, against, shown, unit)
            unread.count(result.prediction for result in results)
            of_accounts = [
                replace(result, remarks=(f"account: {item.account}", *result.remarks)) if item.account else result
                for item, result in zip(items, results, strict=True)
            ]
            return with_counterfactuals(served, of_accounts)

        windows = only_asked(one_per_account(source.windows) if read_whole else source.windows, asked, source.group)
        parts = (w[i : i + EXPLAINED_AT_ONCE] for w in windows for i in range(0, len(w), EXPLAINED_AT_ONCE))
        found = ((item, one) for part in parts for item, one in zip(part, explanations(part), strict=True))
        trust = served.bundle.faithfulness
        if folder:
            write_pages(folder, pages_of_whole(((item.account, one) for item, one in found), shown, trust), served)
        else:
            with open_output(output) as stream:
                write_explanations(found, shown, format_, stream, trust)
        tell_names(source, "" if asked or not read_whole else "each is explained by itself")
    screen.show_unread(unread, served.limits)
