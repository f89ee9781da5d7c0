"""Which parts go together, what a setting says to them, and what is refused with which reason."""

import itertools
from typing import Any

import pytest

from attnclf.config import Config
from attnclf.errors import UsageError
from attnclf.model.architecture import Architecture
from attnclf.model.encoders import ENCODERS
from attnclf.model.mechanisms import MECHANISMS


def made(positions: int = 512, **model: Any) -> Architecture:
    return Architecture.of(Config().override({"model": model}).model, "word", 100, 200, 3, positions)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"attention": "bahdanau", "encoder": "cnn"}, "has none"),
        ({"attention": "concat", "encoder": "transformer"}, "has none"),
        ({"attention": "none-last", "encoder": "embedding"}, "has none"),
        ({"attention": "none-last", "values": "local"}, "`values=local`"),
        ({"attention": "none-last", "values": "both"}, "`values=both`"),
        ({"attention": "none-mean", "values": "local"}, "nothing else reads the encoder"),
        ({"attention": "location", "encoder": "cnn", "values": "local"}, "nothing else reads the encoder"),
        ({"attention": "sparsemax", "normalizer": "softmax"}, "two normalizers"),
        ({"attention": "hard", "normalizer": "entmax15"}, "drawn from a softmax"),
        ({"attention": "gate", "normalizer": "sparsemax"}, "`normalizer` is no setting of"),
        ({"attention": "additive", "heads": 2}, "`heads` is no setting of"),
        ({"attention": "additive", "shared": True}, "`shared` is no setting of"),
        ({"attention": "dot", "sampling": "gumbel"}, "`sampling` is no setting of"),
        ({"encoder": "cnn", "layers": 2}, "`layers` is no setting of"),
        ({"attention": "multihead", "heads": 5}, "5 heads do not share"),
        ({"encoder": "transformer", "heads": 7}, "7 heads do not share"),
        ({"encoder": "hierarchical", "attention": "multihead"}, "one score for each token"),
        ({"encoder": "hierarchical", "attention": "hard"}, "one score for each token"),
        ({"attention": "adittive"}, "no attention mechanism named 'adittive'"),
        ({"encoder": "bi-lstm"}, "no encoder named 'bi-lstm'"),
        ({"normalizer": "softmx"}, "no normalizer named 'softmx'"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_what_makes_no_sense_is_refused_with_the_reason(model: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as error:
        made(**model)
    assert error.value.hint


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(UsageError) as error:
        made(attention="bahdanu")
    assert "did you mean 'bahdanau'" in str(error.value.hint)


@pytest.mark.parametrize(("attention", "encoder"), [*itertools.product(MECHANISMS.names(), ENCODERS.names())])
def test_every_pair_is_built_or_refused(attention: str, encoder: str) -> None:
    try:
        it = made(attention=attention, encoder=encoder)
    except UsageError:
        assert attention in ("bahdanau", "concat", "none-last") or encoder == "hierarchical"
        return
    assert it.pooled % it.groups == 0
    assert it.shapes()["head.W"] == (it.pooled, 3)


@pytest.mark.parametrize(
    ("model", "pooled"),
    [
        ({}, "local"),
        ({"attention": "none-mean"}, "states"),
        ({"attention": "none-last"}, "states"),
        ({"attention": "location", "encoder": "cnn"}, "states"),
        ({"attention": "location"}, "local"),
        ({"values": "both"}, "both"),
    ],
)
def test_values_are_local_where_attention_reads_the_states(model: dict[str, Any], pooled: str) -> None:
    assert made(**model).sizes.pooled == pooled


def test_location_has_a_row_for_each_position_that_is_read() -> None:
    assert made(attention="location", positions=40).shapes()["attention.W"] == (128, 40)


def test_settings_reach_the_parts_that_have_them() -> None:
    assert made(attention="multihead", heads=8).groups == 8
    assert made(attention="per_dimension").groups == 128
    assert made(attention="per_dimension", shared=True).groups == 1
    assert made(encoder="bigru", layers=3).encoder.layers == 3  # type: ignore[attr-defined]
    assert made(attention="dot", normalizer="entmax15").mechanism.normalizer == "entmax15"  # type: ignore[attr-defined]
    assert made(attention="sparsemax").mechanism.normalizer == "sparsemax"  # type: ignore[attr-defined]
    assert "input_attention.W" in made(input_attention=True).shapes()
