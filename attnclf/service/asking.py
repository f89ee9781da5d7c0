"""From a request to the model and back: what all routes share."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attnclf.data.columns import joined_columns
from attnclf.errors import DataError, UsageError
from attnclf.service.batching import Batcher
from attnclf.service.limits import Limits
from attnclf.service.logs import Told
from attnclf.service.model import Loaded, Models
from attnclf.service.refusals import Refused


@dataclass(frozen=True)
class Answered:
    """What a model answered, and which it was."""

    model: Loaded
    value: Any


class Asker:
    """Hands texts to the model that is there, within limits."""

    def __init__(self, models: Models, limits: Limits) -> None:
        self.models, self.limits = models, limits
        self.batcher = Batcher(self._work, lambda kind: int(kind.most), limits.waiting)

    def _work(self, kind: Any, items: Sequence[Any]) -> list[Any]:
        model = self.models.current  # one model for the whole batch
        return [one if isinstance(one, Exception) else Answered(model, one) for one in kind.answer(model.served, items)]

    async def ask(self, kind: Hashable, item: Any, size: int, told: Told) -> Answered:
        """The answer to an item of so many texts. Raises Refused."""
        try:
            found: Answered = await self.batcher.ask(kind, item, size, self.limits.seconds)
        except TimeoutError:
            raise self.limits.too_slow() from None
        except (UsageError, DataError) as error:  # what else the model raises is no fault of the request
            raise Refused(422, error.message, hint=error.hint) from error
        told.model = found.model.checksum
        return found

    @property
    def columns(self) -> Sequence[str]:
        """The columns of texts that the model reads."""
        return self.models.current.served.bundle.config.data.text_col

    def texts(self, given: Sequence[str | Mapping[str, str]], told: Told, *, explained: bool = False) -> list[str]:
        """The texts as the model reads them, noted and within the limits. Raises Refused."""
        found = [one if isinstance(one, str) else _joined(one, self.columns) for one in given]
        told.of(found)
        self.limits.check_texts(found, explained=explained)
        return found


def _joined(values: Mapping[str, str], columns: Sequence[str]) -> str:
    """The text of a row. Raises Refused for a column that is missing, or that the model does not read."""
    if set(values) != set(columns):
        named = ", ".join(map(repr, columns))
        raise Refused(422, f"a text has the columns {', '.join(map(repr, values))}", hint=f"the model reads {named}")
    return joined_columns([values[name] for name in columns]) if len(columns) > 1 else values[columns[0]]
