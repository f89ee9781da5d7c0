"""Help as people read it, and what they are told when they write something else."""

import ast
import re
from pathlib import Path

import pytest
import typer

from attnclf.cli.app import app
from attnclf.cli.spelling import as_options, option_names
from tests.conftest import ROOT

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_list_of_commands_has_whole_sentences(run) -> None:
    _, out, _ = run("--help")
    words = " ".join(out.split())
    for command in COMMANDS.values():
        assert " ".join(command.help.split()) in words
    assert "..." not in out.split("Commands:")[1]


def test_train_has_headings_with_the_everyday_options_first(run) -> None:
    _, out, _ = run("train", "--help")
    headings = re.findall(r"^([A-Z]\w+):$", out, re.MULTILINE)
    assert headings == ["Data", "Accounts", "Text", "Model", "Training", "Output", "Other"]
    firsts = {name: re.search(rf"^{name}:\n  (\S+)", out, re.MULTILINE) for name in headings}
    first = {name: match.group(1) for name, match in firsts.items() if match}
    assert first == {
        "Data": "DATA",
        "Accounts": "--mixed-accounts",
        "Text": "--level",
        "Model": "--size",
        "Training": "--epochs",
        "Output": "-m,",
        "Other": "-h,",
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_heading_and_a_sentence(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if parameter.name != "help":
            assert parameter.rich_help_panel, parameter.name
            assert parameter.help.endswith("."), parameter.name


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("train", "a.csv", "-o", "m"), "did you mean -m/--model?"),
        (("train", "a.csv", "--output-dir", "m"), "did you mean -m/--model?"),
        (("train", "a.csv", "--lr", "1"), "did you mean --learning-rate?"),
        (("train", "a.csv", "--epoch", "1"), "did you mean --epochs?"),
        (("train", "a.csv", "--text-column", "x"), "did you mean --text-col?"),
        (("train", "a.csv", "--no-basline"), "did you mean --baseline?"),
        (("predict", "a", "-k", "2"), "did you mean --top-k?"),
        (("predict", "a", "--topk", "2"), "did you mean --top-k?"),
        (
            ("predict", "a", "--method", "loo"),
            "that is an option of attnclf explain; attnclf predict --help lists the options of this command",
        ),
        (("lesson", "words", "--quoting", "none"), "that is an option of attnclf train, attnclf check, "),
        (("eval", "a.csv", "--zzz"), "attnclf eval --help lists the options of this command"),
        (("predict", "-1점도 아깝다"), "put a text that begins with a dash last, after --: attnclf predict -- '-1점도 아깝다'"),
        (("explain", "-bad film"), "last, after --: attnclf explain -- '-bad film'"),
        (("predict", "--좋아요"), "attnclf predict -- '--좋아요'"),
    ],
)
def test_an_unknown_option_is_answered_with_what_was_meant(run, arguments: tuple[str, ...], hint: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    first, second = err.splitlines()
    assert first.startswith(f"error: attnclf {arguments[0]} has no option -")
    assert hint in second


def test_a_text_after_two_dashes_is_a_text(run) -> None:
    code, out, _ = run("predict", "--", "-1점도 아깝다")
    assert code == 0
    assert out.endswith("-1점도 아깝다\n")


def test_quiet_and_verbose_are_opposites(run) -> None:
    code, _, err = run("train", "a.csv", "-q", "-v")
    assert code == 2
    assert "opposites" in err


@pytest.mark.parametrize(
    ("message", "spelled"),
    [
        ("name it with `text_col`", "name it with --text-col"),
        ("try `encoding=cp949`, or so", "try --encoding cp949, or so"),
        ("take `shared=True`", "take --shared"),
        ("another `model`", "another -m/--model"),
        ("`attnclf.train(data)` makes one", "`attnclf train DATA` makes one"),
        ("a post with `code` and `x=1`", "a post with `code` and `x=1`"),
        ("it knows '`seed`' and a`b; see `seed`", "it knows '`seed`' and a`b; see --seed"),
        ("nothing", "nothing"),
    ],
)
def test_settings_are_spelled_as_options(message: str, spelled: str) -> None:
    assert as_options(message) == spelled


def test_the_spelling_of_every_option_is_its_own() -> None:
    options = {parameter.name: parameter.opts for command in COMMANDS.values() for parameter in command.params}
    for name, spelling in option_names().items():
        assert set(spelling.split("/")) <= set(options[name]), name


def _text(node: ast.JoinedStr | ast.Constant) -> str:
    """A string, with a dot for what is put into it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_text(part) if isinstance(part, ast.Constant) else "·" for part in node.values)


def messages() -> dict[str, set[str]]:
    """The settings in backquotes in strings of the library that are no docstrings, by file."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "attnclf").rglob("*.py"):
        if "cli" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and id(node) not in docstrings):
                names = re.findall(r"`([a-z_]+)(?:=\S*)?`", _text(node))
                found.setdefault(str(Path(path).relative_to(ROOT)), set()).update(names)
    return found


def test_what_the_library_names_the_command_line_has() -> None:
    options = {parameter.name for command in COMMANDS.values() for parameter in command.params}
    named = set().union(*messages().values())
    assert {"text_col", "encoding", "size", "heads"} <= named
    assert named <= options & set(option_names())


def test_messages_of_the_library_name_no_options() -> None:
    """They are read from Python too. Help of parts, and what only the command line calls, may."""
    allowed = {"attnclf/render/comparison.py", "attnclf/render/overview.py", "attnclf/render/report.py"}
    naming = []
    for path in sorted((ROOT / "attnclf").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if "cli" in path.parts or name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            raised = isinstance(node, ast.Call) and re.search(r"Error$|^Note$", getattr(node.func, "id", ""))
            text = ast.unparse(node) if raised else ""
            if re.search(r"(?<![\w-])--[a-z]", text):
                naming.append((name, text[:80]))
    assert naming == []


def test_what_replaces_a_file_says_so() -> None:
    """As docs/models.md promises."""
    writing = {"output", "page", "save", "save_config", "plot"}
    helps = {
        (name, parameter.name): parameter.help
        for name, command in COMMANDS.items()
        for parameter in command.params
        if parameter.name in writing and parameter.metavar == "FILE"
    }
    assert {name for _, name in helps} == writing
    assert [one for one, text in helps.items() if "replaced" not in text] == []
