"""What the page says of a file beside its labels: what `attnclf predict -f` says of it, for who has no options at hand."""

import dataclasses
from collections.abc import Sequence

from attnclf.config import DataConfig
from attnclf.config.spelling import respelled
from attnclf.data import Columns
from attnclf.errors import DataError
from attnclf.results import Prediction
from attnclf.served.model import ServedModel
from attnclf.served.unread import Unread
from attnclf.service.refusals import Refused

COMMAND = "attnclf predict -f FILE"
OPTIONS = {field.name: f"{COMMAND} --{field.name.replace('_', '-')}" for field in dataclasses.fields(DataConfig)}
ROW_BY_ROW = f"each row was labelled by itself; this model reads all rows of an account together, as {COMMAND} does"


def on_page(message: str) -> str:
    """A message of the library, where settings are options of the command."""
    return respelled(message, OPTIONS.get)


def refusal(error: DataError, trained: Columns) -> Refused:
    """Why a file cannot be labelled, and what to do without options: `trained` are the columns that the model reads."""
    hint = on_page(error.hint)
    if "`text_col`" in error.hint:
        names = " and ".join(f"'{name}'" for name in trained.text)
        hint = f"rename the column{'s' if len(trained.text) > 1 else ''} to {names}; or {hint}"
    elif "`encoding`" in error.hint:
        hint = f"save it as UTF-8; or {hint}"
    return Refused(422, on_page(error.message), hint=hint)


def remarks_on(header: Sequence[str], predictions: Sequence[Prediction], served: ServedModel) -> list[str]:
    """What is to be said of labels beside a table with this header: what the model read of it, and what it did not."""
    unread = Unread()
    unread.count(predictions)
    group = served.bundle.config.data.group_col
    accounts = []
    if served.classifies_accounts:
        accounts = [ROW_BY_ROW]
    elif served.knows_accounts and group in header:
        accounts = [f"column '{group}' was not used: {COMMAND} judges accounts, too"]
    return [*accounts, *(note.message for note in unread.notes(served.limits))]
