"""Commands as Typer shows and parses them, with two differences: help has headings and whole sentences, and an unknown option
gets an answer.

Typer's own help with headings needs Rich's panels, which are slower to start and wider to read.
"""

import contextlib
import difflib
import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from attnclf.errors import UsageError

OTHER = "Other"
PARENTHESES = re.compile(r"default: \((.*)\)(?=[;\]])")  # which Typer puts around a default in words
# What people write who come from other tools, by the name here; the first that the command has is meant.
KNOWN_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "-o": ("--output", "--model"),
    "--out": ("--output", "--model"),
    "--output": ("--model",),
    "--output-dir": ("--model", "--output"),
    "--save": ("--model", "--output"),
    "--model-dir": ("--model",),
    "-k": ("--top-k",),
    "-n": ("--top-k", "--epochs", "--seeds"),
    "-e": ("--epochs", "--encoding"),
    "-b": ("--batch-size",),
    "-s": ("--seed", "--seeds"),
    "-t": ("--text-col", "--target"),
    "-l": ("--label-col", "--level"),
    "-c": ("--config",),
    "-i": ("--file",),
    "--input": ("--file",),
    "--lr": ("--learning-rate",),
    "--text": ("--text-col",),
    "--label": ("--label-col", "--target"),
    "--group": ("--group-col",),
    "--address": ("--host",),
    "--gpu": ("--device",),
    "--cpu": ("--device",),
    "--dev": ("--valid",),
    "--val": ("--valid",),
    "--validation": ("--valid",),
    "--hidden": ("--units",),
    "--hidden-size": ("--units",),
    "--json": ("--format",),
    "--jsonl": ("--format",),
    "--csv": ("--format",),
    "--html": ("--format", "--report"),
    "--faithful": ("--faithfulness",),
}


class Command(TyperCommand):
    """One command: options under the headings that their `rich_help_panel` names, in the order of the function's arguments."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options, a section for each heading."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                name, text = record
                heading = getattr(parameter, "rich_help_panel", None) or OTHER
                sections.setdefault(heading, []).append((name, PARENTHESES.sub(r"default: \1", text)))
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Typer's, with a hint where an option is not known. Raises UsageError."""
        given = list(args)
        self._refuse_lost_values(given)
        try:
            with _written_as_results():
                return list(super().parse_args(ctx, args))
        except Exception as error:
            if (unknown := getattr(error, "option_name", None)) is None or type(error).__name__ != "NoSuchOption":
                raise
            raise UsageError(f"{ctx.command_path} has no option {unknown}", hint=self._hint(unknown, given, ctx)) from None

    def _refuse_lost_values(self, words: list[str]) -> None:
        """Raises UsageError for an option that takes one value and is given twice, since the first would be dropped, and for an
        empty value, which would count as none: a script that gives one has lost a name."""
        given = list(self._options_given(words))
        for parameter, value in given:
            name, times = parameter.opts[0], sum(other is parameter for other, _ in given)
            if value == "":
                raise UsageError(f"{name} is empty", hint="give it a value, or leave it out")
            if times > 1 and not parameter.multiple:
                glob = "; a glob such as 'part-*.csv' names several files" if parameter.name in ("valid", "test") else ""
                raise UsageError(f"{name} is given {times} times, and takes one value", hint=f"give it once{glob}")

    def _options_given(self, words: list[str]) -> Iterator[tuple[Any, str | None]]:
        """The options among these words that take a value, and their values; None where the words end."""
        named = {name: parameter for parameter in self.params for name in (*parameter.opts, *parameter.secondary_opts)}
        takes = {name: parameter for name, parameter in named.items() if not getattr(parameter, "is_flag", True)}
        rest = iter(words)
        for word in rest:
            if word == "--":
                return
            name, equals, value = word.partition("=")
            if name in takes:
                yield takes[name], value if equals else next(rest, None)
            elif word.startswith("-") and not word.startswith("--"):  # letters of flags, then one with its value: -qmFILE
                letters = itertools.takewhile(lambda letter: f"-{letter}" in named, word[1:])
                for place, letter in enumerate(letters, 2):
                    if parameter := takes.get(f"-{letter}"):
                        yield parameter, word[place:] or next(rest, None)
                        break

    def _hint(self, unknown: str, given: list[str], ctx: Any) -> str:
        """What was meant: a text, a known option by another name, the nearest option, or an option of another command."""
        texts = [argument for argument in given if argument.startswith(unknown) and _is_text(argument)]
        if texts and any(parameter.name == "texts" for parameter in self.params):
            return f"put a text that begins with a dash last, after --: {ctx.command_path} -- {shlex.quote(texts[0])}"
        options = _options(self)
        for name in KNOWN_ELSEWHERE.get(unknown, ()):
            if name in options:
                return f"did you mean {options[name]}?"
        from attnclf.results import listed  # brings NumPy, which help needs nowhere else

        others = [name for name, other in _siblings(ctx) if unknown in _options(other)]
        if unknown.strip("-") and not others and (near := difflib.get_close_matches(unknown, options, n=1)):
            return f"did you mean {options[near[0]]}?"
        where = f"that is an option of {listed(others)}; " if others else ""
        return f"{where}{ctx.command_path} --help lists the options of this command"


class Group(TyperGroup):
    """The application: its commands with their whole first sentence."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Typer's, which shows help and the version. Raises DataError where they cannot be written."""
        with _written_as_results():
            return list(super().parse_args(ctx, args))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Every command, and what it does."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _first_paragraph(command.help)) for name, command in commands if command])


@contextlib.contextmanager
def _written_as_results() -> Iterator[None]:
    """While arguments are parsed, help is written: as with results, a reader that goes away is no failure, a full disk is."""
    try:
        yield
    except OSError:
        from attnclf.cli.output import said_where_it_fails  # brings NumPy

        with said_where_it_fails(None, "send it somewhere else"):
            raise
        raise typer.Exit() from None


def _options(command: Any) -> dict[str, str]:
    """Every spelling of a command's options, each with all spellings of the same: `{"-m": "-m/--model", …}`."""
    parameters = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    return {name: _spelled(parameter) for parameter in parameters for name in (*parameter.opts, *parameter.secondary_opts)}


def _spelled(parameter: Any) -> str:
    return "/".join(sorted(parameter.opts, key=len))


def _siblings(ctx: Any) -> Iterator[tuple[str, Any]]:
    """The other commands of the application."""
    commands: Mapping[str, Any] = getattr(ctx.parent.command if ctx.parent else None, "commands", {})
    return ((f"attnclf {name}", command) for name, command in commands.items() if command is not ctx.command)


def _is_text(argument: str) -> bool:
    """Whether it reads as a text: options hold neither spaces nor other letters than a to z, nor begin with a digit."""
    name = argument.lstrip("-")
    return not name.isascii() or name[:1].isdigit() or any(map(str.isspace, name))


def _first_paragraph(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())
