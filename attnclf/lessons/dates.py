"""`dates`: "5 March 2021", "2021년 3월 5일" → "2021-03-05". Does each score find the month, wherever it stands?

**Query, keys and values.** Before each character that it writes, the decoder asks with its state: the query q_i. The encoder
has left a state h_t at each character of the date: the keys and the values. It is the network of `addition`, with five scores:

    c_i = Σ_t α_it h_t,  α_it = softmax_t score(h_t, q_i)

    bahdanau   v · tanh(W₁ h_t + W₂ q)     Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473)
    dot        h_t · q                     this and the rest: Luong, Pham and Manning 2015 (arXiv:1508.04025)
    general    q · W h_t
    concat     v · tanh(W [q ; h_t])       the same function as Bahdanau's, with other first weights
    location   (W q)_t                     reads no state: the query alone must know where the month stands

The sixth network has no recurrence (Vaswani et al. 2017, arXiv:1706.03762). Its encoder is that of `--encoder transformer`. Its
decoder looks at what it wrote, masked so that no step sees a later one, and then with four heads at what was read:

    c_i = Σ_t α_it h_t V,  α_it = softmax_t (q_i Q · h_t K / √d)      in each head, of d numbers

Each day stands once in the data, so what is measured was never seen in any form. Numbers alone are read as in Europe: 3/5/2021
is in May. Of years with two digits, 00 to 49 are in this century. Blanks behind a date can be looked at, too. Where the month
is not found, the network mostly looks at a blank beside the word: the state there has read it (lesson `focus`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import numpy as np

from attnclf.lessons.base import ASKING, LESSONS, Lesson, asking
from attnclf.lessons.characters import ids_of
from attnclf.lessons.task import Task
from attnclf.results import OnEvent
from attnclf.results.lessons import HeatMap, KnownAnswer, Scored, Taught, Value

# 1. The dates.

FORMS = (
    *("{d} {Month} {y}", "{y}년 {월} {d}일", "{Month} {d}, {y}", "{y}년 {m}월 {d}일", "{d} {Mon} {y}", "{y}.{mm}.{dd}"),
    *("{d} {month} {y}", "{d}-{Mon}-{yy}", "{th} {Mon} {y}", "{Day} {d} {Mon} {y}", "{y} {Month} {d}", "{y} {Mon} {dd}"),
    *("{Mon} {d} {y}", "{Mon} {d}, {yy}", "{Mon} {th}, {y}", "{yy}년 {월} {d}일", "{월} {d}일 {y}년", "{m}월 {d}일 {y}년"),
    *("{y}년 {mm}월 {dd}일", "{yy}년 {m}월 {d}일", "{y}년 {m}월 {d}일 ({요일})", "{y}. {m}. {d}.", "{dd}.{mm}.{y}"),
    *("{d}/{m}/{y}", "{y}/{mm}/{dd}", "{y}{mm}{dd}"),
)
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]
WOLS = ["일월", "이월", "삼월", "사월", "오월", "유월", "칠월", "팔월", "구월", "시월", "십일월", "십이월"]
DAYS, YOILS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "월화수목금토일"
IN_WORDS = re.compile(r"\{(Month|month|Mon|월)\}")
USED = re.sub(r"\{.*?\}", "", "".join(FORMS)) + "0123456789stndrdth" + YOILS + "".join([*MONTHS, *DAYS, *WOLS])
CHARACTERS = "".join(sorted({*USED, *USED.lower()}))  # a blank, id 0, fills what is short
WRITTEN = " -0123456789"  # a blank, id 0, stands before the first
LENGTH, STEPS, MONTH = 18, 10, slice(5, 7)  # the month is written in steps 5 and 6 of 2021-03-05


@dataclass(frozen=True)
class Dated:
    """A day as people write it, and from where to where its month is a word; None where it is a number."""

    text: str
    day: str
    month: tuple[int, int] | None


def dated(day: date, form: str) -> Dated:
    """A day in one of the forms."""
    y, m, d = day.year, day.month, day.day
    th = f"{d}{'th' if 10 < d < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(d % 10, 'th')}"
    words = {"Month": MONTHS[m - 1], "month": MONTHS[m - 1].lower(), "Mon": MONTHS[m - 1][:3], "월": WOLS[m - 1]}
    names = words | {"y": y, "yy": f"{y % 100:02}", "m": m, "mm": f"{m:02}", "d": d, "dd": f"{d:02}", "th": th}
    names |= {"Day": DAYS[day.weekday()], "요일": YOILS[day.weekday()]}
    word = IN_WORDS.search(form)
    start = len(form[: word.start()].format(**names)) if word else 0
    return Dated(form.format(**names), day.isoformat(), (start, start + len(words[word[1]])) if word else None)


def drawn(rng: np.random.Generator, count: int, forms: int) -> list[Dated]:
    """Different days in random order, each in one of the first `forms` forms."""
    days = date(1950, 1, 1).toordinal() + rng.choice(36_525, count, replace=False)  # of a century
    return [dated(date.fromordinal(int(day)), FORMS[rng.integers(forms)]) for day in days]


# 2. The networks. Each reads the date and the characters before the one it writes: logits (B, S, 12), α (B, S, T).

SCORES, TRANSFORMER = ("bahdanau", "dot", "general", "concat", "location"), "transformer"


def recurrent(asked: Any, written: Any, units: int, score: str) -> tuple[Any, Any]:
    """Reads from both ends, then writes and looks back."""
    from keras import layers

    from attnclf.lessons.networks.attention import Attend, look_back

    encoder, join = layers.LSTM(units // 2, return_sequences=True, return_state=True, unroll=True), layers.Concatenate()
    h, *last = layers.Bidirectional(encoder)(layers.Embedding(len(CHARACTERS), units // 2)(asked))  # (B, T, D)
    state = [join(last[0::2]), join(last[1::2])]  # what both directions ended with, and their cells
    decoder = layers.LSTM(units, return_sequences=True, unroll=True)
    q = decoder(layers.Embedding(len(WRITTEN), units // 2)(written), initial_state=state)  # (B, S, D)
    c, alpha = look_back(Attend(asking(score, units)), h, q)
    return layers.Dense(units, activation="tanh")(join([q, c])), alpha


def network(name: str, units: int) -> Any:
    """One of the six. The Transformer looks at all characters at once, in one layer that reads and one that writes."""
    import keras
    from keras import layers

    from attnclf.lessons.networks.transformer import decoded, embedded, encoded

    inputs = asked, written = keras.Input((LENGTH,), dtype="int32"), keras.Input((STEPS,), dtype="int32")
    if name == TRANSFORMER:
        h = encoded(embedded(asked, len(CHARACTERS), units), depth=1)
        states, alpha = decoded(embedded(written, len(WRITTEN), units), h, depth=1)
    else:
        states, alpha = recurrent(asked, written, units, name)
    return keras.Model(inputs, [layers.Dense(len(WRITTEN))(states), alpha])


# 3. Training, and what is measured of days never seen.

LEVEL, ALL = 0.98, "all"
EXACT, PASSED, FOUND, WEIGHT = "whole dates", f"first epoch above {LEVEL}", "month found", "weight on it"
COLUMNS = {
    FOUND: "of the dates whose month is a word: both characters of the month that is written looked most at that word",
    WEIGHT: "their mean weight on that word. In the Transformer both are measured of the mean of its four heads",
}


def month_found(alpha: Any, days: list[Dated]) -> tuple[float, float]:
    """The columns FOUND and WEIGHT, from α (B, S, T)."""
    looked = [(weights[MONTH], *day.month) for weights, day in zip(alpha, days, strict=True) if day.month]
    peaks = [((start <= two.argmax(axis=1)) & (two.argmax(axis=1) < end)).all() for two, start, end in looked]
    return float(np.mean(peaks)), float(np.mean([two[:, start:end].sum(axis=1) for two, start, end in looked]))


@LESSONS.register("dates", '"5 March 2021", "2021년 3월 5일" → "2021-03-05": five scores and a Transformer')
@dataclass(frozen=True)
class Dates(Lesson):
    """Days in the first `forms` of the forms above: `rows` to train on, `held_out` to measure on."""

    seed: int = 0
    attention: str = ALL  # or one of the six alone
    forms: int = len(FORMS)
    rows: int = 20_000
    held_out: int = 1_000
    units: int = 32
    epochs: int = 15
    batch: int = 64

    minutes = 3
    choices = (*ASKING, TRANSFORMER, ALL)
    quick: ClassVar[Mapping[str, Value]] = {"attention": "bahdanau", "forms": 20, "rows": 5_000, "epochs": 6, "batch": 32}
    left_out: ClassVar[Mapping[str, str]] = {"attention": "dot, general, concat, location, the Transformer"}

    def teach(self, on_event: OnEvent) -> Taught:
        days = drawn(np.random.default_rng(self.seed), self.rows + self.held_out, self.forms)
        names = [*SCORES, TRANSFORMER] if self.attention == ALL else [self.attention]
        networks = {name: network(name, self.units) for name in names}
        table = tuple(Scored(name, self._scores(name, one, days, on_event)) for name, one in networks.items())
        maps = tuple(one for name in dict.fromkeys((names[0], names[-1])) for one in examples(name, networks[name]))
        return Taught(table, known(table), maps, columns=COLUMNS)

    def _scores(self, name: str, model: Any, days: list[Dated], on_event: OnEvent) -> dict[str, Value]:
        from keras.losses import SparseCategoricalCrossentropy

        from attnclf.lessons.networks.decoding import greedily
        from attnclf.lessons.networks.writing import learn_to_write

        asked = ids_of([day.text for day in days], CHARACTERS, LENGTH)
        answers = ids_of([day.day for day in days], WRITTEN, STEPS)
        loss, rate = SparseCategoricalCrossentropy(from_logits=True), 0.004 if name == TRANSFORMER else 0.01
        task = Task(loss, self.epochs, self.batch, rate, halving=4, goal=0.999)
        learned = learn_to_write(name, model, asked, answers, self.rows, task, on_event)
        _, (alpha, *_) = greedily(model, asked[self.rows :], 0, STEPS)
        found, weight = month_found(alpha, days[self.rows :])
        return {EXACT: learned.measured[-1], PASSED: learned.passed(LEVEL), FOUND: found, WEIGHT: weight}


# 4. What is known beforehand, and where the networks look.


def known(table: tuple[Scored, ...]) -> tuple[KnownAnswer, ...]:
    def least(claim: str, score: str, floor: float) -> KnownAnswer:
        value, name = min((float(row.scores[score] or 0), row.model) for row in table)
        return KnownAnswer(f"{claim}, in the network that has the fewest", f"{value:.3f} ({name})", value >= floor)

    looked = "when the month is a word, both characters written of it look at it most in 0.9 of the dates"
    return least(f"{LEVEL} of the dates are written without a mistake", EXACT, LEVEL), least(looked, FOUND, 0.9)


def examples(name: str, model: Any) -> Iterator[HeatMap]:
    """Where each character of two answers looked."""
    from attnclf.lessons.networks.decoding import greedily

    texts = ["5 March 2021", "2021년 삼월 5일"]
    written, (alpha, *_) = greedily(model, ids_of(texts, CHARACTERS, LENGTH), 0, STEPS)
    for text, answer, weights in zip(texts, np.array([*WRITTEN])[written], alpha, strict=True):
        yield HeatMap.of(f"{name}: {text} → {''.join(answer)}", answer, text.ljust(LENGTH), weights)
