"""Small models for tests: random weights in a real bundle, made without Keras, and a scorer whose numbers are chosen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors.numpy import save

from attnclf import bundle as bundles
from attnclf.bundle import Bundle
from attnclf.config import AccountsConfig, Config
from attnclf.data.repeats import fingerprints_of
from attnclf.model.architecture import Architecture
from attnclf.reading.base import Reader
from attnclf.reading.readers import build_reader
from attnclf.reading.windows import ReadingLimits
from attnclf.results import AccountRule
from attnclf.served.account_model import AccountModel
from attnclf.served.graph import build_graphs
from attnclf.served.model import Scored

TEXTS = [
    "좋아요 정말 좋아요",
    "get 1000 followers, DM me",
    "오늘 라떼 마셨다 ㅋㅋ",
    "the library again, so tired",
    "e\u0301te\u0301 한글",
] * 2
LABELS = ("fake", "real", "shop")


def random_weights(architecture: Architecture, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Weights large enough that attention and logits vary."""
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, 0.5, shape).astype(np.float32) for name, shape in architecture.shapes().items()}
    weights["embedding.table"][0] = 0
    if architecture.features:
        weights["linear.table"][:, -1] **= 2
        weights["linear.table"][0] = 0
    return weights


def random_account_model(reader: Reader, labels: int) -> AccountModel:
    """An account model whose answers vary."""
    rng = np.random.default_rng(1)
    weights = rng.normal(0, 2, (reader.features, labels))
    weights[0] = 0
    scales = rng.uniform(0.5, 2, reader.features)
    scales[0] = 0
    return AccountModel((weights - weights.mean(axis=1, keepdims=True)).astype(np.float32), scales.astype(np.float32))


def write_bundle(
    target: Path,
    level: str = "char",
    labels: tuple[str, ...] = LABELS,
    max_length: int = 40,
    label_type: str = "str",
    text_col: str | Sequence[str] = "text",
    accounts: AccountRule | None = None,
    whole: bool = False,
    long_texts: str = "both",
    longest: int = 100_000,
    met: Sequence[str] = (),
    **model: object,
) -> Bundle:
    """A model directory with random weights: everything but training is real. A hierarchical one may read accounts `whole`.

    `met` are the names of accounts that it was trained on.
    """
    sentences = ("lines" if whole else "marks") if model.get("encoder") == "hierarchical" else "none"
    config = Config().override(
        {
            "data": {"text_col": text_col, "label_col": "label", "group_col": "account" if accounts or whole else ""},
            "text": {"level": level, "min_count": 1, "max_length": max_length, "sentences": sentences}
            | {"long_texts": long_texts, "longest": longest},
            "model": {"embedding": 8, "units": 6, "attention_units": 4, "values_units": 8} | model,
        }
    )
    return write_untrained(target, config, TEXTS, labels, label_type, accounts, met)


def write_untrained(
    target: Path,
    config: Config,
    texts: Sequence[str],
    labels: tuple[str, ...],
    label_type: str,
    accounts: AccountRule | None = None,
    met: Sequence[str] = (),
) -> Bundle:
    """A model directory with random weights for a configuration and texts."""
    reader = build_reader(texts, config.text)
    sizes = reader.vocabulary, reader.features, len(labels), config.text.max_length
    architecture = Architecture.of(config.model, config.text.level, *sizes)
    weights = random_weights(architecture)
    files = {
        **reader.files(),
        **build_graphs(architecture, weights),
        "weights.safetensors": save(weights),
        "history.jsonl": b'{"epoch": 1, "loss": 0.7, "macro_f1": 0.5, "accuracy": 0.6}\n' * 2,
        "texts.bin": fingerprints_of(TEXTS, met),
        "README.md": b"# card\n",
        bundles.ACCOUNTS: random_account_model(reader, len(labels)).file() if accounts and accounts.account_model else b"",
    }
    shares = tuple(float(n) for n in np.arange(len(labels), 0, -1) / sum(range(len(labels) + 1)))
    scores = {"validation": None, "baseline": None}
    return bundles.write(target, files, config, labels, scores, label_type, shares, accounts)


def small_classifier(level: str = "char", max_length: int = 512, **model: object) -> tuple[Architecture, Reader]:
    """A classifier small enough for NumPy, and its reader."""
    sentences = "marks" if model.get("encoder") == "hierarchical" else "none"
    text = {"level": level, "min_count": 1, "sentences": sentences, "max_length": max_length}
    config = Config().override({"text": text})
    small = {"embedding": 8, "units": 6, "attention_units": 4, "values_units": 8, "embedded": 40}
    reader = build_reader(TEXTS, config.text)
    shape = config.override({"model": small | model}).model
    return Architecture.of(shape, config.text.level, reader.vocabulary, reader.features, 3, max_length), reader


def graph_of_format_8(architecture: Architecture, weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """`model.onnx` as it was before the linear model read more than the network: today's, with what it then did around it."""
    import spox.opset.ai.onnx.v21 as op
    from spox import Tensor, argument, build, inline

    today = onnx.load_from_string(build_graphs(architecture, weights)["model.onnx"])
    per_token = ("batch", "time")
    inputs = {"ids": argument(Tensor(np.int32, per_token)), "lengths": argument(Tensor(np.int32, ("batch",)))}
    inputs |= {"pairs": argument(Tensor(np.int32, per_token))}
    inputs |= {name: argument(Tensor(np.float32, (*per_token, size))) for name, size in (("vectors", 8), ("weights", 4))}
    axis = [op.const(np.array([n], np.int64)) for n in range(3)]
    steps = op.range(op.const(0), op.cast(op.gather(op.shape(inputs["ids"]), op.const(1)), to=np.int64), op.const(1))
    real = op.less(op.unsqueeze(steps, axis[0]), op.unsqueeze(op.cast(inputs["lengths"], to=np.int64), axis[1]))
    real = op.cast(real, to=np.float32)  # (B, T)

    def shares(ids: Any) -> Any:
        same = op.cast(op.equal(op.unsqueeze(ids, axis[2]), op.unsqueeze(ids, axis[1])), to=np.float32)
        occurrences = op.reduce_sum(op.mul(same, op.unsqueeze(real, axis[1])), axis[2], keepdims=0)
        return op.div(real, op.max([occurrences, op.const(np.float32(1))]))

    counted = {"word_shares": shares(inputs["ids"]), "pair_shares": shares(inputs["pairs"])}
    found = inline(today)(**inputs, **counted)
    outputs = {"logits": found["logits"], "attention": found["attention"]}
    outputs["contributions"] = op.add(found["contributions"], found["linear"])
    return bytes(build(inputs, outputs).SerializeToString())


class WithoutAccountModel:
    """Stands where a served model does whose logits are at hand: it has no account model, and `share` of each text's tokens is
    familiar."""

    account_model = None
    reader = None

    def __init__(self, share: float = 1.0, accounts: AccountsConfig = AccountsConfig()) -> None:  # noqa: B008 (it is frozen)
        self.share, self.bundle = share, Bundle(Path("m"), replace(Config(), accounts=accounts), (), {})

    def familiar(self, texts: Sequence[str]) -> list[float]:
        return [self.share] * len(texts)


NO_SHIFT = np.zeros(2, np.float32)


@dataclass(frozen=True)
class FakeServedModel:
    """Stands where a served model does, with votes written by hand: each token's attention and vote for the first label.

    `votes` maps a token's text to (attention before normalising, vote for "fake"); "real" always gets 0.
    """

    bundle: Bundle
    reader: Reader
    votes: dict[str, tuple[float, float]]
    labels: tuple[str, ...] = ("fake", "real")
    base_rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def limits(self) -> ReadingLimits:
        return ReadingLimits.of(self.bundle.config)

    def scored(self, texts: Sequence[str]) -> list[Scored]:
        return [self._one(text) for text in texts]

    def scored_in_parts(self, texts: Sequence[str]) -> Iterator[list[Scored]]:
        yield self.scored(texts)

    def logits(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[float], list[bool]]:
        scored = self.scored(texts)
        logits = np.array([s.logits for s in scored], np.float32).reshape(len(texts), 2)
        return logits, [float(np.mean(s.known)) for s in scored], [s.encoded.truncated for s in scored]

    def _one(self, text: str) -> Scored:
        (encoded,) = self.reader.encode([text])
        pairs = np.array([self.votes.get(text[a:b].lower(), (0.1, 0.0)) for a, b in encoded.spans], np.float32)
        attention = pairs[:, 0] / pairs[:, 0].sum()
        votes = np.stack([pairs[:, 1], np.zeros(len(pairs), np.float32)], axis=1)
        contributions = attention[:, None] * votes
        return Scored(encoded, contributions.sum(axis=0), attention, contributions, self.reader.is_known(encoded.ids), NO_SHIFT)
