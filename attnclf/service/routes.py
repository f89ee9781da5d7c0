"""`/predict`, `/explain`, `/model`, `/health/…` and `/metrics`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from attnclf.data import account_name
from attnclf.render import account_explained, model_facts, verdicts
from attnclf.render.records import explanation_values, prediction_plain, to_json
from attnclf.service import schemas
from attnclf.service.answers import Account, Asked, Explaining, ExplainingAccounts, Labelled, Labelling
from attnclf.service.asking import Answered, Asker
from attnclf.service.examples import Examples
from attnclf.service.metrics import Metrics


def json_answer(values: Any, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(to_json(values).encode("utf-8", "backslashreplace"), status, media_type="application/json")


def routes_of(asker: Asker, metrics: Metrics, examples: Examples) -> APIRouter:
    """The routes of a service."""
    router = APIRouter(responses=schemas.REFUSALS)

    async def predict(
        request: Request, asked: Annotated[schemas.PredictRequest, Body(openapi_examples=examples.predict)]
    ) -> Response:
        """The label of each text, and its probabilities; with accounts, verdicts on these, too."""
        texts = asker.texts(asked.all, request.scope["told"])
        found = await asker.ask(Labelling(), Asked(texts, asked.prior or {}, asked.accounts), len(texts), request.scope["told"])
        return json_answer(_predicted(found, texts, accounts=asked.accounts is not None))

    async def explain(
        request: Request, asked: Annotated[schemas.ExplainRequest, Body(openapi_examples=examples.explain)]
    ) -> Response:
        """Attention and signed evidence of each token; of an account, what each post says for the verdict on it."""
        told, prior = request.scope["told"], asked.prior or {}
        if asked.account is not None:
            texts = asker.texts(asked.all, told)
            most = min(asked.most, asker.limits.explained)
            asker.limits.check_explained(sorted(texts, key=len, reverse=True)[:most])
            account = Account(account_name(asked.account), texts, prior, asked.by, most)
            return json_answer(_explained_account(await asker.ask(ExplainingAccounts(), account, len(texts), told)))
        texts = asker.texts(asked.all, told, explained=True)
        kind = Explaining(asked.target, asked.against, asked.by, tuple(sorted(prior.items())))
        found = await asker.ask(kind, texts, len(texts), told)
        return json_answer({"explanations": list(map(explanation_values, found.value)), "model": found.model.checksum})

    async def model() -> Response:
        """What the model is, how it scored, since when it answers, and whether a new one at its place was rejected."""
        models = asker.models
        bundle = models.current.served.bundle
        facts = model_facts.values(bundle, {}) | {"model": models.name}
        facts.pop("files")
        rejected = {"error": models.rejected.message, "at": models.rejected.at} if models.rejected else None
        state = {"since": models.current.since, "taken_over": models.taken_over, "rejected": rejected}
        return json_answer({"name": models.name, **facts, **state})

    async def live() -> Response:
        """The process answers, and so does the thread that works with the model."""
        asker.check_live()
        return json_answer({"status": "live"})

    async def ready() -> Response:
        """A model is loaded, and there is room for texts."""
        asker.check_ready()
        return json_answer({"status": "ready", "model": asker.models.current.checksum})

    async def numbers() -> Response:
        """Numbers for Prometheus."""
        return Response(metrics.page(), headers={"content-type": metrics.content_type})

    predicted = schemas.example(schemas.PredictAnswer, "Predictions in the order of the texts.", schemas.PREDICT_ANSWER)
    explained = schemas.example(schemas.ExplainAnswer, "Explanations in the order of the texts.", schemas.EXPLAIN_ANSWER)
    router.add_api_route("/predict", predict, methods=["POST"], tags=["model"], responses={200: predicted})
    router.add_api_route("/explain", explain, methods=["POST"], tags=["model"], responses={200: explained})
    router.add_api_route("/model", model, tags=["model"], response_model=dict[str, Any])
    router.add_api_route("/health/live", live, tags=["health"], response_model=dict[str, Any])
    router.add_api_route("/health/ready", ready, tags=["health"], response_model=dict[str, Any])
    router.add_api_route("/metrics", numbers, tags=["health"], response_class=Response)
    return router


def _predicted(found: Answered, texts: list[str], *, accounts: bool) -> dict[str, Any]:
    labelled: Labelled = found.value
    values: dict[str, Any] = {"predictions": list(map(prediction_plain, labelled.predictions))}
    if accounts:
        values["accounts"] = [verdicts.record_values(one, texts) for one in labelled.verdicts]
    return values | {"model": found.model.checksum}


def _explained_account(found: Answered) -> dict[str, Any]:
    return {"account": account_explained.record_values(found.value), "model": found.model.checksum}
