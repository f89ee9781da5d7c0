"""The account model by hand: what an account writes often, and each token's share of it."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from attnclf.config import TextConfig
from attnclf.errors import ModelError
from attnclf.reading.readers import WordReader, build_reader
from attnclf.results import AccountRule
from attnclf.served.account_model import AccountModel
from attnclf.served.model import ServedModel
from tests.models import random_account_model, write_bundle

POSTS = ["good day", "good sun, good rain", "", "day after day after day"]
RULE = AccountRule((0.0, 0.0, 0.0), 1.0, 0.5, (0.4, 0.3, 0.3), 9, account_model=0.5)


@pytest.fixture(scope="module")
def reader() -> WordReader:
    found = build_reader(POSTS, TextConfig(level="word", min_count=1))
    assert isinstance(found, WordReader)
    return found


def test_the_sum_over_tokens_is_the_logits_of_the_equation(reader: WordReader) -> None:
    model = random_account_model(reader, 3)
    ids, _ = reader.ids(POSTS)
    held: Counter[int] = Counter()
    for word in np.concatenate(ids).tolist():
        features = reader.word_features(np.array([word]))["features"]
        held.update(features[features > 0].tolist())
    held.update(pair for pair in reader.pair_ids(ids).tolist() if pair)
    x = {feature: model.scales[feature] * (1 + np.log(count)) for feature, count in held.items()}
    norm = np.sqrt(sum(value**2 for value in x.values()))
    expected = sum(model.weights[feature] * value / norm for feature, value in x.items())
    of_tokens = model.contributions(reader, ids)
    assert [len(post) for post in of_tokens] == [len(post) for post in ids]
    assert np.concatenate(of_tokens).sum(axis=0) == pytest.approx(expected, abs=1e-6)


def test_occurrences_of_a_word_have_equal_shares(reader: WordReader) -> None:
    ids, _ = reader.ids(["day, day", "day"])
    first, second = random_account_model(reader, 2).contributions(reader, ids)
    assert first[0] == pytest.approx(second[0])  # the same pair comes before both: the start of a post
    assert first[0] != pytest.approx(first[2])


def test_what_is_written_often_counts_more_but_not_as_much_more(reader: WordReader) -> None:
    """By hand: two features of one word each; the logarithm of counts, and the norm of both."""
    good, sun = (
        int(reader.word_features(ids[0])["features"][0, 0]) for ids in (reader.ids(["good"])[0], reader.ids(["sun"])[0])
    )
    weights, scales = np.zeros((reader.features, 2), np.float32), np.zeros(reader.features, np.float32)
    weights[good], scales[[good, sun]] = (1.0, -1.0), 1.0
    of_tokens = AccountModel(weights, scales).contributions(reader, reader.ids(["good good", "good sun"])[0])
    often = 1 + np.log(3)
    assert np.concatenate(of_tokens).sum(axis=0)[0] == pytest.approx(often / np.hypot(often, 1), abs=1e-6)


def test_its_file_is_read_back(reader: WordReader) -> None:
    model = random_account_model(reader, 3)
    again = AccountModel.of_file(model.file(), reader.features, 3)
    assert np.array_equal(again.weights, model.weights)
    assert np.array_equal(again.scales, model.scales)


NAN = {"weights": np.full((4, 2), np.nan, np.float32), "scales": np.ones(4, np.float32)}
FORGED = {
    "no arrays": b"\x00",
    "nothing": b"",
    "other sizes": save({"weights": np.ones((3, 2), np.float32), "scales": np.ones(3, np.float32)}),
    "other numbers": save({"weights": np.ones((4, 2)), "scales": np.ones(4)}),
    "not finite": save(NAN),
    "one more": save({"weights": np.ones((4, 2), np.float32), "scales": np.ones(4, np.float32), "more": np.ones(1)}),
}


@pytest.mark.parametrize("content", FORGED.values(), ids=FORGED.keys())
def test_another_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^it "):
        AccountModel.of_file(content, 4, 2)


def test_a_rule_whose_account_model_is_missing_is_refused(tmp_path: Path) -> None:
    served = ServedModel.load(write_bundle(tmp_path / "m", accounts=RULE, level="word").path)
    assert served.account_model
    bundle = served.bundle.in_memory()
    without = replace(bundle, contents={**bundle.contents, "accounts.safetensors": b""})
    with pytest.raises(ModelError, match=r"accounts\.safetensors cannot be used: it does not hold arrays"):
        _ = replace(served, bundle=without).account_model
