"""The files of a model as ONNX graphs: all that a program in another language needs to give attnclf's answers."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from attnclf.data.columns import BETWEEN_COLUMNS
from attnclf.errors import UsageError
from attnclf.export.examples import examples_of
from attnclf.export.guide import MARK, guide
from attnclf.reading.alphabet import alphabet
from attnclf.reading.windows import Window
from attnclf.results.exported import Quantisation
from attnclf.served.model import ServedModel

INDEX = "README.md"
FACTS, EXAMPLES = "attnclf.json", "examples.jsonl"
PROGRAM = ("reader.mjs", "predict.mjs", "package.json")
NAMES = frozenset((INDEX, FACTS, EXAMPLES, *PROGRAM, "model.onnx", "words.onnx", "tokenizer.json", "features.safetensors"))
FORMAT = 1
# By how much the numbers of another program may differ. In int8 a rounding that falls the other way is a step of its scale.
TOLERANCE, INT8_TOLERANCE = 1e-5, 0.05

__all__ = ["INDEX", "MARK", "NAMES", "check_exportable", "onnx_files", "summary_of"]


def check_exportable(served: ServedModel) -> None:
    """Raises UsageError for a model of which the graphs read more than tokens."""
    if (sentences := served.bundle.config.text.sentences) != "none":
        what = "posts of an account" if sentences == "lines" else "sentences"
        raise UsageError(
            f"this model reads texts by {what}, and its graphs are not exported", hint="train one with another `encoder`"
        )


def summary_of(folder: Path) -> str:
    """Which model was exported to the folder and how, in words; "" where no export says so."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        return f"the model {facts['model']}, in {'int8' if facts['int8'] else 'float32'}"
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def onnx_files(
    served: ServedModel, graphs: Mapping[str, bytes], answers: ServedModel, quantisation: Quantisation | None = None
) -> dict[str, bytes]:
    """The files by name. `answers` is the model on these graphs; `quantisation` is what was measured where they are in int8."""
    program = files("attnclf.export") / "node"
    facts = facts_of(served, quantisation)
    found = {name: (program / name).read_bytes() for name in PROGRAM}
    found |= {name: content for name, content in graphs.items() if content}
    found["tokenizer.json"] = served.bundle.read("tokenizer.json")
    if facts["level"] == "word":
        found["features.safetensors"] = served.bundle.read("features.safetensors")
    found[FACTS] = (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()
    found[EXAMPLES] = examples_of(answers)
    found[INDEX] = guide(served, facts, quantisation).encode()
    return found


def facts_of(served: ServedModel, quantisation: Quantisation | None) -> dict[str, Any]:
    """What a program must know beside the files, as plain values."""
    text = served.bundle.config.text
    window = Window.of(text)
    facts: dict[str, Any] = {
        "format": FORMAT,
        "attnclf": version("attnclf"),
        "model": served.bundle.checksum,
        "level": text.level,
        "labels": list(served.labels),
        "columns": list(served.bundle.config.data.text_col),
        "separator": BETWEEN_COLUMNS,
        "shares": list(served.bundle.shares),
        "window": [window.start, window.end],
        "longest": text.longest,
        "tolerance": INT8_TOLERANCE if quantisation else TOLERANCE,
        "int8": quantisation.to_dict() if quantisation else None,
    }
    if text.level == "word":
        letters = alphabet()
        limits = {"longest_word": text.longest_word, "most_ngrams": text.most_ngrams}
        return facts | limits | {"word_ranges": letters.words, "space_ranges": letters.spaces}
    vocabulary = json.loads(served.bundle.read("tokenizer.json"))["model"]["vocab"]
    return facts | {"blank_ids": sorted(number for name, number in vocabulary.items() if not name.strip())}
