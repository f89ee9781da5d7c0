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

    def check_live(self) -> None:
        """Raises Refused where the thread that works with the model has ended."""
        if not self.batcher.is_alive:
            raise Refused(503, "the thread that works with the model has ended", hint="start the service again")

    def check_ready(self) -> None:
        """Raises Refused where no more texts can wait, or none is answered."""
        self.check_live()
        if self.batcher.waiting >= self.limits.waiting:
            raise Refused(503, f"{self.batcher.waiting:,} texts wait already", hint="try again later", retry_after=1)

    def texts(self, given: Sequence[str | Mapping[str, str]], told: Told, *, explained: bool = False) -> list[str]:
        """The texts as the model reads them, noted and within the limits. Raises Refused."""
        columns = self.columns
        return self.noted([_text_of(one, columns) for one in given], told, explained=explained)

    def noted(self, found: list[str], told: Told, *, explained: bool = False) -> list[str]:
        """The same texts, noted and within the limits. Raises Refused."""
        told.of(found)
        self.limits.check_texts(found, explained=explained)
        return found


def _text_of(values: str | Mapping[str, str], columns: Sequence[str]) -> str:
    """A text as the model reads it. Raises Refused for a column that is missing, or that the model does not read."""
    if isinstance(values, str) and len(columns) == 1:
        return values
    if isinstance(values, str) or set(values) != set(columns):
        named = ", ".join(map(repr, columns))
        what = "is a string" if isinstance(values, str) else f"has the columns {', '.join(map(repr, values))}"
        raise Refused(422, f"a text {what}", hint=f"the model reads {named}: a text is an object with a string for each")
    return joined_columns([values[name] for name in columns]) if len(columns) > 1 else values[columns[0]]
