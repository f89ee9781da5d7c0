"""Examples of requests for the OpenAPI description. They name columns and labels of the model that is there at the start."""

from typing import Any

from attnclf.served.model import ServedModel

ONE, OTHER = "get 1000 f0llowers fast, link in bio 🔥", "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ"


class Examples:
    """The examples of each route, as FastAPI takes them."""

    def __init__(self, served: ServedModel) -> None:
        columns = served.bundle.config.data.text_col
        one, other = (ONE, OTHER) if len(columns) == 1 else (dict.fromkeys(columns, text) for text in (ONE, OTHER))
        several = {"texts": [one, other]}
        self.predict = _named(
            {
                "one text": {"text": one},
                "several": several,
                "at a base rate": {"text": one, "prior": {served.labels[0]: 0.02}},
            }
        )
        self.explain = _named({"one text": {"text": one, "by": "word"}})
        if served.bundle.accounts:
            self.predict |= _named({"accounts": several | {"accounts": ["ann", "bob"]}})
            self.explain |= _named({"an account": several | {"account": "ann", "most": 2}})
        self.instances = _named({"one text": {"instances": [one]}})
        tensors = [{"name": name, "shape": [1], "datatype": "BYTES", "data": [ONE]} for name in columns]
        self.infer = _named({"one text": {"inputs": tensors}})


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}
