"""The Typer application: its name, its commands, its version."""

from importlib.metadata import version
from typing import Annotated

import typer

from attnclf.cli.check import check_command
from attnclf.cli.compare import compare_command
from attnclf.cli.eval import eval_command
from attnclf.cli.explain import explain_command
from attnclf.cli.help import Command, Group
from attnclf.cli.parts import PARTS
from attnclf.cli.predict import predict_command
from attnclf.cli.train import train_command

app = typer.Typer(
    name="attnclf",
    cls=Group,
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


app.command("train", cls=Command, epilog=PARTS)(train_command)
app.command("check", cls=Command)(check_command)
app.command("eval", cls=Command)(eval_command)
app.command("predict", cls=Command)(predict_command)
app.command("explain", cls=Command)(explain_command)
app.command("compare", cls=Command)(compare_command)
