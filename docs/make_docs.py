"""Writes what the program itself knows best: the pages of its commands and of its Python interface, and a picture.

    python docs/make_docs.py [--picture MODEL]

`commands.md` is the help of every command. `python.md` is made of docstrings, signatures and the comments beside settings.
The picture of `explain` needs a model, so it is drawn only when asked for: by MODEL, which is trained on `sample_data` where it
is not there yet.
"""

import argparse
import ast
import dataclasses
import inspect
import io
import json
import os
import re
import subprocess
import sys
import textwrap
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer
from rich.console import Group
from rich.rule import Rule

import attnclf
from attnclf import config, errors, results
from attnclf.classifier import inputs, labels
from attnclf.cli.app import app
from attnclf.config import checks
from attnclf.explain import explain, with_counterfactuals
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS
from attnclf.model.normalizers import NORMALIZERS
from attnclf.render import pictures, terminal
from attnclf.results import events
from attnclf.served.model import ServedModel

ROOT = Path(__file__).parent.parent
FIRST_LINE = "<!-- written by make docs; do not edit -->"
WIDTH = 88  # columns of the picture
SHOWN = ["get 1000 f0llowers fast, link in bio 🔥", "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ"]


def pages() -> dict[str, str]:
    """The generated pages, by path."""
    return {"docs/commands.md": commands_page(), "docs/python.md": python_page()}


# The commands.

COMMANDS_OPENING = """\
# Commands

What `attnclf COMMAND --help` prints, for every command. Results go to stdout, everything else to stderr. The exit codes are in
[models.md](models.md), the settings that have no option in [python.md](python.md#settings)."""


def commands_page() -> str:
    """The help of every command, as the application prints it on a terminal of 100 columns."""
    names = [(), *command_names(typer.main.get_command(app))]
    helps = helps_of(names)
    blocks = [f"## {' '.join(['attnclf', *name])}\n\n```text\n{text}\n```" for name, text in zip(names, helps, strict=True)]
    return "\n\n".join([FIRST_LINE, COMMANDS_OPENING, *blocks]) + "\n"


def command_names(group: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that the application registers, with the groups that it stands in."""
    for name, command in group.commands.items():
        if not command.hidden:
            yield (*before, name)
        if hasattr(command, "commands"):
            yield from command_names(command, (*before, name))


HELPS = """
import contextlib, io, json, sys
from attnclf.cli.app import app
from attnclf.config import checks

printed = []
for command in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as stream:
        app([*command, "--help"], prog_name="attnclf", standalone_mode=False)
    printed.append(stream.getvalue())
print(json.dumps(printed))
"""


def helps_of(commands: list[tuple[str, ...]]) -> list[str]:
    """The help of each, printed by a process of its own, so that nothing of this one changes it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ATTNCLF", "FORCE_COLOR"))}
    environment |= {"COLUMNS": "100", "TERMINAL_WIDTH": "100"}
    line = [sys.executable, "-c", HELPS, json.dumps(commands)]
    printed = subprocess.run(line, stdout=subprocess.PIPE, check=True, env=environment, cwd=ROOT, encoding="utf-8").stdout
    return ["\n".join(part.rstrip() for part in text.strip().splitlines()) for text in json.loads(printed)]


# The Python interface.

PYTHON_OPENING = """\
# attnclf in Python

A model that was trained answers at once. Neither Keras nor TensorFlow is imported for that.

```python
import attnclf

model = attnclf.load("attnclf-model")
print(model.predict(["팔로워 늘려드려요", "오늘 라떼 마셨다"]))  # one label a text
for token in model.explain("get 1000 followers, DM me", by="word").tokens:
    print(f"{token.evidence:+.2f}  {token.text}")  # the sum is log(p of the label / p of the likeliest other)
```

Training takes a file or a pandas DataFrame, and any [setting](#settings) by its name:

```python
model = attnclf.train("sample_data/train.csv", "attnclf-model", group_col="account", level="word", seed=1)
print(model.scores["validation"]["accuracy"])
```

## scikit-learn

`attnclf.AttentionClassifier` is an estimator of scikit-learn: it takes texts and labels, and every [setting](#settings) is a
parameter. `cross_val_score`, `GridSearchCV`, `Pipeline`, `CalibratedClassifierCV`, `clone`, `pickle` and joblib work with it.

```python
import pandas as pd
from sklearn.model_selection import GridSearchCV, cross_val_score

posts = pd.read_csv("sample_data/train.csv")
clf = attnclf.AttentionClassifier(size="small", epochs=2, baseline=False, faithfulness=0)
print(cross_val_score(clf, posts["text"], posts["label"], cv=3))
search = GridSearchCV(clf, {"attention": ["additive", "multihead"]}, cv=3)
search.fit(posts["text"], posts["label"])
search.best_estimator_.save("best-model")  # a model directory, as `attnclf.train` writes it
```

* `X` is a list, an array, a Series or a DataFrame. Of a DataFrame the column `text_col` is read, or else all columns of
  strings: their values are joined to one text, and `predict` joins the same columns.
* Labels are strings, integers, floats or truth values. They come back in their type, and `classes_` is sorted.
* `fit` holds a tenth of its rows out to validate on (`valid_share`). With `groups`, or a column `group_col`, no group is on
  both sides of that.
* The model is in memory, and is pickled whole. `save` writes it to a directory. With `model="DIRECTORY"` it is written there by
  `fit`, and pickled as its path; in a search, which fits many, leave that out.
* `baseline=False` and `faithfulness=0` leave out what a search does not look at, and so save time.
* Settings of files (`label_col`, `encoding`, `delimiter`, `quoting`) do nothing here.

## Batches of columns

`attnclf.BatchPredictor` is for programs that hand a table on in parts. It takes columns, a mapping or a DataFrame, and gives
them back with its answers beside them. It is pickled as the path of the model, so that it can be sent to any process that finds
the model there.

```python
predictor = attnclf.BatchPredictor("attnclf-model", ["predicted", "probability"])
print(predictor({"id": [1, 2], "text": ["get 1000 followers", "오늘 라떼 마셨다"]}))  # a dict of arrays
```"""
SETTINGS_OPENING = """\
## Settings

A setting has the same name everywhere: as an argument of `attnclf.train`, as a key in the TOML file of
`attnclf train --config FILE`, and as an option where [the command](commands.md#attnclf-train) has one: `max_length` is
`--max-length`. The file has the sections below. Options and arguments override the file, and the file overrides the defaults.
The settings that were used are kept in the model directory."""
VALUES_OPENING = """\
## Values

What comes back, and what `on_event` is told: frozen dataclasses of plain values. They stand in `attnclf.results`. In the
signatures above"""
ERRORS_OPENING = """\
## Errors

All of them are `attnclf.AttnclfError`. Each has a `message` and a `hint` that says what to do. The command line ends with the
exit code."""
ORDER = ("train", "load", "AttentionClassifier", "BatchPredictor", "Config", "AttnclfError")
NAMES: dict[str, Any] = {"encoder": ENCODERS, "attention": MECHANISMS, "normalizer": NORMALIZERS}  # settings that name a part


def python_page() -> str:
    """Everything in `attnclf.__all__`, every setting, and every value that comes back."""
    public = {name: getattr(attnclf, name) for name in sorted(attnclf.__all__, key=[*ORDER, *attnclf.__all__].index)}
    parts = [f"## `attnclf.{name}`\n\n{described(name, thing)}" for name, thing in public.items()]
    sections = [settings_of(field) for field in dataclasses.fields(config.Config)]
    aliases, kinds = named_in([line for thing in public.values() for line in signatures(thing)])
    listed = "\n".join(f"* `{name}` is `{text}`" for name, text in aliases.items())
    parts += [SETTINGS_OPENING, *sections, VALUES_OPENING, listed, *map(value_of, kinds), ERRORS_OPENING, errors_table()]
    return "\n\n".join([FIRST_LINE, PYTHON_OPENING, *parts]) + "\n"


def described(name: str, thing: Any) -> str:
    """A function, or a class with its public members: signatures and docstrings."""
    if not inspect.isclass(thing):
        return f"{fenced(signature(name, thing))}\n\n{doc(thing)}"
    made = (
        [fenced(signature(name, thing.__init__, method=True).removesuffix(" -> None"))]
        if "settings" in parameters_of(thing) or "outputs" in parameters_of(thing)
        else []
    )
    members = [f"### `{name}.{member}`\n\n{fenced(line)}\n\n{doc(it)}".rstrip() for member, line, it in members_of(thing)]
    return "\n\n".join([*made, doc(thing), *members])


def parameters_of(kind: type) -> tuple[str, ...]:
    """The parameters of a class's own constructor, as the source has them."""
    made = vars(kind).get("__init__")
    return made.__code__.co_varnames if inspect.isfunction(made) else ()


def members_of(kind: type) -> Iterator[tuple[str, str, Any]]:
    """Name, signature and function of the public properties and methods, in the order of the source. Bases come last."""
    own = [base for base in kind.__mro__ if base.__module__.startswith("attnclf")]
    for name, it in [member for base in own for member in vars(base).items()]:
        function = it.fget if isinstance(it, property) else getattr(it, "__func__", it)
        if not name.startswith("_") and inspect.isfunction(function):
            line = signature(name, function, method=True)
            yield name, re.sub(r"\(\) -> ", ": ", line) if isinstance(it, property) else line, function


def signature(name: str, function: Any, method: bool = False) -> str:
    """The signature as the source has it; one parameter a line where it is long."""
    source = textwrap.dedent(inspect.getsource(function))
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    text = {child: " ".join((ast.get_source_segment(source, child) or "").split()) for child in ast.walk(node)}
    known = node.args
    defaults: dict[ast.arg, ast.expr | None] = dict(zip(reversed(known.args), reversed(known.defaults), strict=False))
    defaults |= dict(zip(known.kwonlyargs, known.kw_defaults, strict=True))

    def told(argument: ast.arg) -> str:
        default = defaults.get(argument)
        return text[argument] + (f" = {text[default]}" if default else "")

    parameters = [told(argument) for argument in known.args[method:]]
    parameters += [f"*{text[known.vararg]}"] if known.vararg else ["*"] if known.kwonlyargs else []
    parameters += [told(argument) for argument in known.kwonlyargs] + ([f"**{text[known.kwarg]}"] if known.kwarg else [])
    ending = f" -> {text[node.returns].strip(chr(34))}" if node.returns else ""
    line = f"{name}({', '.join(parameters)}){ending}"
    return line if len(line) <= 100 else "\n".join([f"{name}(", *(f"    {part}," for part in parameters), f"){ending}"])


def settings_of(section: Any) -> str:
    """A table of one section's settings: default, what is allowed, and the comment beside it or else the option's help."""
    kind = section.default_factory
    command: Any = typer.main.get_command(app)
    options = {option.name: option.help for option in command.commands["train"].params if getattr(option, "help", None)}
    rows = [
        (f"`{name}`", f"`{default}`", allowed(field), comment or options.get(name, ""))
        for field, (name, _, default, comment) in zip(dataclasses.fields(kind), fields_of(kind), strict=True)
    ]
    return f"### `[{section.name}]`\n\n{doc(kind)}\n\n{table(('setting', 'default', 'allowed', 'what it is'), rows)}"


def allowed(field: Any) -> str:
    """The values that a setting may have."""
    if get_origin(field.type) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(field.type))
    if field.name in NAMES:
        return ", ".join(f"`{name}`" for name in NAMES[field.name].names())
    if field.name in checks.RANGES:
        low, high = (f"{bound:,}" if isinstance(bound, int) else f"{bound:g}" for bound in checks.RANGES[field.name])
        return f"{low} to {high}"
    if get_origin(field.type) is tuple:
        return "a text, or a list of texts"
    return {bool: "`True`, `False`", str: "any text"}[field.type]


def named_in(texts: list[str]) -> tuple[dict[str, str], list[type]]:
    """What signatures name: short names of types, and dataclasses of `attnclf.results` with those that stand in these."""
    known = {
        name: " ".join(text.split())
        for module in (inputs, labels, events)
        for name, text in re.findall(r"^ *([A-Z]\w+)(?:: TypeAlias)? = (.+)$", inspect.getsource(module), re.MULTILINE)
    }
    aliases: dict[str, str] = {}
    kinds: list[type] = []
    while texts:
        for name in re.findall(r"\b[A-Z]\w+", texts.pop(0)):
            kind = getattr(results, name, None)
            if dataclasses.is_dataclass(kind) and isinstance(kind, type):
                if kind not in kinds:
                    kinds.append(kind)
                    texts += [annotation for _, annotation, _, _ in fields_of(kind)]
            elif name in known and name not in aliases:
                aliases[name] = known[name]
                texts.append(known[name])
    return aliases, kinds


def signatures(thing: Any) -> list[str]:
    return [line for _, line, _ in members_of(thing)] if inspect.isclass(thing) else [signature("", thing)]


def value_of(kind: type) -> str:
    """A dataclass of results: its fields, and what it computes."""
    rows: list[tuple[str, ...]] = [(f"`{name}`", f"`{type_}`", comment) for name, type_, _, comment in fields_of(kind)]
    head: tuple[str, ...] = ("field", "type", "what it is")
    if not any(comment for _, _, comment in rows):
        head, rows = head[:2], [row[:2] for row in rows]
    members = [f"* `{line}`  {doc(function)}".rstrip() for _, line, function in members_of(kind)]
    return "\n\n".join(filter(None, [f"### `{kind.__name__}`", doc(kind), table(head, rows), "\n".join(members)]))


def fields_of(kind: type) -> list[tuple[str, str, str, str]]:
    """Name, type, default and comment of each field of a dataclass, as the source has them. A comment stands at the field's
    end, in lines of its own before it, or as a string after it."""
    source = textwrap.dedent(inspect.getsource(kind))
    lines = source.splitlines()
    comments: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = re.sub(r"^#:?\s*", "", token.string)
    body = ast.parse(source).body[0].body  # type: ignore[attr-defined]
    found = []
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign):
            first = node.lineno
            while lines[first - 2].lstrip().startswith("#"):
                first -= 1
            said = [comments[line] for line in range(first, (node.end_lineno or first) + 1) if line in comments]
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                said.append(inspect.cleandoc(str(after.value.value)))
            default = ast.get_source_segment(source, node.value) if node.value else ""
            found.append((ast.unparse(node.target), ast.unparse(node.annotation), default or "", " ".join(said)))
    return found


def errors_table() -> str:
    """Every error that is raised on purpose, with its exit code."""
    kinds = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.AttnclfError)]
    rows = [(f"`{kind.__module__}.{kind.__name__}`", str(kind.exit_code), doc(kind)) for kind in kinds]
    return table(("error", "exit code", "when"), rows)


def doc(thing: Any) -> str:
    text = inspect.getdoc(thing) or ""
    return "" if inspect.isclass(thing) and text.startswith(f"{thing.__name__}(") else text  # a dataclass's own


def fenced(code: str) -> str:
    return f"```py\n{code}\n```"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [head, ("---",) * len(head), *((" ".join(cell.split()).replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


# The picture.


def picture(model: Path) -> str:
    """`attnclf explain` on two posts, as SVG that asks no server for its letters."""
    served = ServedModel.load(model)
    explained = with_counterfactuals(served, explain(served, SHOWN))
    methods, trust = ("signed_attention",), served.bundle.faithfulness
    first, second = (terminal.explanation(e, methods, colour=True, trust=trust) for e in explained)
    return pictures.of_terminal(Group(first, Rule(style="dim"), second), "attnclf explain", "explain", WIDTH)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--picture", type=Path, metavar="MODEL", help="draw docs/explain.svg with this model too")
    model = parser.parse_args().picture
    for name, text in pages().items():
        (ROOT / name).write_text(text, encoding="utf-8")
    if model:
        if not model.exists():
            data = ["sample_data/train.csv", "--group-col", "account"]
            subprocess.run([sys.executable, "-m", "attnclf", "train", *data, "-m", str(model.resolve())], cwd=ROOT, check=True)
        (ROOT / "docs" / "explain.svg").write_text(picture(model), encoding="utf-8")


if __name__ == "__main__":
    main()
