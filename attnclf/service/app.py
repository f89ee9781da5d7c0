"""The service as one ASGI application: its routes, its errors in one form, its beginning and its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from attnclf.service import kserve
from attnclf.service.asking import Asker
from attnclf.service.examples import Examples
from attnclf.service.gate import Gate
from attnclf.service.limits import Limits
from attnclf.service.logs import Log
from attnclf.service.metrics import Metrics
from attnclf.service.model import Models
from attnclf.service.page import routes as page
from attnclf.service.refusals import FAILED, Refused
from attnclf.service.routes import routes_of

SHAPES = {
    "/v1/": '{"instances": ["…"]}',
    "/v2/": '{"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["…"]}]}',
}
UNREADABLE: dict[type, str] = {
    UnicodeDecodeError: "the body is no text in UTF-8",
    RecursionError: "the body is nested too deep",
}


def create_app(path: Path, log: Log, limits: Limits | None = None, token: str = "") -> Gate:
    """The application for the model at `path`. Raises ModelError where there is none."""
    limits = limits or Limits()
    models = Models(path, log.event)
    asker = Asker(models, limits)
    metrics = Metrics(models)
    asker.batcher.observe = metrics.batch
    metrics.watch_waiting(lambda: asker.batcher.waiting)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        models.watch()
        log.event("ready", model=models.current.checksum, name=models.name)
        yield
        models.close()
        asker.batcher.close()
        log.event("ended")

    app = FastAPI(
        title="attnclf",
        version=version("attnclf"),
        description="Texts in, labels with probabilities and reasons out.",
        lifespan=lifespan,
        docs_url=None,  # these pages need other sites
        redoc_url=None,
        exception_handlers={Refused: _refused, RequestValidationError: _invalid, HTTPException: _of_http, Exception: _bug},
    )
    examples = Examples(models.current.served)
    app.include_router(routes_of(asker, metrics, examples))
    app.include_router(kserve.routes_of(asker, examples))
    app.include_router(page.routes_of(asker, asks_for_token=bool(token)))
    return Gate(_NamingRoutes(app), limits, log, metrics, token)


class _NamingRoutes:
    """Notes for the log and the metrics which route answered: its pattern, not what a client wrote.

    HEAD is answered as GET is, and the server leaves the body out.
    """

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
        if "told" in scope and (route := scope.get("route")) is not None:
            scope["told"].route = getattr(route, "path", "")


def _answer(refused: Refused, details: Any = ()) -> Response:
    return Response(refused.body(details), refused.status, refused.headers, media_type="application/json")


async def _refused(_: Request, error: Refused) -> Response:
    return _answer(error)


async def _invalid(request: Request, error: RequestValidationError) -> Response:
    """What is wrong with a request, without what it holds."""
    found = error.errors()
    if found[0]["loc"] == ("body",) and not _is_json(request.headers.get("content-type", "")):
        return _answer(
            Refused(415, "the body is not declared as JSON", hint="send the header 'Content-Type: application/json'")
        )
    if any(one["type"] == "json_invalid" for one in found):
        return _answer(Refused(400, "the body is no JSON", hint=f"send {_shape(request)}"))
    details = [{"where": ".".join(map(str, one["loc"])), "problem": one["msg"].removeprefix("Value error, ")} for one in found]
    first = details[0]
    return _answer(Refused(422, f"{first['where']}: {first['problem']}", hint="/openapi.json describes requests"), details[:20])


def _is_json(content_type: str) -> bool:
    """Whether a body that is declared so is read as JSON."""
    kind, _, form = content_type.partition(";")[0].strip().lower().partition("/")
    return kind == "application" and (form == "json" or form.endswith("+json"))


def _shape(request: Request) -> str:
    """What a body looks like at this path."""
    found = (shape for start, shape in SHAPES.items() if request.url.path.startswith(start))
    return next(found, '{"text": "…"}')


async def _bug(_: Request, __: Exception) -> Response:
    return _answer(FAILED)


async def _of_http(request: Request, error: HTTPException) -> Response:
    hints = {404: "/openapi.json lists what there is", 405: "/openapi.json says how to ask"}
    refused = Refused(error.status_code, str(error.detail).lower(), hint=hints.get(error.status_code, ""))
    if error.status_code == 400:  # the body could not be parsed
        problem = UNREADABLE.get(type(error.__cause__), "the body is no JSON that can be read")
        refused = Refused(400, problem, hint=f"send JSON in UTF-8, not compressed: {_shape(request)}")
    answer = _answer(refused)
    answer.headers.update(error.headers or {})
    return answer
