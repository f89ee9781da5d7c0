"""`blanks`: "what are you ___ for today?" A small BERT fills blanks in posts. Is it worth anything to a classifier?

**Query, keys and values.** One word of a post is a blank. The blank asks: its vector, with the mark of its place, makes the
query. The words of the post, the blank among them, are the keys, with which it is compared, and the values, which are averaged.
This is the encoder of `--encoder transformer` (Vaswani et al. 2017, arXiv:1706.03762), whose equations are for token i

    z_i = W x_i + p_i,  y_i = LN(z_i)                        its vector and the mark of its place
    α_it = softmax_t (y_i Q · y_t K / √d)                    where i looks, in each of four heads of d numbers
    a_i = z_i + (Σ_t α_it y_t V) O,  h_i = LN(a_i + FFN(LN(a_i)))
    p(w) = softmax_w ((U h_i + u) · x_w + b_w)               which word stands there, if i is the blank

x_w, the vector of a word, is composed of those of its n-grams, and the same vectors are read and guessed (Press and Wolf 2017,
arXiv:1608.05859). The task is that of BERT (Devlin et al. 2019, arXiv:1810.04805), which asks for 15 % of the words of a text.
A post has eleven, so two are asked for at a time, and in an epoch every word twice, beside different others. As there, of ten
words asked for eight are blank, one is another word, and one itself: so the encoder learns to read words, too.

Perplexity, exp(−mean ln p(w)), says among how many words it hesitates. Counting alone gives, where c is how often words stand
there, and n(v) how many different words follow v:

    unigram    p(w) = c(w) / Σ c                             sees nothing of the post
    bigram     p(w | v) = (c(v w) + n(v) p(w)) / (c(v) + n(v))    sees the left neighbour v alone (Witten and Bell 1991)
    two sides  p(w | v, r) ∝ p(w | v) p(r | w)               sees both neighbours

All of it is measured on posts of other accounts, where a word that training saw less than twice is read but not asked for. The
posts are written by a generator, by the same patterns in both parts: real posts would be harder to guess.
`--save FILE` keeps encoder and vectors, and `attnclf train --encoder transformer --init FILE` begins with them. Last, the
classifier of `attnclf train` learns from 200 labelled posts, with random weights and with these, and is compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from attnclf.config import Config
from attnclf.lessons.base import LESSONS, Lesson
from attnclf.lessons.characters import Ids
from attnclf.lessons.posts.few import accuracies, sample
from attnclf.lessons.posts.words import Posts
from attnclf.lessons.task import Task
from attnclf.results import OnEvent, softmax
from attnclf.results.lessons import Curve, Curves, HeatMap, KnownAnswer, Scored, Taught, Value

# 1. What is asked: one word of a post. The posts are those of sample_data, from the generator that wrote them.

LENGTH = 20  # words read of a post; three in a hundred are longer


@dataclass(frozen=True)
class Asked:
    """Posts (N, 20) in which words are hidden, the places of these (N, K), and what stood there, from 0 (N, K)."""

    ids: Ids
    places: Ids
    words: Ids

    @classmethod
    def once(cls, ids: Ids, posts: Posts) -> "Asked":
        """Every known word by itself, as it is measured: K is 1."""
        rows, places = np.nonzero((ids > 0) & (ids <= posts.known))
        return cls.of(ids[rows], places[:, None], np.full((len(rows), 1), len(posts.words)))

    @classmethod
    def in_pairs(cls, ids: Ids, posts: Posts, rng: np.random.Generator) -> "Asked":
        """Every known word twice, two in a post, as it is learned."""
        ids = np.tile(ids, (2, 1))
        asked = [rng.permutation(np.flatnonzero((row > 0) & (row <= posts.known))) for row in ids]
        pairs = [(row, (places[i], places[i - 1])) for row, places in enumerate(asked) for i in range(0, len(places), 2)]
        rows, places = (np.array(part) for part in zip(*pairs, strict=True))
        itself, other = ids[rows[:, None], places], rng.integers(1, posts.known + 1, places.shape)
        way = rng.random(places.shape)
        return cls.of(ids[rows], places, np.where(way < 0.1, itself, np.where(way < 0.2, other, len(posts.words))))

    @classmethod
    def of(cls, ids: Ids, places: NDArray[np.integer], shown: NDArray[np.integer]) -> "Asked":
        """These posts, with what is `shown` in these places. The id behind that of the last word is the blank."""
        words = np.take_along_axis(ids, places, axis=1)
        np.put_along_axis(ids, places, shown.astype(np.int32), axis=1)
        return cls(ids, places.astype(np.int32), words - 1)


# 2. What counting knows. Id 0 is where a post begins or ends, and all rare words are one.

UNIGRAM, BIGRAM, TWO_SIDES, TRANSFORMER = "unigram", "bigrams, left neighbour", "bigrams of two sides", "transformer"


def counted(posts: Posts, asked: Asked) -> dict[str, float]:
    rare, rows = posts.known + 1, np.arange(len(asked.words))
    text, around = (np.pad(np.minimum(ids, rare), ((0, 0), (1, 1))) for ids in (posts.train, asked.ids))
    pairs = np.zeros((rare + 1, rare + 1), np.float32)
    np.add.at(pairs, (text[:, :-1], text[:, 1:]), (text[:, :-1] > 0) | (text[:, 1:] > 0))
    one, followers = pairs.sum(axis=0) / pairs.sum(), (pairs > 0).sum(axis=1, keepdims=True)
    two = (pairs + followers * one) / (pairs.sum(axis=1, keepdims=True) + followers)  # p(w | v) at [v, w]
    place, words = asked.places[:, 0], asked.words[:, 0]
    left, right = around[rows, place], around[rows, place + 2]
    scores = {UNIGRAM: one[None, 1:rare].repeat(len(rows), axis=0), BIGRAM: two[left, 1:rare]}
    scores[TWO_SIDES] = scores[BIGRAM] * two[1:rare, right].T
    return {name: perplexity(score / score.sum(axis=1, keepdims=True), words) for name, score in scores.items()}


def perplexity(p: NDArray[np.floating], words: Ids) -> float:
    """exp(−mean ln p(w)) of the words that stood there (N,), by the probabilities (N, known) of all."""
    return float(np.exp(-np.log(p[np.arange(len(words)), words]).mean()))


# 3. The network learns, and what it learned begins classifiers.

QUICK: dict[str, Value] = {"posts": 600, "held_out": 200, "size": "small", "batch": 64, "rate": 0.006, "trials": 0}
ALONE, WHOLE, STARTS = "accuracy, network alone", "and linear model", ("random weights", "these weights")


@LESSONS.register("blanks", "words missing in posts: a small BERT, whose weights begin a classifier")
@dataclass(frozen=True)
class Blanks(Lesson):
    """The first `posts` of the sample to learn from, and `held_out` of other accounts. The network has the `size` that
    `attnclf train` gives it. Classifiers learn from `labelled` posts; each of `trials` has other posts and another seed."""

    seed: int = 0
    posts: int = 3_015
    held_out: int = 1_220
    size: str = "medium"
    epochs: int = 3
    batch: int = 128
    rate: float = 0.003
    labelled: int = 200
    trials: int = 5

    minutes = 6
    saves = True
    quick: ClassVar[Mapping[str, Value]] = QUICK | {"epochs": 4}
    left_out: ClassVar[Mapping[str, str]] = {"trials": "the classifiers that begin with what was learned"}

    def teach(self, on_event: OnEvent) -> Taught:
        from keras.losses import SparseCategoricalCrossentropy

        from attnclf.lessons.networks.filling import Filler
        from attnclf.lessons.networks.learning import learn

        train, test = (table.texts[:count] for table, count in zip(sample(), (self.posts, self.held_out), strict=True))
        posts = Posts.of(train, [*test, *EXAMPLES], LENGTH)
        asked = Asked.in_pairs(posts.train, posts, np.random.default_rng(self.seed))
        new = Asked.once(posts.test[: -len(EXAMPLES)], posts)
        filler = Filler(posts, Config().override_flat({"encoder": "transformer", "size": self.size}).model, LENGTH)

        def hesitates() -> float:
            return perplexity(softmax(filler.logits(new.ids, new.places[:, 0])), new.words[:, 0])

        loss = SparseCategoricalCrossentropy(from_logits=True)
        task = Task(loss, self.epochs, self.batch, self.rate, halving=2, at_once=1)
        learned = learn(TRANSFORMER, filler.model, [asked.ids, asked.places], asked.words, task, on_event, hesitates)
        found = counted(posts, new)
        lines = [Curve(name, ((1, value), (self.epochs, value))) for name, value in found.items() if name != UNIGRAM]
        lines.append(Curve(TRANSFORMER, tuple(enumerate(learned.measured, 1))))
        curves = Curves(
            "among how many words it hesitates, in posts of other accounts", "epoch", "perplexity", tuple(lines), top=0
        )
        found[TRANSFORMER] = learned.measured[-1]
        kept = filler.learned(f"attnclf lesson blanks, seed {self.seed}, {len(train):,} posts of the sample").file()
        accuracy = accuracies(kept, self.size, self.labelled, self.trials, on_event)
        table = [Scored(name, {"perplexity": value}) for name, value in found.items()]
        for start, figures in zip(STARTS, accuracy.mean(axis=0).tolist() if self.trials else (), strict=False):
            table.append(Scored(f"{self.labelled} posts, {start}", dict(zip((ALONE, WHOLE), figures, strict=True))))
        return Taught(tuple(table), known(found, accuracy), tuple(examples(filler, posts)), (curves,), weights=kept)


# 4. What is known beforehand, and where a blank looks.

EXAMPLES = "what are you grateful for today?", "오늘 성수동에서 라떼 마셨는데 너무 좋았다", "get 1000 followers fast, DM me"
HIDDEN, BLANK = ("grateful", "라떼", "followers"), "___"


def known(found: Mapping[str, float], accuracy: NDArray[np.float64]) -> tuple[KnownAnswer, ...]:
    def less(other: str) -> KnownAnswer:
        measured = f"{found[TRANSFORMER]:.2f} beside {found[other]:.2f}"
        return KnownAnswer(f"perplexity of the transformer below that of {other}", measured, found[TRANSFORMER] < found[other])

    def helps(what: str, linear: int) -> KnownAnswer:
        other, one = accuracy[:, :, linear].T.tolist()
        return KnownAnswer.gain(f"these weights help the {what}: accuracy rises", one, other, "Devlin 2019")

    if not len(accuracy):
        return (less(BIGRAM),)
    return less(BIGRAM), less(TWO_SIDES), helps("network alone", 0), helps("network with the linear model", 1)


def examples(filler: Any, posts: Posts) -> Iterator[HeatMap]:
    """Where the blank looks, by heads, and the five words that it makes the likeliest."""
    for row, hidden in zip(posts.test[-len(EXAMPLES) :], HIDDEN, strict=True):
        place = int((row == posts.words.index(hidden)).argmax())
        names = [BLANK if at == place else posts.words[word] for at, word in enumerate(row) if word]
        ids = np.where(np.arange(LENGTH) == place, len(posts.words), row).astype(np.int32)
        p = softmax(filler.logits(ids[None], np.array([place], np.int32)))[0]
        likeliest = ", ".join(f"{posts.words[word + 1]} {p[word]:.2f}" for word in p.argsort()[:-6:-1])
        alpha = filler.looks(ids[: len(names)])[:, place]  # (heads, T)
        heads = [f"head {head}" for head in range(1, len(alpha) + 1)]
        yield HeatMap.of(" ".join(names), heads, names, alpha, f"{hidden} stood there; the likeliest: {likeliest}")
