"""How far evidence may miss the log-odds: by what float32 rounds, however long the text, and by no fault."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.explain.additivity import NotAdditive, additivity_gap
from attnclf.results import Explanation, Prediction, TokenScore

LENGTHS = [3, 100, 5_000, 40_000, 100_000]


def explained(length: int) -> Explanation:
    """A text of one strong token and one word repeated, whose logits are added up in float32, one token after the other."""
    evidence = np.full(length, 0.3 / length, np.float32)
    evidence[0] = 8
    tokens = tuple(TokenScore("a", 2 * i, 2 * i + 1, 0, float(e), True) for i, e in enumerate(evidence))
    added = float(np.cumsum(evidence, dtype=np.float32)[-1])
    prediction = Prediction("a " * length, ("good", "bad"), (0.9, 0.1), 1, False)
    return Explanation(prediction.text, prediction, "good", "bad", added, "token", tokens, 2 * length)


@pytest.mark.parametrize("length", LENGTHS)
def test_rounding_is_no_fault(length: int) -> None:
    additivity_gap(explained(length))


def test_long_texts_round_by_more_than_short_ones_may() -> None:
    """Else the test above says nothing of long texts."""
    assert additivity_gap(explained(40_000)) > 1e-4 * 8 > 10 * additivity_gap(explained(100))


@pytest.mark.parametrize("length", LENGTHS)
def test_a_token_whose_evidence_is_off_by_a_hundredth_is_a_fault(length: int) -> None:
    right = explained(length)
    first, *others = right.tokens
    wrong = replace(right, tokens=(replace(first, evidence=1.01 * first.evidence), *others))
    with pytest.raises(NotAdditive):
        additivity_gap(wrong)
