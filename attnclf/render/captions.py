"""The sentences and numbers next to an explanation. They are the same in the terminal and in HTML."""

import re
from collections.abc import Mapping, Sequence

from attnclf.explain.methods import METHODS
from attnclf.render.basis import rates_in_words
from attnclf.render.figures import short, signed, sum_as_shown
from attnclf.render.segments import Shading, segments
from attnclf.results import COLUMN_SEPARATOR, RANDOM, Explanation, Faithfulness, Prediction, TokenScore, listed
from attnclf.visible import escape, visible

NO_FLIP = "none: whichever are left out, the evidence of the rest still supports the same label"
WEAKER = "weaker tokens carry none"  # numbers
STRONGEST = 8  # rows of the table under an explanation
UNSEEN = "\u200c\u200d\ufe0e\ufe0f"  # joiners and variation selectors, which are invisible by themselves
SENTENCE_LENGTH = 60  # characters of a sentence shown in a table
WORD_LENGTH = 30  # characters of a word shown next to its token
CAVEATS = {
    "attention": "Attention is where the model looked. It does not say for which label, and it is not a cause.",
    "signed_attention": "Attention is where the model looked. A token's side is the sign of its evidence. Neither is a cause.",
    "evidence": "Evidence sums exactly to the decision. It is what the model took from each token, weighted by attention; it "
    "is not a cause.",
}


def probabilities(prediction: Prediction, most: int = 5) -> str:
    """The `most` likely labels with their probabilities: `fake 97.3%   real 2.7%`."""
    pairs = zip(prediction.labels[:most], prediction.probabilities[:most], strict=True)
    rest = len(prediction.labels) - most
    shown = "   ".join(f"{visible(label)} {p:.1%}" for label, p in pairs) + (f"   and {rest} more" if rest > 0 else "")
    return f"{shown}   {at_base_rate(prediction.base_rates)}" if prediction.base_rates else shown


def at_base_rate(rates: Mapping[str, float], most: int = 5) -> str:
    """Base rates beside what holds at them: `(base rate fake 0.02, real 0.98)`."""
    return f"(base rate {rates_in_words(rates, most)})"


def title(explanation: Explanation, method: str) -> str:
    """A heading that says what the colours show."""
    target = visible(explanation.target)
    pair = f"{target} rather than {visible(explanation.against)}"
    return {
        "attention": "attention: where the model looked",
        "signed_attention": f"attention: where the model looked, for {target} or for {visible(explanation.against)}",
        "evidence": f"evidence: {pair}",
        "minflip": f"minflip: {_smallest_flip(explanation)}",
    }.get(method, f"{METHODS[method].title}: {pair}")


def _smallest_flip(explanation: Explanation) -> str:
    target = visible(explanation.target)
    if explanation.log_odds < 0:
        return f"{visible(explanation.against)} wins over {target}"
    return f"the fewest {explanation.unit}s that make it {target} rather than {_rival(explanation)}"


def _rival(explanation: Explanation) -> str:
    """The label that wins after the smallest flip; "another label" if there are several and none was asked for."""
    return visible(explanation.against) if explanation.one_rival else "another label"


def legend(explanation: Explanation, method: str, full: float, *, colour: bool = True) -> str:
    """Explains the colours (or the numbers in their place), their scale and their sum in words."""
    if method == "attention":
        scale = f"darker green means more weight, full colour {full:.3f}" if colour else f"the numbers are weights; {WEAKER}"
        return f"{scale}; all weights sum to 1"
    if method == "signed_attention":
        return _looked(explanation, full, colour)
    if method == "minflip":
        if explanation.log_odds < 0:
            return f"none needed: the evidence as it is already supports {visible(explanation.against)}"
        marks = "green" if colour else "1.00"
        return f"{marks} marks them; without their evidence the rest supports {_rival(explanation)}" if full else NO_FLIP
    target, against = visible(explanation.target), visible(explanation.against)
    total = signed(sum(token.score(method) for token in explanation.tokens))
    if colour:
        signs = f"orange supports {target}, underlined blue supports {against}; full colour ±{short(full)}"
    else:
        signs = f"positive numbers support {target}, negative numbers support {against}; {WEAKER}"
    if method != "evidence":
        own = explanation.own_log_odds
        odds = "the log-odds" if own is None else "the post's own log-odds"
        return f"{signs}; they sum to {total}; {odds} are {signed(explanation.log_odds if own is None else own)}"
    return f"{signs}; {_sum_in_words(explanation, total)}"


def _sum_in_words(explanation: Explanation, total: str) -> str:
    """What the evidence, whose sum is `total`, adds up to."""
    target, against = visible(explanation.target), visible(explanation.against)
    if explanation.own_log_odds is not None:
        return f"the sum {total} is what the post adds to the account's log-odds"
    odds = f"the log-odds, log(p({target}) / p({against}))"
    if explanation.prediction.base_rates:
        prior = signed(explanation.prior)
        return f"the sum {total} and {prior} of the base rate are {sum_as_shown(total, prior)}, {odds}"
    return f"the sum {total} is {odds}"


def _looked(explanation: Explanation, full: float, colour: bool) -> str:
    """The legend of attention in the hue of the side that each token was taken for."""
    target, against = visible(explanation.target), visible(explanation.against)
    if not full:
        return "there is nothing to look at"
    if not colour:
        signs = f"+ looked here for {target}; − for {against}; no sign: for neither"
        return f"the numbers are weights; {WEAKER}; all weights sum to 1; {signs}"
    shading = Shading.of(explanation, "signed_attention")
    unsided = any(shading.step(segment) and not shading.side(segment) for segment in segments(explanation))
    neither = "; green: looked here, but took next to nothing" if unsided else ""
    sides = f"orange: looked here for {target}; underlined blue: for {against}"
    return f"{sides}{neither}; darker is more attention, full colour {full:.3f}"


def columns(methods: Sequence[str]) -> list[str]:
    """The scores that a table shows for these methods: attention with its side is shown as attention and evidence."""
    shown = (("attention", "evidence") if method == "signed_attention" else (method,) for method in methods)
    return list(dict.fromkeys(name for names in shown for name in names))


def strongest(explanation: Explanation, methods: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of the tokens with the largest |score| by the last of `methods`, the scores in `columns`.

    If most of them are smaller than a word, a column shows the word that each token is in.
    """
    ordered = sorted(explanation.tokens, key=lambda token: -abs(token.score(methods[-1])))[:STRONGEST]
    within = [word_of(explanation.text, token) for token in ordered]
    differ = sum(word != visible(token.text) for word, token in zip(within, ordered, strict=True))
    smaller = 2 * differ > len(ordered)  # true for characters, but not for words with a comma behind them
    shown = columns(methods)
    header = [f"strongest {explanation.unit}s", *(["in"] if smaller else []), *shown]
    return header, [
        [name(token), *([word] if smaller else []), *(number(token.score(method), method) for method in shown)]
        for token, word in zip(ordered, within, strict=True)
    ]


def sentences(explanation: Explanation) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of the sentences or posts that a model read one by one, the largest |evidence| first.

    Empty if there are fewer than two.
    """
    if len(explanation.sentences) < 2:
        return [], []
    ordered = sorted(explanation.sentences, key=lambda sentence: -abs(sentence.evidence))[:STRONGEST]
    rows = [[_cut(name(s)), number(s.attention, "attention"), number(s.evidence, "evidence")] for s in ordered]
    return [f"strongest {explanation.by}s", "attention", "evidence"], rows


def _cut(text: str) -> str:
    return text if len(text) <= SENTENCE_LENGTH else text[: SENTENCE_LENGTH - 1] + "…"


def word_of(text: str, token: TokenScore) -> str:
    """The word that the token is in, cut to fit a table; a word is a run without spaces. Empty for a space."""
    if not token.text.strip():
        return ""
    before = re.search(r"\S*\Z", text[: token.start])
    after = re.match(r"\S*", text[token.start :])
    word = visible((before.group() if before else "") + (after.group() if after else ""))
    return word if len(word) <= WORD_LENGTH else word[: WORD_LENGTH - 1] + "…"


def number(score: float, method: str) -> str:
    """A score by `method`, as a table shows it."""
    return f"{score:.3f}" if not METHODS[method].signed else signed(score)


def name(token: TokenScore) -> str:
    """The name of a token in a table: its text, or a description or escapes if that is invisible."""
    if token.text in (" ", "\n"):
        return "(space)" if token.text == " " else "(line end)"
    if not token.text.strip(UNSEEN):
        return "".join(map(escape, token.text)) or "(empty)"
    return visible(token.text)


def remarks(explanation: Explanation, *, colour: bool = True) -> list[str]:
    """Remarks about this text: what the model did not read or does not know, and how that is marked."""
    remarks = []
    gap = explanation.gap[1] - explanation.gap[0]
    unread = len(explanation.text) - explanation.read if explanation.text[explanation.read :].strip() else 0
    if unread := unread + (0 if explanation.gap_is_read else gap):
        remarks.append(f"{'struck through' if colour else 'in brackets'}: not read ({unread:,} characters)")
    if gap and explanation.gap_is_read:
        where = f"characters {explanation.gap[0] + 1:,} to {explanation.gap[1]:,}"
        remarks.append(f"the network does not read {where}; attention is 0 there, and the evidence is the linear model's")
    if explanation.prediction.known == 0:
        remarks.append("the model knows nothing in this text; its answer rests on unknown tokens alone")
    elif explanation.prediction.known < 1:
        share = f"{1 - explanation.prediction.known:.0%} of the tokens are unknown to the model"
        remarks.append(f"{share}, {'in italics' if colour else 'marked ?'}")
    return [*remarks, *_by_column(explanation), *explanation.remarks]


def _by_column(explanation: Explanation) -> list[str]:
    """How much evidence comes from each column, where the model reads several."""
    sums: dict[str, float] = {}
    for token in explanation.tokens:
        if column := explanation.column_of(token):
            sums[column] = sums.get(column, 0.0) + token.evidence
    named = ", ".join(f"{visible(column)} {signed(total)}" for column, total in sums.items())
    return [f"evidence by column: {named}; {COLUMN_SEPARATOR} stands between them"] if named else []


def closing(explanation: Explanation, methods: Sequence[str], trust: Faithfulness | None) -> list[str]:
    """The lines under an explanation: the counterfactual, what evidence is, and how faithful the methods are."""
    return [*tried(explanation), *trusted(methods, trust)]


def tried(explanation: Explanation) -> list[str]:
    """The counterfactual as a sentence: `without “so” and “bad” the model says good (81.0%)`."""
    if (found := explanation.counterfactual) is None:
        return []
    named = [f"“{visible(explanation.text[a:b])}”" for a, b in found.words]
    which = listed(named)
    answer = f"{visible(found.prediction.label)} ({found.prediction.probability:.1%})"
    if found.holds:
        return [f"without {which} the model says {answer}"]
    them = "it" if len(named) == 1 else "them"
    return [f"by its evidence the decision depends on {which}, but without {them} the model still says {answer}"]


def trusted(methods: Sequence[str], trust: Faithfulness | None) -> list[str]:
    """What the shown methods are, and how faithful they are on the validation texts."""
    lines = [CAVEATS[name] for name in methods if name in CAVEATS]
    measured = {m.method: m for m in trust.methods} if trust else {}
    # Models made before attention with its side was measured have figures of attention only.
    names = [name if name in measured else name.removeprefix("signed_") for name in methods]
    found = [f"{measured[name].without_tenth:.2f} (by {METHODS[name].title})" for name in names if name in measured]
    if trust is None or not found:
        return lines
    random = f"{measured[RANDOM].without_tenth:.2f} (random words)"
    lines.append(
        f"Measured on {trust.texts} validation texts: the probability of the label is {trust.full:.2f} on average; without the "
        f"top 10 % of words it is {', '.join([*found, random])}."
    )
    return [*lines, *_beside_evidence(names, trust)]


def _beside_evidence(methods: Sequence[str], trust: Faithfulness) -> list[str]:
    """How near removing words by attention comes to removing them by evidence, if attention is shown and both were measured."""
    of_size, of_evidence = trust.attention_shares
    if of_size is None or not {"attention", "signed_attention"} & set(methods):
        return []
    lines = [f"Removing words by attention does {of_size:z.0%} of what removing them by evidence without its sign does."]
    if "signed_attention" in methods and of_evidence is not None:
        lines.append(f"By attention with its side it is {of_evidence:z.0%} of what evidence does.")
    return [" ".join([*lines, "This compares the order of words, not how dark they are."])]
