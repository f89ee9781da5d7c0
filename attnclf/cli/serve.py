"""`serve`: a model behind HTTP, with a page to try it on."""

import ipaddress
import math
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from attnclf.cli.options import DEFAULT_MODEL, LIMITS, OUTPUT, SERVICE, UsedModel
from attnclf.cli.screen import show_note
from attnclf.errors import UsageError
from attnclf.results import Note
from attnclf.service.limits import Limits

DEFAULT = Limits()
NEEDED = ("fastapi", "uvicorn", "jinja2", "prometheus_client")
IN_ENVIRONMENT = "ATTNCLF_TOKEN"
SHORTEST = 8  # characters of a token


def serve_command(
    model: UsedModel = DEFAULT_MODEL,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Listen here; 0.0.0.0 for all networks.", rich_help_panel=SERVICE),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65_535, help="0 takes a free one.", rich_help_panel=SERVICE)
    ] = 8000,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="Ask for the token in this file, as the header 'Authorization: Bearer TOKEN'. ATTNCLF_TOKEN may hold it, too.",
            show_default="no token",
            rich_help_panel=SERVICE,
        ),
    ] = None,
    max_body: Annotated[
        float, typer.Option("--max-body", metavar="MB", min=0.001, help="Of a request.", rich_help_panel=LIMITS)
    ] = DEFAULT.body / (1 << 20),
    max_texts: Annotated[
        int, typer.Option("--max-texts", metavar="N", min=1, help="In a request.", rich_help_panel=LIMITS)
    ] = DEFAULT.texts,
    max_characters: Annotated[
        int, typer.Option("--max-characters", metavar="N", min=1, help="Of a text.", rich_help_panel=LIMITS)
    ] = DEFAULT.characters,
    max_waiting: Annotated[
        int,
        typer.Option(
            "--max-waiting", metavar="N", min=1, help="Texts that wait for the model; more are refused.", rich_help_panel=LIMITS
        ),
    ] = DEFAULT.waiting,
    max_rate: Annotated[
        float,
        typer.Option(
            "--max-rate",
            metavar="N",
            min=0,
            help="Requests a second of one client.",
            show_default="any number",
            rich_help_panel=LIMITS,
        ),
    ] = DEFAULT.rate,
    timeout: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.001, help="For a request.", rich_help_panel=LIMITS)
    ] = DEFAULT.seconds,
    log_texts: Annotated[
        bool, typer.Option("--log-texts", help="Log the texts of requests, too.", rich_help_panel=OUTPUT)
    ] = False,
) -> None:
    """Answer over HTTP, with a page to try the model on. The log, a line of JSON a request, goes to stderr."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"serve needs {' and '.join(missing)}", hint="pip install 'attnclf[serve]'")
    for option, value in (("--max-body", max_body), ("--max-rate", max_rate), ("--timeout", timeout)):
        if not math.isfinite(value):
            raise UsageError(f"{option} is {value}", hint="give a number")
    secret = _token(os.environ.get(IN_ENVIRONMENT, ""), token_file)
    limits = Limits(
        body=int(max_body * (1 << 20)),
        texts=max_texts,
        characters=max_characters,
        waiting=max_waiting,
        rate=max_rate,
        seconds=timeout,
    )
    from attnclf.service.logs import Log
    from attnclf.service.serving import serve

    log = Log(_to_stderr, texts=log_texts)
    if not secret and not _is_loopback(host):
        what = f"{host} can be reached from other machines, and no token is asked for; `token_file` names one"
        show_note(Note(what, warning=True))
    serve(model, host, port, log, limits, secret, _show_address)


def _token(given: str, path: Path | None) -> str:
    """The token to ask for, "" for none. Raises UsageError for one that a header cannot hold, or that is easily guessed."""
    where = IN_ENVIRONMENT  # not an option: the arguments of a process are no secret
    if path is not None:
        where = str(path)
        if given:
            show_note(Note(f"the token is that of {path}, and not that of {IN_ENVIRONMENT}"))
        try:
            given = path.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    elif not given:
        return ""
    token = given.strip()
    if len(token) < SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        hint = f"at least {SHORTEST} letters, digits or signs, such as: openssl rand -hex 24"
        raise UsageError(f"{where} holds no token that can be asked for", hint=hint)
    return token


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _show_address(url: str) -> None:
    """For a person: on a terminal a line that can be clicked stands before the log."""
    if sys.stderr is not None and sys.stderr.isatty():
        show_note(Note(f"the page is at {url}; Ctrl-C ends the service"))


def _to_stderr(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line)
