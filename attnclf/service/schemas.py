"""What requests and answers look like, for checking the former and for the OpenAPI description of both."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from attnclf.data import account_name

MOST_NAMES = 10_000  # in an object, so that a request has not as many errors as it has names


def few(value: Any) -> Any:
    """The same, or a ValueError for an object with more names than any request needs."""
    if isinstance(value, dict) and len(value) > MOST_NAMES:
        raise ValueError(f"it has {len(value):,} names")
    return value


def _text(value: Any) -> Any:
    """The same, or one ValueError where it is no text: pydantic would have one for each form that a text may have."""
    if isinstance(value, dict) and all(isinstance(one, str) for one in few(value).values()):
        return value
    if not isinstance(value, str):
        raise ValueError("a text is a string, or an object with a string for each column that the model reads")
    return value


Text = Annotated[
    Annotated[str, Field(description="A text.")]
    | Annotated[dict[str, str], Field(description="The values of a text's columns, where the model reads several.")],
    BeforeValidator(_text),
]
Texts = Annotated[list[Text], Field(fail_fast=True)]
Rate = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Prior = Annotated[
    dict[str, Rate] | None,
    BeforeValidator(few),
    Field(description="How frequent labels are where the model is used; others share the rest."),
]


class Strict(BaseModel):
    """An object without other names: what is not known would be dropped without a word."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_names(cls, values: Any) -> Any:
        return few(values)


class Asking(Strict):
    """One `text`, or several `texts`."""

    text: Text = Field(default_factory=str)  # a default that the description leaves out
    texts: Texts | None = Field(None, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, values: Any) -> Any:
        """Without a `text` that is null beside `texts`: some clients write all fields."""
        if isinstance(values, dict) and values.get("text", "") is None and values.get("texts") is not None:
            return {name: value for name, value in values.items() if name != "text"}
        return values

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if ("text" in self.model_fields_set) == (self.texts is not None):
            raise ValueError("either 'text' or 'texts' is needed, and not both")
        return self

    @property
    def all(self) -> list[str | dict[str, str]]:
        """The texts, one or several."""
        return [self.text] if self.texts is None else list(self.texts)


class PredictRequest(Asking):
    """Texts to label. With `accounts`, the account of each text, there are verdicts on accounts, too."""

    accounts: Annotated[list[str], Field(fail_fast=True)] | None = Field(
        None, description="The account of each text, for verdicts on accounts; '' for none."
    )
    prior: Prior = None

    @model_validator(mode="after")
    def _one_account_each(self) -> Self:
        if self.accounts is not None and len(self.accounts) != len(self.all):
            raise ValueError(f"there are {len(self.all):,} texts and {len(self.accounts):,} accounts")
        return self


class ExplainRequest(Asking):
    """Texts to explain; or, with `account`, one account to explain, whose posts the texts are."""

    target: str = Field("", description="Evidence for this label; by default the predicted one.")
    against: str = Field("", description="Evidence against this label; by default the likeliest other.")
    by: Literal["token", "word"] = Field("token", description="Scores by token, or summed to words.")
    prior: Prior = None
    account: str | None = Field(None, description="The name of the account whose posts the texts are.")
    most: int = Field(8, ge=0, le=64, description="Of an account's posts, how many are explained.")

    @model_validator(mode="after")
    def _of_texts_or_of_an_account(self) -> Self:
        if self.account is None:
            if "most" in self.model_fields_set:
                raise ValueError("'most' is for the posts of an account: name the 'account', or leave it out")
        elif not account_name(self.account):
            raise ValueError("'account' has no name: name the account, or leave it out")
        elif self.target or self.against:
            raise ValueError("an account's verdict is explained, without 'target' or 'against'")
        return self


class Predicted(BaseModel):
    """The answer for a text, as `attnclf predict --format jsonl` has it."""

    label: str
    probability: float
    probabilities: dict[str, float] = Field(description="Of each label, likeliest first.")
    known: float = Field(description="The share of the text's tokens of which training saw all or a part.")
    truncated: bool = Field(description="Whether the text is longer than the network reads.")


class PredictAnswer(BaseModel):
    """A prediction for each text, in the order of the texts."""

    predictions: list[Predicted]
    accounts: list[dict[str, Any]] | None = Field(None, description="A verdict for each account, by first appearance.")
    model: str = Field(description="The checksum of the model that answered.")


class ExplainAnswer(BaseModel):
    """An explanation for each text, as `attnclf explain --format jsonl` has it; or the `account`."""

    explanations: list[dict[str, Any]] | None = None
    account: dict[str, Any] | None = None
    model: str = Field(description="The checksum of the model that answered.")


class Problem(BaseModel):
    """What was wrong, and what to do."""

    status: int
    code: str
    message: str
    hint: str
    details: list[dict[str, Any]]


class ErrorAnswer(BaseModel):
    """Every answer that is not what was asked for."""

    error: Problem


def example(model: type[BaseModel], summary: str, value: Any) -> Any:
    """The 200 of a route, with its schema and an example."""
    return {"model": model, "description": summary, "content": {"application/json": {"example": value}}}


CHECKSUM = "sha256:3b0c…"
PREDICTED = {
    "label": "fake",
    "probability": 0.991,
    "probabilities": {"fake": 0.991, "real": 0.009},
    "known": 0.98,
    "truncated": False,
}
EXPLAINED = {
    "text": "so good",
    "label": "real",
    "probabilities": {"real": 0.9, "fake": 0.1},
    "target": "real",
    "against": "fake",
    "log_odds": 2.197,
    "tokens": [
        {"text": "so", "start": 0, "end": 2, "attention": 0.3, "evidence": 0.197, "side": "real", "known": True},
        {"text": "good", "start": 3, "end": 7, "attention": 0.7, "evidence": 2.0, "side": "real", "known": True},
    ],
}
PREDICT_ANSWER = {"predictions": [PREDICTED], "model": CHECKSUM}
EXPLAIN_ANSWER = {"explanations": [EXPLAINED], "model": CHECKSUM}
REFUSALS: dict[int | str, Any] = {
    status: {"model": ErrorAnswer, "description": what}
    for status, what in {
        400: "The body is no JSON.",
        401: "The token is missing or wrong.",
        408: "The body did not arrive in time.",
        413: "The body is too large.",
        415: "The body is not declared as JSON.",
        422: "The request is not what the schema allows, has too many texts, or one too long.",
        429: "The client asks too often.",
        500: "A bug of the service.",
        503: "Too much waits already, or there was no answer in time.",
    }.items()
}
