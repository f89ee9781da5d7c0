"""`eval`, `predict` and `explain`: the commands that need a trained model and nothing heavier."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TextIO

import typer

from attnclf.cli import screen
from attnclf.cli.inputs import Item, Source, check_source, data_config, open_source, trained_columns
from attnclf.cli.options import (
    DEFAULT_ENCODING,
    DEFAULT_MODEL,
    Encoding,
    File,
    LabelCol,
    Model,
    Output,
    TextCol,
    Texts,
    one_of,
)
from attnclf.cli.output import open_output
from attnclf.config import DataConfig
from attnclf.data import DELIMITERS, Table, read_table
from attnclf.errors import UsageError
from attnclf.evaluation import Judged, check_floors, evaluate, parse_floors
from attnclf.explain import METHODS, MODES, explain, measure_faithfulness, overview, spread, with_counterfactuals
from attnclf.findings import Faithfulness
from attnclf.metrics import calibration
from attnclf.prediction import predict
from attnclf.render import html, records, terminal, trust
from attnclf.render import overview as overviews
from attnclf.render.report import report_page
from attnclf.results import Explanation, Note
from attnclf.runtime.served import Served

BOTH = {"both": ("attention", "evidence")}
ERRORS = 10  # the surest, explained in a report
EXPLAINED_AT_ONCE = 64  # texts; explanations are larger than predictions


def eval_command(
    data: Annotated[list[Path], typer.Argument(metavar="DATA", help="CSV or TSV files of texts and labels.")],
    model: Model = DEFAULT_MODEL,
    text_col: TextCol = "",
    label_col: LabelCol = "",
    encoding: Encoding = DEFAULT_ENCODING,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    fail_under: Annotated[
        list[str] | None,
        typer.Option("--fail-under", metavar="SCORE=VALUE", help="Exit 6 when a score misses this, such as macro_f1=.8."),
    ] = None,
    faithfulness: Annotated[
        int,
        typer.Option("--faithfulness", metavar="N", min=0, help="Measure how true explanations are, on N texts (say 200)."),
    ] = 0,
    page: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write a page too: charts, confusion, the surest errors.")
    ] = None,
    output: Output = None,
) -> None:
    """Score a model on labelled texts: accuracy, F1, each label, the confusion matrix, calibration."""
    floors = parse_floors(fail_under or [])
    served = Served.load(model)
    table, notes = read_table(data, data_config(text_col, label_col, encoding), trained_columns(served))
    for note in notes:
        screen.show_note(Note(note))
    judged = evaluate(served, table, screen.show_note)
    measured = _faithfulness(served, table.texts, faithfulness)
    with open_output(output) as stream:
        if as_json:
            stream.write(records.report_json(judged.report, measured) + "\n")
        else:
            console = screen.results_console(stream)
            console.print(terminal.report(judged.report, table.source))
            if measured:
                console.print(trust.faithfulness(measured))
    if page:
        _write_report(served, table, judged, measured, page)
    check_floors(judged.report, floors)


def _write_report(served: Served, table: Table, judged: Judged, measured: list[Faithfulness], page: Path) -> None:
    stored = served.bundle.faithfulness
    errors = [(table.labels[row], table.texts[row], judged.probabilities[row].argmax()) for row in judged.surest_errors(ERRORS)]
    explained = [(true, explain(served, [text], target=served.labels[given], against=true)[0]) for true, text, given in errors]
    bins = calibration(judged.targets, judged.probabilities)
    measured = measured or ([stored] if stored else [])
    with open_output(page) as stream:
        stream.writelines(report_page(judged.report, table.source, bins, served.bundle.history(), measured, explained))


def _faithfulness(served: Served, texts: list[str], many: int) -> list[Faithfulness]:
    """By each way of removing words, on `many` of the texts, spread over them all; nothing when 0."""
    if many > len(texts):
        screen.show_note(Note(f"--faithfulness {many}: the file holds {len(texts)} texts, and all are taken", warning=True))
    if not many:
        return []
    some = spread([text for text in texts if text.strip()], many)
    return [measure_faithfulness(served, some, mode) for mode in MODES]


def predict_command(
    texts: Texts = None,
    file: File = None,
    model: Model = DEFAULT_MODEL,
    top_k: Annotated[int, typer.Option("--top-k", metavar="K", min=1, help="How many labels to give, likeliest first.")] = 1,
    format_: Annotated[
        str, typer.Option("--format", metavar="text|jsonl|csv", help="How to write them.", show_default="text; csv for a table")
    ] = "",
    output: Output = None,
    text_col: TextCol = "",
    encoding: Encoding = DEFAULT_ENCODING,
) -> None:
    """Label texts: one line out for each text in, in the same order."""
    one_of("--format", format_ or "text", ("text", "jsonl", "csv"))
    check_source(texts or [], file)
    served = Served.load(model)
    with open_source(texts or [], file, data_config(text_col, encoding=encoding), trained_columns(served)) as source:
        shortfalls = screen.Shortfalls()
        with open_output(output) as stream:
            delimiter = DELIMITERS.get(output.suffix.lower(), ",") if output else ","
            format_ = format_ or ("csv" if source.columns else "text")
            _write_predictions(served, source, format_, top_k, stream, shortfalls, delimiter)
    shortfalls.show(served.bundle.config.text.max_length)


def _write_predictions(
    served: Served, source: Source, format_: str, top_k: int, stream: TextIO, shortfalls: screen.Shortfalls, delimiter: str
) -> None:
    columns = source.columns or ["text"]
    if format_ == "csv":
        stream.write(records.csv_line(records.prediction_header(columns, top_k), delimiter))
    for window in source.windows:
        results = predict(served, [item.text for item in window], top_k)
        shortfalls.count(results)
        for item, result in zip(window, results, strict=True):
            if format_ == "csv":
                kept = list(item.row.values()) if item.row is not None else [item.text]
                line = records.csv_line(kept + records.prediction_values(result), delimiter)
            elif format_ == "jsonl":
                line = records.prediction_record(result, item.row) + "\n"
            else:
                line = terminal.prediction(result) + "\n"
            stream.write(line)
        stream.flush()


def explain_command(
    texts: Texts = None,
    file: File = None,
    model: Model = DEFAULT_MODEL,
    method: Annotated[str, typer.Option("--method", metavar="|".join([*METHODS, "both"]), help="What to colour by.")] = "both",
    target: Annotated[
        str, typer.Option("--target", metavar="LABEL", help="Evidence for this label.", show_default="the predicted one")
    ] = "",
    against: Annotated[
        str, typer.Option("--against", metavar="LABEL", help="Against this one.", show_default="the likeliest other")
    ] = "",
    by: Annotated[str, typer.Option("--by", metavar="word|token", help="Sum the model's tokens to words, or not.")] = "token",
    whole: Annotated[
        Path | None,
        typer.Option("--global", metavar="DATA", help="Show instead, over all texts of DATA, what was read for each label."),
    ] = None,
    format_: Annotated[str, typer.Option("--format", metavar="text|jsonl|html", help="How to write it.")] = "text",
    output: Output = None,
    text_col: TextCol = "",
    encoding: Encoding = DEFAULT_ENCODING,
) -> None:
    """Show why: each text coloured by attention, and by signed evidence that sums exactly to the decision."""
    one_of("--format", format_, ("text", "jsonl", "html"))
    one_of("--method", method, (*METHODS, "both"))
    shown = BOTH.get(method, (method,))
    one_of("--by", by, ("word", "token"))
    if whole:
        if texts or file or target or against or method != "both" or by != "token":
            raise UsageError("--global looks at all texts of its file, by word and for every label", hint="it goes alone")
        _explain_globally(whole, model, format_, output, data_config(text_col, encoding=encoding))
        return
    check_source(texts or [], file)
    served = Served.load(model)
    if METHODS[shown[0]].keras:
        screen.show_note(Note(f"--method {method} needs gradients: starting Keras"))
        with screen.quiet():
            import attnclf.nn.gradients  # noqa: F401
    with open_source(texts or [], file, data_config(text_col, encoding=encoding), trained_columns(served)) as source:
        shortfalls = screen.Shortfalls()

        def explanations(items: list[Item]) -> list[Explanation]:
            results = explain(served, [item.text for item in items], target, against, shown, by)
            shortfalls.count(result.prediction for result in results)
            return with_counterfactuals(served, results)

        parts = (w[i : i + EXPLAINED_AT_ONCE] for w in source.windows for i in range(0, len(w), EXPLAINED_AT_ONCE))
        with open_output(output) as stream:
            results = (result for part in parts for result in explanations(part))
            _write_explanations(results, shown, format_, stream, served.bundle.faithfulness)
    shortfalls.show(served.bundle.config.text.max_length)


def _explain_globally(data: Path, model: Path, format_: str, output: Path | None, config: DataConfig) -> None:
    served = Served.load(model)
    with open_source([], data, config, trained_columns(served)) as source:
        result = overview(served, (item.text for window in source.windows for item in window))
    with open_output(output) as stream:
        if format_ == "html":
            stream.writelines(overviews.overview_page(result))
        elif format_ == "jsonl":
            stream.write(records.to_json(result.to_dict()) + "\n")
        else:
            console = screen.results_console(stream)
            console.print(overviews.overview(result), soft_wrap=not console.is_terminal)


def _write_explanations(
    results: Iterable[Explanation], methods: tuple[str, ...], format_: str, stream: TextIO, measured: Faithfulness | None
) -> None:
    if format_ == "html":
        stream.writelines(html.page(results, methods, measured))
    elif format_ == "jsonl":
        stream.writelines(records.explanation_record(result) + "\n" for result in results)
    else:
        console = screen.results_console(stream)
        for number, result in enumerate(results):
            if number:
                console.rule(style="dim")
            shown = terminal.explanation(result, methods, colour=screen.has_colour(console), trust=measured)
            console.print(shown, soft_wrap=not console.is_terminal)  # a file keeps its lines whole
