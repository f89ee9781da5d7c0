"""The sentences and numbers that stand beside an explanation, the same in the terminal and in HTML."""

import re
from collections.abc import Sequence

from attnclf.explain import METHODS
from attnclf.render.colours import is_signed
from attnclf.render.visible import escape, visible
from attnclf.results import RANDOM, Explanation, Faithfulness, Prediction, TokenScore

NO_FLIP = "no set of them does: whatever is left of the evidence says the same"
STRONGEST = 8  # rows of the table under an explanation
UNSEEN = "\u200c\u200d\ufe0e\ufe0f"  # joiners and variation selectors, which show nothing by themselves
SENTENCE_LENGTH = 60  # characters of a sentence shown in a table
WORD_LENGTH = 30  # characters of a word shown beside its token
CAVEAT = (
    "Evidence sums exactly to the decision. It is what the model took at each token, weighed by its attention; it is not a "
    "cause."
)


def signed(number: float) -> str:
    """A signed number with two decimals and a real minus: +0.42, −1.10."""
    return f"{number:+.2f}".replace("-", "−")


def _short(number: float) -> str:
    """Two decimals, or one digit where that would be 0."""
    return f"{number:.2f}" if number >= 0.005 else f"{number:.1g}"


def probabilities(prediction: Prediction, most: int = 5) -> str:
    """`fake 97.3 %   real 2.7 %`."""
    pairs = zip(prediction.labels[:most], prediction.probabilities[:most], strict=True)
    rest = len(prediction.labels) - most
    return "   ".join(f"{visible(label)} {p:.1%}" for label, p in pairs) + (f"   and {rest} more" if rest > 0 else "")


def title(explanation: Explanation, method: str) -> str:
    """What is coloured."""
    target = visible(explanation.target)
    pair = f"{target} rather than {visible(explanation.against)}"
    return {
        "attention": "attention: where the model looked",
        "evidence": f"evidence: {pair}",
        "minflip": f"minflip: the fewest {explanation.unit}s that make it {target} rather than {_rival(explanation)}",
    }.get(method, f"{METHODS[method].title}: {pair}")


def _rival(explanation: Explanation) -> str:
    """What the smallest flip turns to: any other label, when none was asked for."""
    return visible(explanation.against) if explanation.one_rival else "another label"


def legend(explanation: Explanation, method: str, full: float, *, colour: bool = True) -> str:
    """Colours (or the numbers that stand for them), scale and sum in words."""
    if method == "attention":
        scale = f"darker green is more weight, full colour {full:.3f}" if colour else "numbers are weights"
        return f"{scale}; all weights sum to 1"
    if method == "minflip":
        if explanation.log_odds < 0:
            return f"none: the evidence speaks for {visible(explanation.against)} as it is"
        return f"green marks them; without their evidence the rest speaks for {_rival(explanation)}" if full else NO_FLIP
    target, against = visible(explanation.target), visible(explanation.against)
    total = signed(sum(token.score(method) for token in explanation.tokens))
    if colour:
        signs = f"orange supports {target}, blue underlined supports {against}; full colour ±{_short(full)}"
    else:
        signs = f"positive numbers support {target}, negative ones {against}"
    if method != "evidence":
        return f"{signs}; they sum to {total}, the log-odds are {signed(explanation.log_odds)}"
    return f"{signs}; the sum {total} is the log-odds, log p({target}) / p({against})"


def strongest(explanation: Explanation, methods: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of the tokens with the largest numbers by the last of `methods`.

    Tokens smaller than words stand beside the word they are in.
    """
    ordered = sorted(explanation.tokens, key=lambda token: -abs(token.score(methods[-1])))[:STRONGEST]
    within = [word_of(explanation.text, token) for token in ordered]
    differ = sum(word != visible(token.text) for word, token in zip(within, ordered, strict=True))
    smaller = 2 * differ > len(ordered)  # characters; not words with a comma behind them
    header = [f"strongest {explanation.unit}s", *(["in"] if smaller else []), *methods]
    return header, [
        [name(token), *([word] if smaller else []), *(number(token.score(method), method) for method in methods)]
        for token, word in zip(ordered, within, strict=True)
    ]


def sentences(explanation: Explanation) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of the sentences or posts that a model read one by one, those with the most evidence first;
    empty where there is one only."""
    if len(explanation.sentences) < 2:
        return [], []
    ordered = sorted(explanation.sentences, key=lambda sentence: -abs(sentence.evidence))[:STRONGEST]
    rows = [[_cut(name(s)), number(s.attention, "attention"), number(s.evidence, "evidence")] for s in ordered]
    return [f"strongest {explanation.by}s", "attention", "evidence"], rows


def _cut(text: str) -> str:
    return text if len(text) <= SENTENCE_LENGTH else text[: SENTENCE_LENGTH - 1] + "…"


def word_of(text: str, token: TokenScore) -> str:
    """The run of characters without spaces that the token is in, cut to what fits a table; empty for a space."""
    if not token.text.strip():
        return ""
    before = re.search(r"\S*\Z", text[: token.start])
    after = re.match(r"\S*", text[token.start :])
    word = visible((before.group() if before else "") + (after.group() if after else ""))
    return word if len(word) <= WORD_LENGTH else word[: WORD_LENGTH - 1] + "…"


def number(score: float, method: str) -> str:
    """A score by `method`, as a table shows it."""
    return f"{score:.3f}" if not is_signed(method) else signed(score)


def name(token: TokenScore) -> str:
    """A token as a table names it."""
    if token.text == " ":
        return "(space)"
    if not token.text.strip(UNSEEN):
        return "".join(map(escape, token.text)) or "(empty)"
    return visible(token.text)


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
    return [*remarks, *explanation.remarks]


def closing(explanation: Explanation, methods: Sequence[str], trust: Faithfulness | None) -> list[str]:
    """What stands under an explanation: the counterfactual, what it is, how far it was found to be true."""
    return [*tried(explanation), *trusted(methods, trust)]


def tried(explanation: Explanation) -> list[str]:
    """What the model says without the words that carried its decision: `without "so" and "bad" the model says good (81.0%)`."""
    if (found := explanation.counterfactual) is None:
        return []
    named = [f"“{visible(explanation.text[a:b])}”" for a, b in found.words]
    which = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    answer = f"{visible(found.prediction.label)} ({found.prediction.probability:.1%})"
    if found.holds:
        return [f"without {which} the model says {answer}"]
    return [f"by its evidence the decision hangs on {which}, yet when deleted the model still says {answer}"]


def trusted(methods: Sequence[str], trust: Faithfulness | None) -> list[str]:
    """What the methods shown are, and how far they were found to be true on the validation texts."""
    lines = [CAVEAT] if "evidence" in methods else []
    if trust is None:
        return lines
    measured = {m.method: m for m in trust.methods}
    found = [f"by {METHODS[name].title} {measured[name].without_tenth:.2f}" for name in methods if name in measured]
    if not found:
        return lines
    start = (
        f"Measured on {trust.texts} validation texts: without the top 10 % of words the probability falls from {trust.full:.2f}"
    )
    return [*lines, f"{start} to: {', '.join(found)}; random words {measured[RANDOM].without_tenth:.2f}."]
