"""Counterfactuals: what the model predicts when the words that carried its decision are really deleted."""

from collections.abc import Sequence
from dataclasses import replace

from attnclf.explain.aggregate import by_word
from attnclf.explain.flips import smallest_flips
from attnclf.explain.removal import Span, without
from attnclf.results import Counterfactual, Explanation, Prediction
from attnclf.served.model import ServedModel
from attnclf.served.prediction import predict

MOST_WORDS = 10  # a longer list does not answer "what would have to be different?"


def with_counterfactuals(served: ServedModel, explanations: Sequence[Explanation]) -> list[Explanation]:
    """The explanations, each with a counterfactual where there is one.

    The counterfactual deletes the smallest set of words without whose evidence another label wins, and predicts again. There
    is none if the target is not the predicted label, or if it takes more than ten words or all of them.
    """
    sets = _sets(served, [e if e.unit == "word" else by_word(e) for e in explanations])
    texts = [without(e.text[: e.read], words) for e, words in zip(explanations, sets, strict=True)]
    answers = iter(predict(served, [text for text, words in zip(texts, sets, strict=True) if words]))
    return [_tried(e, words, next(answers)) if words else e for e, words in zip(explanations, sets, strict=True)]


def _sets(served: ServedModel, explanations: Sequence[Explanation]) -> list[list[Span]]:
    """The spans of the words to delete from each text; empty if the explanation gets no counterfactual."""
    decided = [e for e in explanations if e.target == e.prediction.label]
    flips = iter(smallest_flips(served, decided))
    chosen = [next(flips) if e.target == e.prediction.label else [] for e in explanations]
    return [
        sorted((e.tokens[i].start, e.tokens[i].end) for i in positions) if len(positions) <= MOST_WORDS else []
        for e, positions in zip(explanations, chosen, strict=True)
    ]


def _tried(explanation: Explanation, words: list[Span], answer: Prediction) -> Explanation:
    return replace(explanation, counterfactual=Counterfactual(tuple(words), answer, answer.label != explanation.target))
