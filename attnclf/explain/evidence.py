"""Signed evidence that sums exactly to the decision, from one forward pass.

The logits are ℓ_k = w_k · c + b_k + Σ_t λ_tk: a linear head over c = Σ_t α_t v_t, plus the linear model's λ. So the log-odds of
target k against reference label r split over the tokens:

    e_t = α_t [ (w_k − w_r) · v_t + b_k − b_r ] + λ_tk − λ_tr      Σ_t e_t = ℓ_k − ℓ_r = log(p_k / p_r)

If a token has one weight for each head or feature, each weight multiplies its own part of v_t, and the mean of these weights
multiplies b (`attnclf.model.pooling`).

Where base rates were asked for, their shift is one more term of the margin (`attnclf.served.base_rates`).

Evidence is a margin between two labels, not one label's logit: adding the same vector to every w_k changes each logit but no
probability, so a token's share of a single logit means nothing.

With local values, v_t comes from the token alone (at character level, from five characters), and context enters through α_t.
With `--values states`, v_t is a BiLSTM state, which has read the neighbours too. Either way e_t is exactly what the model took
*at* the token. It is not everything that deleting the token would change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import UsageError
from attnclf.reading.windows import Window
from attnclf.registry import nearest
from attnclf.results import Explanation, TokenScore, softmax
from attnclf.served.model import Scored, ServedModel
from attnclf.served.prediction import ranked


def explain_by_token(served: ServedModel, texts: Sequence[str], target: str = "", against: str = "") -> list[Explanation]:
    """Each text's prediction, with attention and evidence for each token.

    Evidence is for `target` (default: the predicted label) against `against` (default: the most likely other label). Raises
    UsageError for a label that the model does not have, and if both labels are the same.
    """
    for option, label in (("`target`", target), ("`against`", against)):
        if label and label not in served.labels:
            raise UsageError(f"{option}: the model has no label '{label}'", hint=nearest(label, served.labels))
    if target and target == against:
        raise UsageError(f"`target` and `against` are both '{target}'", hint="evidence weighs one label against another")
    scored = zip(texts, served.scored(texts), strict=True)
    explained = ((s, _explain(served.labels, text, s, target, against, served.base_rates)) for text, s in scored)
    limits = served.limits
    return [replace(e, gap=_gap(limits.window, s), gap_is_read=limits.gap_is_read) for s, e in explained]


def _gap(window: Window, scored: Scored) -> tuple[int, int]:
    """The part [start, end) of a text that the network does not read, in code points."""
    spans, end_of_text = scored.encoded.spans, scored.encoded.end
    start, end = window.gap(len(spans))
    if start == end:
        return (0, 0)
    return spans[start][0], spans[end][0] if end < len(spans) else end_of_text


def _explain(
    labels: Sequence[str], text: str, scored: Scored, target: str, against: str, rates: Mapping[str, float]
) -> Explanation:
    encoded = scored.encoded
    known = float(np.mean(scored.known))
    prediction = ranked(labels, text, softmax(scored.logits), known, encoded.truncated)
    prediction = replace(prediction, base_rates=rates)
    asked = bool(against)
    target = target or next(label for label in prediction.labels if label != against)
    against = against or next(label for label in prediction.labels if label != target)
    k, r = labels.index(target), labels.index(against)
    evidence = evidence_of(scored.contributions, k, r)
    scores = zip(encoded.spans, scored.attention, evidence, scored.known, strict=True)
    # Normalising can turn one code point into two tokens. They share its span, so they are reported as one.
    tokens = tuple(_token(text, span, list(group)) for span, group in groupby(scores, key=lambda score: score[0]))
    margin = float(scored.logits[k] - scored.logits[r])
    explanation = Explanation(text, prediction, target, against, margin, "token", tokens, encoded.end, against_asked=asked)
    return replace(explanation, prior=float(scored.prior[k] - scored.prior[r])).with_sides()


def _token(text: str, span: tuple[int, int], scores: list[tuple[tuple[int, int], float, float, bool]]) -> TokenScore:
    _, attention, evidence, known = zip(*scores, strict=True)
    return TokenScore(text[slice(*span)], *span, float(sum(attention)), float(sum(evidence)), any(map(bool, known)))


def evidence_of(contributions: NDArray[np.float32], k: int, r: int) -> NDArray[np.float64]:
    """Evidence e (T,) for label k against label r from contributions (T, K), in float64 so that the sum loses nothing."""
    return np.asarray(contributions[:, k].astype(np.float64) - contributions[:, r])
