"""Options about accounts, for the commands that have them."""

from typing import Annotated

from attnclf.cli.options import ACCOUNTS, setting
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
