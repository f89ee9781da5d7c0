"""The rows of a search: the split that `train` makes of the same table with the same settings, once for all trials."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attnclf.comparison.measuring import WHOLE_ACCOUNTS, SplitTables
from attnclf.config import Config
from attnclf.data import Table
from attnclf.errors import UsageError
from attnclf.results import OnEvent


@dataclass(frozen=True)
class Rows:
    """Rows to train on and rows to validate on; of the latter the targets (N,), and the account of each, if they have some.

    `families` has the account of each row to train on, or its family of accounts; it is empty where rows have no account.
    """

    train: Table
    valid: Table
    targets: NDArray[np.int32]
    groups: Sequence[str]
    families: Sequence[str] = ()

    @classmethod
    def of(cls, table: Table, valid: Table | None, config: Config, on_event: OnEvent) -> "Rows":
        """Splits `table` as `train` would, unless there is `valid`. In trials a row is a row, whoever wrote it.

        Raises DataError for data that cannot be learnt from, and UsageError where rows would be whole accounts.
        """
        from attnclf.training.preparation import labels_of, without_rare_rows
        from attnclf.training.splitting import parts_of

        if config.model.encoder == "hierarchical" and table.groups:
            raise UsageError(WHOLE_ACCOUNTS, hint="leave one of them out")
        table, valid = without_rare_rows(table, valid, config.data.min_rows, on_event)
        train_part, valid_part = parts_of(table, valid, labels_of(table), config, on_event)
        held_out = table.rows(valid_part.rows) if valid is None else valid
        train = replace(table.rows(train_part.rows), groups=[])
        held_out = replace(held_out, groups=[])
        return cls(train, held_out, valid_part.targets, list(valid_part.groups), list(train_part.groups))

    def checksum(self) -> str:
        """A hash of all texts and labels in their order, and of the families."""
        return SplitTables(self.train, self.valid, self.valid, self.families).checksum()
