"""The inference protocols of KServe: V1 predict and explain, and V2, the Open Inference Protocol, for the same answers.

V1: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
V2: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request, Response
from pydantic import BeforeValidator, Field

from attnclf.render.records import explanation_values, prediction_plain
from attnclf.results import Prediction
from attnclf.service import schemas
from attnclf.service.answers import Asked, Explaining, Labelling
from attnclf.service.asking import Asker
from attnclf.service.examples import Examples
from attnclf.service.refusals import Refused
from attnclf.service.routes import json_answer

COLUMNS = (("predicted", "BYTES"), ("probability", "FP64"), ("known", "FP64"), ("truncated", "BOOL"))
NOTHING = {"binary_data", "binary_data_output"}  # parameters of Triton's clients: false asks for what there is


def _no_parameters(value: Any) -> Any:
    """The same, or a ValueError for parameters that would be dropped without a word."""
    named = [name for name, one in value.items() if name not in NOTHING or one is not False] if isinstance(value, dict) else []
    if named:
        raise ValueError(f"there is no parameter '{named[0][:40]}'")
    return value


def _tensor(value: Any) -> Any:
    """The same, or one ValueError where it is no text, nor a row of them."""
    row = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in row):
        raise ValueError("BYTES are strings")
    return value


Parameters = Annotated[dict[str, Any] | None, BeforeValidator(_no_parameters)]
Values = Annotated[list[Annotated[str | list[str], BeforeValidator(_tensor)]], Field(fail_fast=True)]


class Instances(schemas.Strict):
    """Texts of V1."""

    instances: schemas.Texts = Field(min_length=1)
    signature_name: str | None = Field(default=None, description="Of clients of TensorFlow Serving; it changes nothing here.")


class Input(schemas.Strict):
    """A tensor of V2: n texts. The dimensions may be [n] or [n, 1]."""

    name: str
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(fail_fast=True)] = Field(min_length=1, max_length=2)
    datatype: Literal["BYTES"]
    data: Values
    parameters: Parameters = None

    @property
    def texts(self) -> list[str]:
        """The texts, flat. Raises Refused where the shape says another number."""
        found = [text for one in self.data for text in (one if isinstance(one, list) else [one])]
        rest = self.shape[1] if len(self.shape) == 2 else 1
        if self.shape[0] != len(found) or rest != 1:
            problem = f"the input '{self.name[:40]}' has the shape {self.shape} and {len(found):,} texts"
            raise Refused(422, problem, hint=f"for these the shape is [{len(found)}] or [{len(found)}, 1]")
        return found


class Output(schemas.Strict):
    """An output of V2 that is asked for."""

    name: str
    parameters: Parameters = None


class Infer(schemas.Strict):
    """A request of V2. Of several inputs, each is a column that the model reads, of its name."""

    id: str | None = None
    parameters: Parameters = None
    inputs: Annotated[list[Input], Field(fail_fast=True)] = Field(min_length=1)
    outputs: Annotated[list[Output], Field(fail_fast=True)] | None = Field(None, description="By default all.")


def routes_of(asker: Asker, examples: Examples) -> APIRouter:
    """The routes of both protocols, for the one model there is."""
    router = APIRouter(responses=schemas.REFUSALS, tags=["KServe"])

    def check(name: str) -> None:
        if name != asker.models.name:
            raise Refused(404, f"there is no model '{name[:100]}'", hint=f"the model is '{asker.models.name}'")

    async def v1_models() -> Response:
        """The models there are: one."""
        return json_answer({"models": [asker.models.name]})

    async def model_ready(name: str) -> Response:
        """Whether the model is ready."""
        check(name)
        asker.check_ready()
        return json_answer({"name": name, "ready": True})

    async def v1_predict(
        request: Request, name: str, asked: Annotated[Instances, Body(openapi_examples=examples.instances)]
    ) -> Response:
        """The label of each text."""
        check(name)
        predictions = await _labelled(request, asked.instances)
        return json_answer({"predictions": list(map(prediction_plain, predictions))})

    async def v1_explain(
        request: Request, name: str, asked: Annotated[Instances, Body(openapi_examples=examples.instances)]
    ) -> Response:
        """Attention and evidence of each token."""
        check(name)
        texts = asker.texts(asked.instances, request.scope["told"], explained=True)
        found = await asker.ask(Explaining(), texts, len(texts), request.scope["told"])
        return json_answer({"explanations": list(map(explanation_values, found.value))})

    async def _labelled(request: Request, given: Any) -> list[Prediction]:
        texts = asker.texts(given, request.scope["told"])
        found = await asker.ask(Labelling(), Asked(texts, {}), len(texts), request.scope["told"])
        predictions: list[Prediction] = found.value.predictions
        return predictions

    async def v2_server() -> Response:
        """The server's name and version."""
        return json_answer({"name": "attnclf", "version": version("attnclf"), "extensions": []})

    async def v2_ready() -> Response:
        """The server is ready."""
        asker.check_ready()
        return json_answer({"ready": True})

    async def v2_live() -> Response:
        """The server is live."""
        asker.check_live()
        return json_answer({"live": True})

    async def v2_model(name: str) -> Response:
        """What the model takes and gives."""
        check(name)
        bundle = asker.models.current.served.bundle
        inputs = [{"name": column, "datatype": "BYTES", "shape": [-1]} for column in bundle.config.data.text_col]
        outputs = [{"name": output, "datatype": datatype, "shape": [-1]} for output, datatype in COLUMNS]
        outputs.append({"name": "probabilities", "datatype": "FP64", "shape": [-1, len(bundle.labels)]})
        found = {"name": name, "versions": [bundle.checksum], "platform": "onnx_attnclf", "inputs": inputs, "outputs": outputs}
        return json_answer(found | {"labels": list(bundle.labels)})

    async def v2_infer(request: Request, name: str, asked: Annotated[Infer, Body(openapi_examples=examples.infer)]) -> Response:
        """Labels and probabilities as tensors; the columns of the probabilities are the labels in the model's metadata."""
        check(name)
        texts = asker.texts(_rows(asked.inputs, asker.columns), request.scope["told"])
        found = await asker.ask(Labelling(), Asked(texts, {}), len(texts), request.scope["told"])
        outputs = _outputs(found.value.predictions, found.model.served.labels)
        if asked.outputs:
            outputs = [_chosen(outputs, one.name) for one in asked.outputs]
        values = {"model_name": name, "model_version": found.model.checksum, "id": asked.id, "outputs": outputs}
        return json_answer({key: value for key, value in values.items() if value is not None})

    for path, route, method in (
        ("/v1/models", v1_models, "GET"),
        ("/v1/models/{name}:predict", v1_predict, "POST"),
        ("/v1/models/{name}:explain", v1_explain, "POST"),
        ("/v1/models/{name}", model_ready, "GET"),
        ("/v2", v2_server, "GET"),
        ("/v2/health/live", v2_live, "GET"),
        ("/v2/health/ready", v2_ready, "GET"),
        ("/v2/models/{name}", v2_model, "GET"),
        ("/v2/models/{name}/ready", model_ready, "GET"),
        ("/v2/models/{name}/infer", v2_infer, "POST"),
    ):
        router.add_api_route(path, route, methods=[method], response_model=dict[str, Any])
    return router


def _rows(inputs: list[Input], columns: Sequence[str]) -> list[str | dict[str, str]]:
    """The texts of one input, whatever its name, for a model of one column; else the values of each row by the names of the
    inputs. Raises Refused.
    """
    values = [one.texts for one in inputs]
    if not values[0] or any(len(column) != len(values[0]) for column in values):
        raise Refused(422, "the inputs have no texts, or not equally many", hint="send as many texts in each, one at least")
    if len(inputs) == len(columns) == 1:
        return list(values[0])
    names = [one.name for one in inputs]
    if len(set(names)) < len(names):
        raise Refused(422, "two inputs have the same name", hint=f"the model reads {', '.join(map(repr, columns))}")
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _outputs(predictions: list[Prediction], labels: tuple[str, ...]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": "predicted", "data": [one.label for one in predictions]},
        {"name": "probability", "data": [round(one.probability, 6) for one in predictions]},
        {"name": "known", "data": [round(one.known, 4) for one in predictions]},
        {"name": "truncated", "data": [one.truncated for one in predictions]},
    ]
    tensors = [
        one | {"datatype": datatype, "shape": [len(predictions)]} for one, (_, datatype) in zip(found, COLUMNS, strict=True)
    ]
    of_rows = [dict(zip(one.labels, one.probabilities, strict=True)) for one in predictions]
    flat = [round(row[label], 6) for row in of_rows for label in labels]
    return [*tensors, {"name": "probabilities", "datatype": "FP64", "shape": [len(predictions), len(labels)], "data": flat}]


def _chosen(outputs: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found = next((one for one in outputs if one["name"] == name), None)
    if found is None:
        raise Refused(422, f"there is no output '{name[:40]}'", hint=", ".join(one["name"] for one in outputs))
    return found
