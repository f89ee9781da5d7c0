"""`info`: a model directory → what it is, and how it was trained."""

from pathlib import Path
from typing import Annotated

import typer

from attnclf import bundle as bundles
from attnclf.cli import screen
from attnclf.cli.options import DEFAULT_MODEL, MODEL, AsJson, UsedModel
from attnclf.cli.output import open_output
from attnclf.cli.showing import show_json
from attnclf.errors import UsageError
from attnclf.render import model_facts


def info_command(
    context: typer.Context,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[MODEL]", help="The model directory, as with -m.", rich_help_panel=MODEL)
    ] = None,
    model: UsedModel = DEFAULT_MODEL,
    as_json: AsJson = False,
) -> None:
    """Say what a model is: when and from what it was made, its labels, what it reads, how it scored."""
    source = context.get_parameter_source("model")
    if directory is not None and source is not None and source.name == "COMMANDLINE":
        raise UsageError(f"two models are named: {directory} and {model}", hint="name one of them")
    bundle = bundles.load(directory or model)
    sizes = {path.name: path.stat().st_size for path in sorted(bundle.path.iterdir()) if path.is_file()}
    if as_json:
        show_json(model_facts.values(bundle, sizes))
        return
    with open_output(None) as stream:
        screen.results_console(stream).print(model_facts.table(bundle, sizes))
