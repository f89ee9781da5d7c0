"""What the model says when the words that carried its decision are really deleted."""

from collections.abc import Sequence
from dataclasses import replace

from attnclf.explain.aggregate import by_word
from attnclf.explain.methods import smallest_flip
from attnclf.explain.removal import Span, without
from attnclf.prediction import predict
from attnclf.results import Counterfactual, Explanation, Prediction
from attnclf.runtime.served import Served

MOST_WORDS = 10  # more are no answer to "what would have to be different"


def with_counterfactuals(served: Served, explanations: Sequence[Explanation]) -> list[Explanation]:
    """Each explanation of the predicted label with the fewest words that its evidence says the decision hangs on, tried by
    deleting them and asking the model again; without, where it takes more than ten, or all there are."""
    sets = [_words(explanation) for explanation in explanations]
    texts = [without(e.text[: e.read], words) for e, words in zip(explanations, sets, strict=True)]
    answers = iter(predict(served, [text for text, words in zip(texts, sets, strict=True) if words]))
    return [_tried(e, words, next(answers)) if words else e for e, words in zip(explanations, sets, strict=True)]


def _tried(explanation: Explanation, words: list[Span], answer: Prediction) -> Explanation:
    return replace(explanation, counterfactual=Counterfactual(tuple(words), answer, answer.label != explanation.target))


def _words(explanation: Explanation) -> list[Span]:
    if explanation.target != explanation.prediction.label:
        return []  # there is no decision for the target that could turn
    words = explanation if explanation.unit == "word" else by_word(explanation)
    chosen = smallest_flip(words)
    if not 0 < len(chosen) <= min(MOST_WORDS, len(words.tokens) - 1):
        return []
    return sorted((words.tokens[i].start, words.tokens[i].end) for i in chosen)
