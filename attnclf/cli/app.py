"""The Typer application: its name, its commands, its version."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.main import get_command_from_info
from typer.models import CommandInfo

from attnclf.cli.help import Command, Group
from attnclf.cli.parts import PARTS

COMMANDS: tuple[str, ...] = (
    "train",
    "check",
    "eval",
    "predict",
    "explain",
    "compare",
    "tune",
    "serve",
    "info",
    "export",
    "lesson",
    "doctor",
)  # in the order of the help
EPILOGS = {"train": PARTS}


class Commands(Mapping[str, Any]):
    """The commands by name. Each is imported when it is first asked for, since importing all would slow every start."""

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        return command_of(name)


@cache
def command_of(name: str) -> Any:
    """The command of this name: `train_command` of `attnclf.cli.train`, and so on."""
    function = getattr(import_module(f"attnclf.cli.{name}"), f"{name}_command")
    info = CommandInfo(name, cls=Command, callback=function, epilog=EPILOGS.get(name))
    return get_command_from_info(info, pretty_exceptions_short=True, rich_markup_mode=None)


class Application(Group):
    """The group of all commands."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = Commands()  # type: ignore[assignment]


app = typer.Typer(
    name="attnclf",
    cls=Application,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"attnclf {version('attnclf')}")
        raise typer.Exit()


@app.callback()
def attnclf(
    show: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Train a BiLSTM + attention text classifier in one command, and see exactly why it decides as it does."""
