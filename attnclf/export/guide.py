"""The page that goes with exported graphs: how to call them from another language."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from attnclf.results import counted, share
from attnclf.results.exported import Quantisation
from attnclf.served.model import ServedModel
from attnclf.visible import visible

MARK = "<!-- attnclf export onnx -->"
PIECES = files("attnclf.export") / "page"  # of the page, in Markdown


def guide(served: ServedModel, facts: Mapping[str, Any], quantisation: Quantisation | None) -> str:
    """The page, in Markdown; `facts` are those of `attnclf.json`."""
    words = facts["level"] == "word"
    opening = _piece("opening").format(
        mark=MARK,
        labels=", ".join(f"`{_code(label)}`" for label in served.labels),
        attnclf=facts["attnclf"],
        model=facts["model"],
        tolerance=facts["tolerance"],
        words="| `words.onnx` | the features of a word → its vector, and its weights in the linear model |\n" if words else "",
        columns=_piece("columns") + "   " if len(facts["columns"]) > 1 else "",
        features="| `features.safetensors` | the n-grams, words and word pairs that it knows, as hashes |\n" if words else "",
    )
    shares = _piece("shares") if facts["shares"] else ""
    gap = ", up to rounding"
    if quantisation:
        gap = f" up to {quantisation.gap}, measured on {counted(quantisation.summed, 'row', 'rows')}"
    linear = _piece("linear") if words else ""
    closing = _piece("closing").format(shares=shares, linear=linear, additive=gap)
    return opening + _piece("words" if words else "characters") + closing + (_int8(quantisation) if quantisation else "")


def _int8(found: Quantisation) -> str:
    return _piece("int8").format(
        rows=counted(found.rows, "row", "rows"),
        source=_code(found.source),
        before=found.before,
        after=found.after,
        changed=found.changed,
        accuracy=share(found.before.accuracy, found.rows),
        quantised_accuracy=share(found.after.accuracy, found.rows),
    )


def _piece(name: str) -> str:
    return (PIECES / f"{name}.md").read_text(encoding="utf-8")


def _code(text: str) -> str:
    """A text from strangers that can stand between backquotes."""
    return visible(text).replace("`", "'").replace("\n", " ")
