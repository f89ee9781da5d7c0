"""Writes the pages and pictures of the lessons.

    python docs/make_lessons.py [--run [NAME …]]

With `--run` the lessons are run in full, all or those that are named, one after the other, and what each found is kept as
`lessons/NAME.json`. The rest is made of that: `lessons.md`, and for each lesson a page with its own docstring, its figures and
its heat maps.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from attnclf.lessons import LESSONS, SYMBOLS, minutes_of, text_of
from attnclf.render import lessons as render
from attnclf.render import pictures, prose
from attnclf.results.lessons import Curves, LessonResult

ROOT = Path(__file__).parent.parent
FOLDER = "docs/lessons"
FIRST_LINE = "<!-- written by make lessons; do not edit -->"
WIDTH = 92
OPENING = """\
# Lessons: attention beyond classification

This page answers one question: **what does attention do where nothing is classified, and does it do what is said of it?**

Each lesson makes its own data, trains small models for some minutes, and shows where they look. Where a score is asked for, it
is a [mechanism](attention.md#mechanisms) of the classifier, with a query for each step where a decoder asks. Gates, the
Transformer on patches and the one that writes are written anew. `attnclf lesson` lists the lessons.
`attnclf lesson addition --quick` runs the short form of one and says what it leaves out, and `--html FILE` writes a page.

Every lesson says what must come out: its known answers. Some follow from theory or from a paper, which is then named. Others
are floors, set after trials. What did not come out is called lost. The figures are those of `make lessons` on TensorFlow. The
known answers of all quick forms came out on TensorFlow, JAX and PyTorch. Minutes are those of an idle machine; the seconds on a
page depend on what else ran. One file is one lesson ([how to add one](development.md#add-a-lesson)).

The same letters stand for the same things: i is the step, word or token that asks, t (l in a picture) the place that may be
looked at, and α_it the weight that i gives to t. h and v are what stands there, q is the query, c what is seen, and x the
input. Capitals are matrices that are learned, a, b and u vectors; v in v · tanh(…) is a learned vector, too.

"""


def results() -> dict[str, LessonResult]:
    """What each lesson found when it was last run in full, by its name."""
    paths = {name: ROOT / FOLDER / f"{name}.json" for name in LESSONS.names()}
    read = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.exists()}
    return {name: LessonResult.from_dict(found) for name, found in read.items()}


def pages() -> dict[str, str]:
    """The pages, and the pictures in them, by path."""
    found = results()
    written = {"docs/lessons.md": index(found)}
    for name, result in found.items():
        written |= {f"{FOLDER}/{name}.md": page(result), f"{FOLDER}/{name}.svg": picture(result)}
        written |= {f"{FOLDER}/{path}": render.curves_alone(one) for path, one in curves_of(result).items()}
    return written


def index(found: dict[str, LessonResult]) -> str:
    """The list of lessons, with what became of their known answers."""
    symbols = [f"* {meaning}" for meaning in SYMBOLS.values()]
    rows = ["", "| lesson | what is taught | known answers | minutes of one core |", "|---|---|---|--:|"]
    for name in LESSONS.names():
        told = f"[`{name}`](lessons/{name}.md)" if name in found else f"`{name}`"
        became = render.outcome(found[name]) if name in found else "not run in full yet"
        rows.append(f"| {told} | {LESSONS.meanings[name]} | {became} | {minutes_of(name)} |")
    return "\n".join([FIRST_LINE, "", OPENING + "\n".join(symbols), *rows]) + "\n"


def page(result: LessonResult) -> str:
    """What a lesson teaches, in the words of its own docstring, and what it found."""
    pictures = [f"![attention of the lesson {result.lesson}, in a terminal]({result.lesson}.svg)"]
    pictures += [f"![{one.title}]({path})" for path, one in curves_of(result).items()]
    parts = [
        FIRST_LINE,
        f"# The lesson `{result.lesson}`",
        prose.in_markdown(text_of(result.lesson)),
        "## What came out",
        render.markdown(result),
        *pictures,
    ]
    code = f"attnclf/lessons/{result.lesson}.py"
    return "\n\n".join([*parts, f"The code: [`{code}`](../../{code}). [All lessons](../lessons.md)."]) + "\n"


def curves_of(result: LessonResult) -> dict[str, Curves]:
    """Its curves, by the names of their files."""
    return {f"{result.lesson}-curves{number or ''}.svg": one for number, one in enumerate(result.taught.curves)}


def picture(result: LessonResult) -> str:
    """What `attnclf lesson` prints, as SVG."""
    shown = render.on_terminal(result, colour=True, width=WIDTH)
    return pictures.of_terminal(shown, f"attnclf lesson {result.lesson}", result.lesson, WIDTH)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", nargs="*", metavar="NAME", help="run these lessons in full first; all if none is named")
    run = parser.parse_args().run
    (ROOT / FOLDER).mkdir(exist_ok=True)
    for name in [] if run is None else run or LESSONS.names():
        command = [sys.executable, "-m", "attnclf", "lesson", name, "--json"]
        found = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout
        (ROOT / FOLDER / f"{name}.json").write_bytes(found)
    for path, text in pages().items():
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
