"""The sentences and numbers that stand beside an explanation, the same in the terminal and in HTML."""

import re

from attnclf.render.segments import value
from attnclf.render.visible import visible
from attnclf.results import Explanation, Prediction, TokenScore

STRONGEST = 8  # rows of the table under an explanation
WORD_LENGTH = 30  # characters of a word shown beside its token
CAVEAT = (
    "Evidence sums exactly to the decision. It is what the model took at each token, weighed by attention that has read the "
    "whole text; it is not a cause."
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


def legend(explanation: Explanation, method: str, full: float, *, colour: bool = True) -> str:
    """Colours (or the numbers that stand for them), scale and sum in words."""
    if method == "attention":
        scale = f"darker green is more weight, full colour {full:.3f}" if colour else "numbers are weights"
        return f"{scale}; all weights sum to 1"
    target, against = visible(explanation.target), visible(explanation.against)
    total = signed(sum(token.evidence for token in explanation.tokens))
    if colour:
        signs = f"orange supports {target}, blue underlined supports {against}; full colour ±{full:.2f}"
    else:
        signs = f"positive numbers support {target}, negative ones {against}"
    return f"{signs}; the sum {total} is the log-odds, log p({target}) / p({against})"


def strongest(explanation: Explanation, methods: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of the tokens with the largest numbers by the last of `methods`.

    Tokens smaller than words stand beside the word they are in.
    """
    ordered = sorted(explanation.tokens, key=lambda token: -abs(value(token, methods[-1])))[:STRONGEST]
    within = [word_of(explanation.text, token) for token in ordered]
    differ = sum(word != visible(token.text) for word, token in zip(within, ordered, strict=True))
    smaller = 2 * differ > len(ordered)  # characters; not words with a comma behind them
    header = [f"strongest {explanation.unit}s", *(["in"] if smaller else []), *methods]
    return header, [
        [name(token), *([word] if smaller else []), *(number(token, method) for method in methods)]
        for token, word in zip(ordered, within, strict=True)
    ]


def word_of(text: str, token: TokenScore) -> str:
    """The run of characters without spaces that the token is in, cut to what fits a table; empty for a space."""
    if not token.text.strip():
        return ""
    before = re.search(r"\S*$", text[: token.start])
    after = re.match(r"\S*", text[token.start :])
    word = visible((before.group() if before else "") + (after.group() if after else ""))
    return word if len(word) <= WORD_LENGTH else word[: WORD_LENGTH - 1] + "…"


def number(token: TokenScore, method: str) -> str:
    """The token's number by `method`, as a table shows it."""
    return signed(token.evidence) if method == "evidence" else f"{token.attention:.3f}"


def name(token: TokenScore) -> str:
    """A token as a table names it."""
    if token.text == " ":
        return "(space)"
    return visible(token.text) or "(empty)"


def remarks(explanation: Explanation, *, colour: bool = True) -> list[str]:
    """What a reader must know about this text: what was not read, or not known, and how that is marked."""
    remarks = []
    if explanation.prediction.truncated:
        mark = "struck through" if colour else "in brackets"
        remarks.append(f"{mark}: not read ({len(explanation.text) - explanation.read} characters)")
    if explanation.prediction.known == 0:
        remarks.append("the model knows nothing in this text; its answer is what it says to unknown tokens")
    elif explanation.prediction.known < 1:
        share = f"{1 - explanation.prediction.known:.0%} of the tokens are unknown to the model"
        remarks.append(f"{share}, {'in italics' if colour else 'marked ?'}")
    return remarks
