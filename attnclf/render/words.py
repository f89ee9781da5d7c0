"""The sentences that stand beside an explanation, the same in the terminal and in HTML."""

from attnclf.render.visible import visible
from attnclf.results import Explanation, Prediction

CAVEAT = (
    "Evidence sums exactly to the decision at the pooled level; it is what the model took at each token, context included, "
    "and not a cause."
)


def signed(number: float) -> str:
    """A signed number with two decimals and a real minus: +0.42, −1.10."""
    return f"{number:+.2f}".replace("-", "−")


def probabilities(prediction: Prediction, most: int = 5) -> str:
    """`fake 97.3 %   real 2.7 %`."""
    pairs = zip(prediction.labels[:most], prediction.probabilities[:most], strict=True)
    rest = len(prediction.labels) - most
    return "   ".join(f"{visible(label)} {p:.1%}" for label, p in pairs) + (f"   and {rest} more" if rest > 0 else "")


def title(explanation: Explanation, method: str) -> str:
    """What is coloured."""
    if method == "attention":
        return "attention: where the model looked"
    return f"evidence: {visible(explanation.target)} rather than {visible(explanation.against)}"


def legend(explanation: Explanation, method: str, full: float) -> str:
    """Colours, scale and sum in words."""
    if method == "attention":
        return f"darker green: more weight; full colour {full:.3f}; all weights sum to 1"
    return (
        f"orange supports {visible(explanation.target)}, blue underlined supports {visible(explanation.against)}; "
        f"full colour ±{full:.2f}; the sum {signed(sum(token.evidence for token in explanation.tokens))} is the log-odds, "
        f"log p({visible(explanation.target)}) / p({visible(explanation.against)})"
    )


def remarks(explanation: Explanation) -> list[str]:
    """What a reader must know about this text: what was not read, or not known."""
    remarks = []
    if explanation.prediction.truncated:
        remarks.append(f"struck through: not read ({len(explanation.text) - explanation.read} characters)")
    if explanation.prediction.known == 0:
        remarks.append("the model knows nothing in this text; its answer is what it says to unknown tokens")
    elif explanation.prediction.known < 1:
        remarks.append("italic: unknown to the model")
    return remarks
