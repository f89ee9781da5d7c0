"""Signed evidence that sums exactly to the decision, from one forward pass.

With c = Σ_t α_t v_t, a linear head and a linear model λ, ℓ_k = w_k · c + b_k + Σ_t λ_tk, the log-odds of target k against
reference r split over tokens:

    e_t = α_t [ (w_k − w_r) · v_t + b_k − b_r ] + λ_tk − λ_tr      Σ_t e_t = ℓ_k − ℓ_r = log(p_k / p_r)

With a weight for each head or feature, α_t multiplies its own part of v_t, and b the mean of these weights (`attnclf.model.pooling`).

A contrast of two labels, not one label's logit: adding any vector to every w_k changes each logit and no probability, so a
token's share of one logit alone means nothing.

With local values v_t comes from the token alone (at character level, from five characters) and context enters through α_t;
with `--values states` v_t is a BiLSTM state, which has read the neighbours too. Either way e_t is exactly what the model took
*at* the token, and not all that deleting the token would change.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.registry import nearest
from attnclf.results import Explanation, TokenScore, softmax
from attnclf.served.model import Scored, ServedModel
from attnclf.served.prediction import ranked


def explain_by_token(served: ServedModel, texts: Sequence[str], target: str = "", against: str = "") -> list[Explanation]:
    """Each text's prediction with its tokens' attention and evidence for `target` (default: the predicted label) against
    `against` (default: the likeliest other label). Raises UsageError for a label the model does not have."""
    for option, label in (("`target`", target), ("`against`", against)):
        if label and label not in served.labels:
            raise UsageError(f"{option}: the model has no label '{label}'", hint=nearest(label, served.labels))
    if target and target == against:
        raise UsageError(f"`target` and `against` are both '{target}'", hint="evidence weighs one label against another")
    return [_explain(served.labels, text, s, target, against) for text, s in zip(texts, served.scored(texts), strict=True)]


def _explain(labels: Sequence[str], text: str, scored: Scored, target: str, against: str) -> Explanation:
    encoded = scored.encoded
    known = float(np.mean(scored.known))
    prediction = ranked(labels, text, softmax(scored.logits), known, encoded.truncated)
    asked = bool(against)
    target = target or next(label for label in prediction.labels if label != against)
    against = against or next(label for label in prediction.labels if label != target)
    k, r = labels.index(target), labels.index(against)
    evidence = evidence_of(scored.contributions, k, r)
    scores = zip(encoded.spans, scored.attention, evidence, scored.known, strict=True)
    # Normalising can make two tokens of one code point; they share its span, and are told as one.
    tokens = tuple(_token(text, span, list(group)) for span, group in groupby(scores, key=lambda score: score[0]))
    margin = float(scored.logits[k] - scored.logits[r])
    return Explanation(text, prediction, target, against, margin, "token", tokens, encoded.end, against_asked=asked)


def _token(text: str, span: tuple[int, int], scores: list[tuple[tuple[int, int], float, float, bool]]) -> TokenScore:
    _, attention, evidence, known = zip(*scores, strict=True)
    return TokenScore(text[slice(*span)], *span, float(sum(attention)), float(sum(evidence)), any(map(bool, known)))


def evidence_of(contributions: NDArray[np.float32], k: int, r: int) -> NDArray[np.float64]:
    """e (T,) of contributions (T, K), in float64 so that the sum loses nothing."""
    return np.asarray(contributions[:, k].astype(np.float64) - contributions[:, r])
