"""What a model directory is: for a terminal, line by line, and as plain values."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from attnclf.bundle import Bundle
from attnclf.reading.windows import ReadingLimits
from attnclf.render.verdicts import threshold
from attnclf.results import counted, share
from attnclf.visible import visible

MOST_LABELS = 12  # that are named


def values(bundle: Bundle, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Everything that is kept about a model, as JSON has it; `sizes` are those of its files, in bytes."""
    return {
        "model": str(bundle.path),
        "checksum": bundle.checksum,
        "labels": list(bundle.typed_labels),
        "shares": list(bundle.shares),
        "accounts": bundle.accounts is not None,
        "config": bundle.config.to_dict(),
        "scores": bundle.scores,
        "files": dict(sizes),
    }


def table(bundle: Bundle, sizes: Mapping[str, int]) -> Table:
    """The same in short: a topic and what there is to say of it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for topic, what in _facts(bundle, sizes).items():
        if what:
            grid.add_row(topic, Text(visible(what)))
    for warning in (bundle.scores.get("training") or {}).get("warnings", ()):
        grid.add_row("warning", Text(visible(warning)))
    return grid


def _facts(bundle: Bundle, sizes: Mapping[str, int]) -> dict[str, str]:
    config, facts = bundle.config, bundle.scores.get("training") or {}
    names = zip(("label", "account"), (config.data.label_col, config.data.group_col), strict=True)
    columns = [
        f"texts in {' and '.join(map(repr, config.data.text_col))}",
        *(f"{role}s in '{name}'" for role, name in names if name),
    ]
    unit = "characters" if config.text.level == "char" else "words"
    return {
        "model": f"{bundle.path}, {sum(sizes.values()) / 1e6:,.1f} MB",
        "checksum": bundle.checksum,
        "made": _made(facts),
        "labels": _labels(bundle),
        "columns": ", ".join(columns),
        "reads": f"{unit}; of a long text {ReadingLimits.of(config).in_words().removeprefix('it reads ')}",
        "network": f"{config.model.encoder} with {config.model.attention} attention; {config.model.size}",
        "validation": _validation(bundle, facts),
        "accounts": _accounts(bundle),
    }


def _accounts(bundle: Bundle) -> str:
    if (rule := bundle.accounts) is None:
        return ""
    few = [f"undecided below {rule.min_posts:,} posts"] if rule.min_posts > 1 else []
    return "; ".join(["one verdict from all posts of an account", *few, *map(threshold, rule.thresholds)])


def _made(facts: Mapping[str, Any]) -> str:
    if not facts:
        return ""
    epochs = f"{counted(facts['epochs'], 'epoch', 'epochs')}, of which epoch {facts['best_epoch']} was kept"
    return f"{facts['made']}, from {facts['rows']:,} rows, in {facts['seconds']:.0f} s; {epochs}; {facts['device']}"


def _labels(bundle: Bundle) -> str:
    shares = bundle.shares or (None,) * len(bundle.labels)
    named = [
        label if part is None else f"{label} {part:.1%}"
        for label, part in zip(bundle.labels[:MOST_LABELS], shares, strict=False)
    ]
    more = f" and {len(bundle.labels) - MOST_LABELS:,} more" if len(bundle.labels) > MOST_LABELS else ""
    return f"{len(bundle.labels):,}: {', '.join(named)}{more}"


def _validation(bundle: Bundle, facts: Mapping[str, Any]) -> str:
    if not (report := bundle.scores.get("validation")):
        return ""
    parts = [f"{part} {share(value, report['rows'])}" for part, value in facts.get("accuracy", {}).items()]
    scores = f"accuracy {share(report['accuracy'], report['rows'])}, macro F1 {share(report['macro_f1'], report['rows'])}"
    return f"{scores} on {report['rows']:,} rows" + (f" ({', '.join(parts)})" if parts else "")
