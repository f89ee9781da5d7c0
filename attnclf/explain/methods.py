"""The methods: what each gives to a token, what it costs, and what it does not say.

All answer the same question, why the log-odds of the target against another label are what they are. `attention` and `evidence`
come with every forward pass; the others are asked for by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from attnclf.errors import UsageError
from attnclf.explain.aggregate import by_word, sentences_of
from attnclf.explain.evidence import explain_by_token
from attnclf.explain.flips import smallest_flips
from attnclf.explain.gradients import gradient_times_input, integrated_gradients
from attnclf.explain.removal import without
from attnclf.registry import nearest
from attnclf.results import Explanation
from attnclf.served.model import Served

Scorer = Callable[[Served, Explanation], tuple[Sequence[float], str]]
"""A number for each token of an explanation, and what a reader should know about them, or nothing."""


@dataclass(frozen=True)
class Method:
    """`scores` is None where an explanation has its numbers already. `signed`: negative numbers
    speak for the other label."""

    formula: str
    caveat: str
    cost: str
    signed: bool
    scores: Scorer | None = None
    keras: bool = False


def leave_one_out(served: Served, explanation: Explanation) -> tuple[list[float], str]:
    """margin(x) − margin(x without t), for each token or word t, the margin being the log-odds of target against the other."""
    text = explanation.text[: explanation.read]
    k, r = (served.labels.index(label) for label in (explanation.target, explanation.against))
    logits, _, _ = served.logits([without(text, [(token.start, token.end)]) for token in explanation.tokens])
    return [explanation.log_odds - float(row[k] - row[r]) for row in logits], ""


def in_smallest_flip(served: Served, explanation: Explanation) -> tuple[list[float], str]:
    """1 for the tokens of the smallest set without whose evidence another label wins, 0 for the others."""
    (chosen,) = map(set, smallest_flips(served, [explanation]))
    return [float(position in chosen) for position in range(len(explanation.tokens))], ""


METHODS = {
    "attention": Method(
        formula="α_t",
        caveat="where the model looked, not what it took there: it has no sign, and another α can give the same answer",
        cost="1 forward pass",
        signed=False,
    ),
    "evidence": Method(
        formula="α_t (w_k − w_r)·v_t + λ_tk − λ_tr",
        caveat="sums exactly to the log-odds; what the model took at a token, not all that deleting it would change",
        cost="1 forward pass",
        signed=True,
    ),
    "loo": Method(
        formula="m(x) − m(x without t)",
        caveat="one at a time: of two words that say the same, neither seems to matter",
        cost="a forward pass for each token or word",
        signed=True,
        scores=leave_one_out,
    ),
    "gradxinput": Method(
        formula="x_t · ∂(ℓ_k − ℓ_r)/∂x_t + λ_tk − λ_tr",
        caveat="the slope at the text, which need not be that on the way to a text without the word",
        cost="1 forward and 1 backward pass, in Keras",
        signed=True,
        scores=gradient_times_input,
        keras=True,
    ),
    "ig": Method(
        formula="x_t · mean_j ∂(ℓ_k − ℓ_r)/∂x_t at x (j − ½)/m + λ_tk − λ_tr",
        caveat="sums to what changes from vectors of zero, which are no text",
        cost="50 to 400 forward and backward passes, in Keras",
        signed=True,
        scores=integrated_gradients,
        keras=True,
    ),
    "minflip": Method(
        formula="1 for t in the smallest S with Σ_{t∉S} e_t(k, r) < 0 for some r",
        caveat="a set found in the evidence; whether deleting it turns the answer is tried and told",
        cost="1 forward pass, or 2 where there are several other labels",
        signed=False,
        scores=in_smallest_flip,
    ),
}


def explain(
    served: Served,
    texts: Sequence[str],
    target: str = "",
    against: str = "",
    methods: Sequence[str] = (),
    by: str = "token",
) -> list[Explanation]:
    """Each text's prediction with its tokens' attention and evidence for `target` (default: the predicted label) against
    `against` (default: the likeliest other), and their scores by further `methods`; by="word" sums tokens to words first.

    Raises UsageError for a label or a method that does not exist.
    """
    for name in methods:
        if name not in METHODS:
            raise UsageError(f"there is no method '{name}'", hint=nearest(name, METHODS))
    scorers = {name: scores for name in methods if (scores := METHODS[name].scores)}
    kind = served.bundle.config.text.sentences
    results = explain_by_token(served, texts, target, against)
    if kind != "none":
        unit = "post" if served.judges_accounts else "sentence"
        results = [replace(result, by=unit, sentences=sentences_of(result, kind)) for result in results]
    results = [by_word(result) for result in results] if by == "word" else results
    return [_scored(served, result, scorers) for result in results] if scorers else results


def _scored(served: Served, explanation: Explanation, scorers: dict[str, Scorer]) -> Explanation:
    found = {name: scores(served, explanation) for name, scores in scorers.items()}
    tokens = tuple(
        replace(token, scores={name: numbers[i] for name, (numbers, _) in found.items()})
        for i, token in enumerate(explanation.tokens)
    )
    return replace(explanation, tokens=tokens, remarks=tuple(remark for _, remark in found.values() if remark))
