"""Options about accounts, for the commands that have them."""

import math
from collections.abc import Sequence
from typing import Annotated

import typer

from attnclf.cli.options import ACCOUNTS, MODEL, setting
from attnclf.config import Config
from attnclf.errors import UsageError

DEFAULT = Config().accounts

MixedAccountsOption = Annotated[
    str | None,
    setting(
        ACCOUNTS,
        "--mixed-accounts",
        "Accounts whose rows have several labels: leave them out, let the commonest label count, or stop.",
        DEFAULT.mixed_accounts,
        "leave-out|majority|refuse",
    ),
]
PriorOption = Annotated[
    list[str] | None,
    typer.Option(
        "--prior",
        metavar="LABEL=RATE",
        help="How frequent a label is where the model is used, such as fake=.02. May be repeated; other labels are scaled.",
        show_default="as frequent as in training",
        rich_help_panel=MODEL,
    ),
]


def rates_of(option: str, texts: Sequence[str]) -> dict[str, float]:
    """`["fake=.02"]` → `{"fake": 0.02}`. Raises UsageError for what is not a label with a number, or is named twice."""
    rates: dict[str, float] = {}
    for text in texts:
        label, separator, value = text.rpartition("=")
        try:
            rate = float(value)
        except ValueError:
            rate = math.nan
        if not separator or not label or math.isnan(rate):
            raise UsageError(f"{option} {text}: a label and a number are needed", hint=f"write it like {option} fake=.02")
        if label in rates:
            raise UsageError(f"{option} names '{label}' twice", hint="leave one of them out")
        rates[label] = rate
    return rates
