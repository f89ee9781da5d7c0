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
from attnclf.data.encodings import by_mark
from attnclf.errors import UsageError
from attnclf.results import Note
from attnclf.service.limits import Limits

DEFAULT = Limits()
NEEDED = ("fastapi", "uvicorn", "jinja2", "prometheus_client")
IN_ENVIRONMENT = "ATTNCLF_TOKEN"
SHORTEST = 8  # characters of a token
MOST = 1_000_000  # megabytes, requests or seconds


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
    proxy: Annotated[
        str,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help="Believe what the proxy at this address, or in this network, says of its clients (X-Forwarded-For).",
            show_default="no proxy",
            rich_help_panel=SERVICE,
        ),
    ] = "",
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
        if not math.isfinite(value) or value > MOST:
            raise UsageError(f"{option} is {value}", hint=f"give a number up to {MOST:,}")
    secret = _token(os.environ.get(IN_ENVIRONMENT), token_file)
    _check_proxy(proxy)
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

    def listening(address: str, url: str) -> None:
        if not secret and not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
            what = f"{host} can be reached from other machines, and no token is asked for; `token_file` names one"
            show_note(Note(what, warning=True))
        _show_address(url)

    serve(model, host, port, Log(_to_stderr, texts=log_texts), limits, secret, listening, proxy)


def _check_proxy(address: str) -> None:
    """Raises UsageError for what is neither "" nor the address of a machine or a network."""
    try:
        ipaddress.ip_network(address or "127.0.0.1")
    except ValueError as error:
        raise UsageError(f"--proxy is '{address}': {error}", hint="such as 10.0.0.5 or 10.0.0.0/24") from error


def _token(given: str | None, path: Path | None) -> str:
    """The token to ask for, "" for none. Raises UsageError for one that a header cannot hold, or that is easily guessed."""
    where = IN_ENVIRONMENT  # not an option: the arguments of a process are no secret
    if path is not None:
        where = str(path)
        if given:
            show_note(Note(f"the token is that of {path}, and not that of {IN_ENVIRONMENT}"))
        try:
            content = path.read_bytes()
            given = content.decode(by_mark(content) or "utf-8")  # editors of Windows write a mark, and some UTF-16
        except (OSError, UnicodeError) as error:
            raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    elif given is None:
        return ""
    token = given.strip()
    if problem := _problem_of(token):
        hint = f"at least {SHORTEST} letters, digits or signs, such as: openssl rand -hex 24"
        raise UsageError(f"{where} holds no token that can be asked for: {problem}", hint=hint)
    return token


def _problem_of(token: str) -> str:
    """Why a header cannot hold the token, or why it is easily guessed; "" for neither."""
    if not token:
        return "it is empty"
    if not token.isascii():
        return "it has letters beyond ASCII"
    if " " in token or not token.isprintable():
        return "it has blanks or several lines"
    return f"it has {len(token)} characters" if len(token) < SHORTEST else ""


def _show_address(url: str) -> None:
    """For a person: on a terminal a line that can be clicked stands before the log."""
    if sys.stderr is not None and sys.stderr.isatty():
        show_note(Note(f"the page is at {url}; Ctrl-C ends the service"))


def _to_stderr(line: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(line)
