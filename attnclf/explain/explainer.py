"""`explain`: each text's prediction, and the scores that each method gives its tokens.

Every forward pass gives attention and evidence. The other methods run only if they are asked for by name.
"""

from collections.abc import Sequence
from dataclasses import replace

from attnclf.errors import UsageError
from attnclf.explain.aggregate import by_word, sentences_of
from attnclf.explain.evidence import explain_by_token
from attnclf.explain.methods import METHODS
from attnclf.explain.methods.base import Scorer
from attnclf.registry import nearest
from attnclf.results import Explanation
from attnclf.served.model import ServedModel


def explain(
    served: ServedModel,
    texts: Sequence[str],
    target: str = "",
    against: str = "",
    methods: Sequence[str] = (),
    by: str = "token",
) -> list[Explanation]:
    """Each text's prediction with the attention, the evidence and the scores by further `methods` of each token.

    All scores are for `target` (default: the predicted label) against `against` (default: the most likely other label).
    by="word" sums tokens to words before the further methods run.

    Raises UsageError for a label or a method that does not exist, and for any other `by`.
    """
    check_by(by)
    if isinstance(methods, str):
        raise UsageError("methods is one string", hint=f"pass a list: ['{methods}']")
    for name in methods:
        if name not in METHODS:
            offered = (known for known, method in METHODS.items() if method.offered)
            raise UsageError(f"there is no method '{name}'", hint=nearest(name, offered))
    kind = served.bundle.config.text.sentences
    results = explain_by_token(served, texts, target, against)
    if kind != "none":
        unit = "post" if served.classifies_accounts else "sentence"
        results = [replace(result, by=unit, sentences=sentences_of(result, kind)).with_sides() for result in results]
    columns = served.bundle.config.data.text_col
    results = [replace(result, columns=columns) for result in results] if len(columns) > 1 else results
    results = [by_word(result) for result in results] if by == "word" else results
    return with_scores(served, results, methods)


def check_by(by: str) -> None:
    """Raises UsageError for what tokens are not summed to."""
    if by not in ("token", "word"):
        raise UsageError(f"by is {by!r}", hint="'token' or 'word'")


def with_scores(served: ServedModel, explanations: Sequence[Explanation], methods: Sequence[str]) -> list[Explanation]:
    """The explanations with the scores that further `methods` give to their tokens."""
    scorers = {name: scores for name in methods if (scores := METHODS[name].scores)}
    return [_scored(served, one, scorers) for one in explanations] if scorers else list(explanations)


def _scored(served: ServedModel, explanation: Explanation, scorers: dict[str, Scorer]) -> Explanation:
    found = {name: scores(served, explanation) for name, scores in scorers.items()}
    tokens = tuple(
        replace(token, scores={name: numbers[i] for name, (numbers, _) in found.items()})
        for i, token in enumerate(explanation.tokens)
    )
    return replace(explanation, tokens=tokens, remarks=tuple(remark for _, remark in found.values() if remark))
