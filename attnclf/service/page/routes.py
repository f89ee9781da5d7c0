"""The page at `/`, what it is made of, and what it asks for."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, StrictUndefined

from attnclf.data import Columns
from attnclf.data.compression import TooLarge
from attnclf.data.formats import written_text
from attnclf.errors import DataError
from attnclf.render.html import STYLE
from attnclf.results import COLUMN_SEPARATOR, Prediction
from attnclf.served.model import ServedModel
from attnclf.service.answers import Asked, Explaining, Labelling
from attnclf.service.asking import Asker
from attnclf.service.logs import Told
from attnclf.service.page.notes import on_page, refusal, remarks_on
from attnclf.service.page.painted import painted
from attnclf.service.page.tables import ANY_SIZE, dropped
from attnclf.service.refusals import Refused
from attnclf.service.routes import json_answer
from attnclf.service.schemas import Strict

SCRIPT = "text/javascript; charset=utf-8"
KINDS = {"page.css": "text/css; charset=utf-8", "page.js": SCRIPT, "panel.js": SCRIPT, "ask.js": SCRIPT}
TRIES = 3
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Shown(Strict):
    """A text to show: where the model reads several columns, their values with the separator between them."""

    text: str
    by: Literal["token", "word"] = "word"


def routes_of(asker: Asker, *, asks_for_token: bool) -> APIRouter:
    """The routes of the page, which the description of the service leaves out: they may change with the page."""
    router = APIRouter(include_in_schema=False)
    folder = files("attnclf.service.page") / "files"
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (folder / "page.html").read_text(encoding="utf-8")
    )
    parts = {name: (folder / name).read_text(encoding="utf-8") for name in KINDS}
    parts["page.css"] = STYLE + parts["page.css"]  # the colours are those of every page of attnclf

    async def page() -> Response:
        bundle = asker.models.current.served.bundle
        values = {
            "name": asker.models.name,
            "labels": bundle.labels,
            "rows": asker.limits.rows,
            "megabytes": asker.limits.body / (1 << 20),
            "asks_for_token": asks_for_token,
            "columns": bundle.config.data.text_col,
            "separator": COLUMN_SEPARATOR,
        }
        headers = {"content-security-policy": POLICY, "referrer-policy": "no-referrer", "cache-control": "no-cache"}
        return Response(template.render(values), headers=headers, media_type="text/html; charset=utf-8")

    async def part(name: str) -> Response:
        if name not in parts:
            raise Refused(404, "not found")
        return Response(parts[name], headers={"content-type": KINDS[name], "cache-control": "no-cache"})

    async def text(request: Request, asked: Shown) -> Response:
        texts = asker.noted([asked.text], request.scope["told"], explained=True)
        found = await asker.ask(Explaining(by=asked.by), texts, 1, request.scope["told"])
        trust = found.model.served.bundle.faithfulness
        return json_answer(await asyncio.to_thread(painted, found.value[0], trust) | {"model": found.model.checksum})

    async def labelled(texts: Sequence[str], told: Told) -> tuple[ServedModel, list[Prediction]]:
        """Predictions for many texts, all by one model. Raises Refused where models take each other's place too fast."""
        for _ in range(TRIES):
            predictions: list[Prediction] = []
            models: dict[str, ServedModel] = {}
            for start in range(0, len(texts), asker.limits.texts):
                some = texts[start : start + asker.limits.texts]
                found = await asker.ask(Labelling(), Asked(some, {}), len(some), told)
                models[found.model.checksum] = found.model.served
                predictions += found.value.predictions
            if len(models) == 1:
                return next(iter(models.values())), predictions
        raise Refused(503, "the model was replaced meanwhile", hint="try again", retry_after=1)

    async def file(request: Request, name: str = "") -> Response:
        trained = Columns.of(asker.models.current.served.bundle.config.data, grouped=False)
        content = await request.body()
        try:
            table = await asyncio.to_thread(dropped, content, name, trained, asker.limits)
            served, predictions = await labelled(table.texts, request.scope["told"])
            typed = zip(served.labels, served.bundle.typed_labels, strict=True)
            names = {label: written_text(value) for label, value in typed}
            csv, written = await asyncio.to_thread(table.labelled, predictions, names)
        except TooLarge as error:
            raise Refused(413, error.message, hint=ANY_SIZE) from error
        except DataError as error:
            raise refusal(error, trained) from error
        request.scope["told"].of(table.texts)
        remarks = [*filter(None, map(on_page, table.remarks)), *written, *remarks_on(table.header, predictions, served)]
        counted = Counter(one.label for one in predictions).most_common()
        summary = {"rows": len(predictions), "labels": counted, "remarks": remarks}
        headers = {"content-type": "text/csv", "x-attnclf-summary": json.dumps(summary)}  # a header is ASCII
        return Response(csv, headers=headers)

    router.add_api_route("/", page)
    router.add_api_route("/page/files/{name}", part)
    router.add_api_route("/page/text", text, methods=["POST"])
    router.add_api_route("/page/file", file, methods=["POST"])
    return router
