"""What the model is asked for, in kinds. Requests of one kind are answered together, where that is cheaper.

A kind answers items with a model at the base rates of training: for each item an answer, or the error with which it failed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from attnclf.accounts.explained import explain_account
from attnclf.classifier.accounts import rule_for_posts, verdicts_on
from attnclf.data import account_name
from attnclf.errors import AttnclfError
from attnclf.explain import explain, with_counterfactuals
from attnclf.results import AccountExplanation, AccountVerdict, Explanation, Prediction
from attnclf.served.model import ServedModel
from attnclf.served.prediction import ranked_all
from attnclf.served.unread import Unread

Rates = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Asked:
    """Texts to label, at base rates that are asked for, with the account of each where there are accounts."""

    texts: Sequence[str]
    rates: Mapping[str, float]
    accounts: Sequence[str] | None = None


@dataclass(frozen=True)
class Labelled:
    """A prediction for each text, and a verdict on each account that was named."""

    predictions: Sequence[Prediction]
    verdicts: Sequence[AccountVerdict] = ()


@dataclass(frozen=True)
class Labelling:
    """Labels for texts. Those of all requests are one forward pass, since base rates only shift its logits."""

    most: ClassVar[int] = 4_096

    def answer(self, served: ServedModel, items: Sequence[Asked]) -> list[Labelled | AttnclfError]:
        logits, known, left_out = served.logits([text for item in items for text in item.texts])
        found: list[Labelled | AttnclfError] = []
        start = 0
        for item in items:
            own = slice(start, start + len(item.texts))
            start = own.stop
            try:
                at = served.at(item.rates)
                scored = logits[own] + at.shift, known[own], left_out[own]
                predictions = ranked_all(at, item.texts, scored, len(served.labels))
                found.append(Labelled(predictions, _verdicts(served, item)))
            except AttnclfError as error:
                found.append(error)
        return found


def _verdicts(served: ServedModel, item: Asked) -> Sequence[AccountVerdict]:
    if item.accounts is None:
        return ()
    return verdicts_on(served, item.texts, [account_name(name) for name in item.accounts], item.rates)[0]


@dataclass(frozen=True)
class Explaining:
    """Explanations of texts, which are items. They fail together where a label or a base rate does not exist."""

    most: ClassVar[int] = 64

    target: str = ""
    against: str = ""
    by: str = "token"
    rates: Rates = ()

    def answer(self, served: ServedModel, items: Sequence[Sequence[str]]) -> list[list[Explanation]]:
        at = served.at(dict(self.rates))
        texts = [text for item in items for text in item]
        found = iter(with_counterfactuals(at, explain(at, texts, self.target, self.against, by=self.by)))
        return [[next(found) for _ in item] for item in items]


@dataclass(frozen=True)
class Account:
    """An account with its posts, of which the `most` that say most are explained."""

    name: str
    posts: Sequence[str]
    rates: Mapping[str, float]
    by: str
    most: int


@dataclass(frozen=True)
class ExplainingAccounts:
    """Why accounts got their verdicts."""

    most: ClassVar[int] = 1

    def answer(self, served: ServedModel, items: Sequence[Account]) -> list[AccountExplanation]:
        rule = rule_for_posts(served)

        def one(item: Account) -> AccountExplanation:
            unread = Unread()  # what was not read of a text stands in its explanation, too
            return explain_account(served, rule, item.name, item.posts, item.rates, unread, by=item.by, most=item.most)

        return [one(item) for item in items]
