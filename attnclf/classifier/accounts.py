"""Verdicts on accounts from Python: whose post each text is, and what the model's rule says of them."""

import warnings
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attnclf.accounts.by_model import by_account_model
from attnclf.accounts.posts import Posts
from attnclf.accounts.rule import shift_of
from attnclf.accounts.verdicts import rule_of, verdicts
from attnclf.classifier.inputs import column_of
from attnclf.classifier.labels import cell_of
from attnclf.config import DataConfig
from attnclf.data import AccountNames, account_name
from attnclf.errors import UsageError
from attnclf.registry import nearest
from attnclf.results import AccountRule, AccountVerdict
from attnclf.served.model import ServedModel
from attnclf.served.prediction import windows
from attnclf.served.unread import Unread

if TYPE_CHECKING:
    from attnclf.classifier.inputs import Texts


def rule_for_posts(served: ServedModel) -> AccountRule:
    """The model's rule for accounts. Raises UsageError where it has none, with the reason."""
    if served.classifies_accounts:
        raise UsageError(
            "this model reads an account whole, and has no rule for its posts",
            hint="join the posts of an account, one a line, and pass that to predict or explain",
        )
    return rule_of(served)


def accounts_of(x: "Texts", accounts: Any, trained: str, count: int, names: AccountNames) -> list[str]:
    """The account of each text, "" where it has none: `accounts`, or the column of a frame that the model was `trained` on.

    `names` reads them, and has then what is to be told of them. Raises UsageError for what is not one account for each of so
    many texts.
    """
    if accounts is None:
        accounts = column_of(x, trained)
        if accounts is None:
            hint = f"pass one for each text, or a DataFrame with the column '{trained}'"
            raise UsageError("the accounts of the texts are missing", hint=hint)
    one = isinstance(accounts, str | bytes | Mapping | Set) or not isinstance(accounts, Iterable)
    if one or len(getattr(accounts, "shape", (0,))) != 1:
        raise UsageError(f"accounts is one {type(accounts).__name__}", hint="pass a list with the account of each text")
    found = [names.name_of(cell_of(value)) for value in accounts]
    if len(found) != count:
        raise UsageError(f"there are {count:,} texts and {len(found):,} accounts", hint="pass one account for each text")
    return found


def posts_of_account(x: "Texts", account: str, config: DataConfig, texts: Sequence[str]) -> tuple[str, list[str]]:
    """The account and those of the `texts` that are its posts; all are where `x` has no columns but those of texts.

    Without a name it is the only account of the column. Warns, to the caller's caller, of names that were changed or are nearly
    equal. Raises UsageError for a name that is not there, and for several accounts without a name.
    """
    if not texts:
        raise UsageError("the account has no posts", hint="pass one text at least")
    trained = config.group_col
    column = column_of(x, trained)
    if column is None:
        if getattr(x, "shape", (0,))[1:] > (max(1, len(config.text_col)),):
            hint = f"rename its column of accounts to '{trained}', or pass a list of the posts of one account"
            raise UsageError(f"X has no column '{trained}', which would say whose post a row is", hint=hint)
        return account_name(account), list(texts)
    read = AccountNames()
    names = accounts_of(x, column, trained, len(texts), read)
    for remark in read.remarks:
        warnings.warn(remark, stacklevel=3)
    known = dict.fromkeys(name for name in names if name)
    if not known:
        raise UsageError("X has no account", hint=f"its column '{trained}' is empty")
    if not account and len(known) > 1:
        raise UsageError(f"X has {len(known):,} accounts", hint=f"pass the name of one, such as '{next(iter(known))}'")
    asked = account_name(account) or next(iter(known))
    if asked not in known:
        raise UsageError(f"X has no account '{asked}'", hint=nearest(asked, known))
    return asked, [text for text, name in zip(texts, names, strict=True) if name == asked]


def verdicts_on(
    served: ServedModel, texts: Sequence[str], accounts: Sequence[str], rates: Mapping[str, float]
) -> tuple[list[AccountVerdict], Unread]:
    """The verdict on each account that is named, in the order of first appearance, and what was not read of its posts.

    Raises UsageError for a model without a rule, and for base rates that are none.
    """
    rule = rule_for_posts(served)
    shift_of(rule, served.labels, rates)  # fails without texts, too
    unread = Unread()
    rows = [row for row, account in enumerate(accounts) if account]
    logits = [np.empty((0, len(served.labels)), np.float32)]
    for window in windows((texts[row] for row in rows), len):
        scored, known, left_out = served.logits(window)
        unread.add(known, left_out)
        logits.append(scored)
    if not rows:
        return [], unread
    named = [texts[row] for row in rows], np.concatenate(logits), [accounts[row] for row in rows]
    found = verdicts(rule, served.labels, Posts.of(*named, by_account_model(served)), rates)
    return [replace(one, rows=tuple(rows[place] for place in one.rows)) for one in found.values()], unread
