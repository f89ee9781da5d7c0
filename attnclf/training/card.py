"""The model card kept in a model directory: what it was trained on, how well it does, how to call it."""

from collections import Counter
from collections.abc import Sequence

from attnclf.config import Config
from attnclf.data import Table
from attnclf.results import Baseline, Report


def model_card(
    table: Table,
    labels: Sequence[str],
    config: Config,
    report: Report,
    baseline: Baseline | None,
    seconds: float,
    train_rows: int,
) -> str:
    """Markdown."""
    counts = Counter(table.labels)
    scores = [("this model", report)] + ([(baseline.name, baseline.report)] if baseline else [])
    lines = [
        "# A text classifier made by attnclf",
        "",
        f"Reads a text ({config.text.level} level) and answers one of {len(labels)} labels. {config.model.encoder} encoder, "
        f"{config.model.attention} attention, linear head.",
        "",
        f"Trained in {seconds:.0f} s on {train_rows} rows and validated on {report.rows}, seed {config.training.seed}.",
        "",
        "| label | rows | precision | recall | F1 |",
        "|---|---|---|---|---|",
        *(f"| {_cell(s.label)} | {counts[s.label]} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} |" for s in report.labels),
        "",
        "| on the validation rows | accuracy | macro F1 | log loss | calibration error |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {r.accuracy:.4f} | {r.macro_f1:.4f} | {r.log_loss:.3f} | {r.calibration_error:.3f} |"
            for name, r in scores
        ),
        "",
        "These rows also chose the best epoch and, at word level, the settings of the linear model and how loud both parts are,",
        "so expect a little less on new texts: `attnclf eval FILE -m DIR` tells. Unless they came from a file of their own,",
        "the linear model was fitted to them too after that, and scores on them would now flatter.",
        "",
        '    attnclf predict "text" -m DIR        import attnclf',
        '    attnclf explain "text" -m DIR        attnclf.load("DIR").predict(["text"])',
        "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
