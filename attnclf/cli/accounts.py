"""Options about accounts, for the commands that have them."""

from typing import Annotated

import typer

from attnclf.cli.options import ACCOUNTS, MODEL, setting
from attnclf.config import Config

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
MaxFalsePositiveRate = Annotated[
    list[str] | None,
    typer.Option(
        "--max-false-positive-rate",
        metavar="LABEL=RATE",
        help="Call an account LABEL only above a threshold which promises that at most this share of the others is called so, "
        "such as fake=.01. May be repeated.",
        show_default="the likeliest label",
        rich_help_panel=ACCOUNTS,
    ),
]
MinPosts = Annotated[
    int | None, setting(ACCOUNTS, "--min-posts", "Accounts with fewer posts are undecided.", DEFAULT.min_posts, "N")
]
Anyway = Annotated[
    bool | None,
    typer.Option(
        "--anyway/--no-anyway",
        help="Choose a threshold even where the held-out accounts are too few to promise its rate.",
        show_default="off",
        rich_help_panel=ACCOUNTS,
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
