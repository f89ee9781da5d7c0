"""The model directory: written whole or not at all, and refused when anything in it is not as it was written."""

import contextlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from attnclf import bundle as bundles
from attnclf import upgrades
from attnclf.bundle import atomic, directory
from attnclf.bundle import manifest as manifests
from attnclf.config import Config
from attnclf.errors import DataError, ModelError
from attnclf.results import AccountRule
from attnclf.served.model import ServedModel
from tests.models import LABELS, graph_of_format_8, write_bundle


@pytest.fixture
def copy(bundle_path: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle_path, tmp_path / "model"))


def test_what_was_written_is_read(bundle_path: Path) -> None:
    bundle = bundles.load(bundle_path)
    assert bundle.labels == LABELS
    assert bundle.config.model.units == 6
    assert bundle.read("README.md") == b"# card\n"


def test_nothing_else_is_left_beside_it(bundle_path: Path) -> None:
    assert [path.name for path in bundle_path.parent.iterdir()] == [bundle_path.name]
    assert {path.name for path in bundle_path.iterdir()} == {*bundles.FILES, bundles.MANIFEST}


@pytest.mark.parametrize("name", [*bundles.FILES, bundles.MANIFEST])
def test_one_altered_byte_anywhere_is_refused(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes() or b"x")
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        bundles.load(copy)


@pytest.mark.parametrize("name", [*bundles.FILES, bundles.MANIFEST])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match=name):
        bundles.load(copy)


def test_a_file_cut_short_is_refused(copy: Path) -> None:
    (copy / "model.onnx").write_bytes((copy / "model.onnx").read_bytes()[:-10])
    with pytest.raises(ModelError, match=r"model\.onnx was altered or cut short"):
        bundles.load(copy)


def test_the_checksum_comes_first_so_that_a_large_manifest_is_known_before_it_is_parsed(tmp_path: Path) -> None:
    labels = tuple(f"label {number}" for number in range(20_000))
    content, checksum = manifests.written({"accounts": None, "labels": list(labels)}, {})
    assert content.startswith(b'{\n "checksum": "' + checksum.encode())
    assert len(content) > manifests.LOOSE_BYTES
    assert manifests._is_checked(content)
    assert not manifests._is_checked(content.replace(b"label 7", b"label 8", 1))


def test_a_newer_format_asks_for_an_upgrade(copy: Path) -> None:
    manifest = json.loads((copy / "bundle.json").read_bytes())
    (copy / "bundle.json").write_text(json.dumps(manifest | {"format": upgrades.FORMAT + 1}), encoding="utf-8")
    with pytest.raises(ModelError, match="upgrade attnclf"):
        bundles.load(copy)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"checksum": 1, "format": 0}', '{"format": "x", "checksum": ""}'])
def test_a_manifest_that_is_something_else_is_refused(copy: Path, content: str) -> None:
    (copy / "bundle.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError):
        bundles.load(copy)


def test_a_rule_for_accounts_and_the_shares_of_labels_are_kept(tmp_path: Path) -> None:
    rule = AccountRule((0.5, 0.0, -0.5), 1.5, 0.25, (0.2, 0.3, 0.5), 9)
    write_bundle(tmp_path / "m", accounts=rule)
    bundle = bundles.load(tmp_path / "m")
    assert bundle.accounts == rule
    assert bundle.shares == pytest.approx((3 / 6, 2 / 6, 1 / 6))


def test_a_model_that_kept_neither_has_no_rule(copy: Path) -> None:
    manifest = json.loads((copy / "bundle.json").read_bytes())
    for name in ("checksum", "shares", "accounts"):
        del manifest[name]
    del manifest["config"]["accounts"]
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    bundle = bundles.load(copy)
    assert (bundle.accounts, bundle.shares) == (None, ())
    assert bundle.config.accounts == Config().accounts


def test_a_damaged_rule_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "bundle.json").read_bytes())
    del manifest["checksum"]
    manifest["accounts"] = {"offsets": [0.0, 0.0, 0.0], "scale": "wide"}
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match="lacks what attnclf writes"):
        bundles.load(copy)


def test_a_model_of_format_9_began_with_random_weights(copy: Path) -> None:
    before = _reading_less_of_words(bundles.load(copy).config)
    manifest = json.loads((copy / "bundle.json").read_bytes())
    del manifest["checksum"], manifest["config"]["training"]["init"]
    manifest["format"] = 9
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert bundles.load(copy).config == before


def test_of_a_model_of_format_10_the_start_of_a_word_is_read(copy: Path) -> None:
    before = bundles.load(copy).config
    manifest = json.loads((copy / "bundle.json").read_bytes())
    del manifest["checksum"], manifest["config"]["text"]["longest_word"], manifest["config"]["text"]["most_ngrams"]
    manifest["format"] = 10
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert bundles.load(copy).config == _reading_less_of_words(before)


def _as_format_7(manifest: dict[str, Any]) -> None:
    """Texts came from one column, of a delimited table or JSON Lines, and were read up to `max_length`."""
    del manifest["config"]["text"]["long_texts"], manifest["config"]["text"]["longest"]
    data = manifest["config"]["data"]
    del data["input_format"]
    data["text_col"] = data["text_col"][0]
    del manifest["shares"], manifest["accounts"], manifest["config"]["accounts"]


def _reading_less_of_words(config: Config) -> Config:
    return replace(config, text=replace(config.text, longest_word=30, most_ngrams=128))


def _reading_the_start(config: Config) -> Config:
    config = _reading_less_of_words(config)
    return replace(config, text=replace(config.text, long_texts="start", longest=config.text.max_length))


def test_a_model_of_format_7_names_one_column(copy: Path) -> None:
    before = _reading_the_start(bundles.load(copy).config)
    manifest = json.loads((copy / "bundle.json").read_bytes())
    _as_format_7(manifest)
    del manifest["checksum"], manifest["files"]["texts.bin"]
    (copy / "texts.bin").unlink()
    manifest["format"] = 7
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert bundles.load(copy).config == before
    assert bundles.load(copy).training_texts() == b""


def test_a_model_of_format_4_still_reads(copy: Path) -> None:
    """It had one mechanism and two encoders, so its configuration says less."""
    manifest = json.loads((copy / "bundle.json").read_bytes())
    before = _reading_the_start(bundles.load(copy).config)
    _as_format_7(manifest)
    del manifest["config"]["data"]["min_rows"], manifest["config"]["training"]["align"], manifest["label_type"]
    for name in ("layers", "heads", "input_attention", "normalizer", "shared", "sampling"):
        del manifest["config"]["model"][name]
    del manifest["config"]["text"]["sentences"], manifest["checksum"]
    manifest["format"] = 4
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert bundles.load(copy).config == replace(before, training=replace(before.training, align=0.0))


def test_a_model_of_format_5_still_answers(tmp_path: Path) -> None:
    """Its graph called two inputs of a hierarchical encoder `cells` and `turns`, and nothing said how it was trained."""
    path = write_bundle(tmp_path / "m", long_texts="start", longest=40, encoder="hierarchical").path
    texts = ["좋아요. 정말 좋아요!", "get 1000 followers. DM me"]
    before = ServedModel.load(path).logits(texts)[0]
    graph = onnx.load(path / "model.onnx")
    for old, new in {"cells": "token_positions", "turns": "sentence_positions"}.items():
        assert new in [input_.name for input_ in graph.graph.input]
        for input_ in graph.graph.input:
            input_.name = old if input_.name == new else input_.name
        for node in graph.graph.node:
            node.input[:] = [old if name == new else name for name in node.input]
    (path / "model.onnx").write_bytes(graph.SerializeToString())
    manifest = json.loads((path / "bundle.json").read_bytes())
    _as_format_7(manifest)
    del manifest["checksum"], manifest["onnx_inputs"], manifest["label_type"]
    del manifest["config"]["data"]["min_rows"], manifest["config"]["training"]["align"]
    manifest |= {"format": 5, "scores": {name: value for name, value in manifest["scores"].items() if name != "training"}}
    manifest["files"]["model.onnx"] = manifests.checksum_of((path / "model.onnx").read_bytes())
    manifest["checksum"] = manifests.self_checksum(manifest)
    (path / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert np.array_equal(ServedModel.load(path).logits(texts)[0], before)
    assert bundles.summary_of(path).startswith("made on 20")


def test_a_model_of_format_8_reads_the_start_of_a_text_as_it_did(tmp_path: Path) -> None:
    """Its graph added what the linear model says to the contributions, and counted words itself."""
    path = write_bundle(tmp_path / "m", level="word", max_length=5, long_texts="start", longest=5).path
    served = ServedModel.load(path)
    weights = served.weights()
    (path / "model.onnx").write_bytes(graph_of_format_8(served.architecture, weights))
    manifest = json.loads((path / "bundle.json").read_bytes())
    del manifest["checksum"], manifest["config"]["text"]["long_texts"], manifest["config"]["text"]["longest"]
    manifest["format"] = 8
    manifest["files"]["model.onnx"] = manifests.checksum_of((path / "model.onnx").read_bytes())
    manifest["sizes"]["model.onnx"] = (path / "model.onnx").stat().st_size
    manifest["checksum"] = manifests.self_checksum(manifest)
    (path / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    old = ServedModel.load(path)
    assert old.bundle.config == _reading_the_start(old.bundle.config)
    texts = ["정말 좋아요 정말 정말 좋아요 get 1000 followers", "get 1000", ""]
    for one, other in zip(old.scored(texts), served.scored(texts), strict=True):
        assert one.encoded.spans == other.encoded.spans
        assert one.encoded.truncated == other.encoded.truncated == (len(one.encoded.spans) == 5)
        for before, now in ((one.logits, other.logits), (one.attention, other.attention)):
            assert np.allclose(before, now, atol=1e-6)
        assert np.allclose(one.contributions, other.contributions, atol=1e-6)


FORGED = {
    "no scores": {"scores": None},
    "odd facts": {"scores": {"training": {"made": "yesterday", "rows": "many"}}},
    "odd report": {"scores": {"validation": {"accuracy": "high", "rows": None}}},
    "no files": {"files": None},
    "no labels": {"labels": 3},
    "no configuration": {"format": 3, "config": None},
    "odd format": {"format": [6]},
    "labels of no type": {"label_type": "complex"},
    "half a character": {"labels": ["\ud800"]},
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_manifest_is_one_error_and_stops_no_training(copy: Path, name: str) -> None:
    manifest = json.loads((copy / "bundle.json").read_bytes()) | FORGED[name]
    del manifest["checksum"]
    content = json.dumps(manifest, indent=1, sort_keys=True)
    checksum = manifests.checksum_of(
        json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "replace")
    )
    (copy / "bundle.json").write_text(content[:-2] + f',\n "checksum": "{checksum}"\n}}', encoding="utf-8")
    assert bundles.summary_of(copy) == "unreadable" or ("scores" not in FORGED[name] and name != "half a character")
    with contextlib.suppress(ModelError):
        bundles.load(copy)


def test_a_model_in_a_few_words(tmp_path: Path, copy: Path) -> None:
    assert bundles.summary_of(tmp_path / "none") == ""
    (copy / "bundle.json").write_text("{}", encoding="utf-8")
    assert bundles.summary_of(copy) == "unreadable"
    report = {"accuracy": 0.93125, "rows": 160}
    facts = {"made": "2026-02-03T04:05:06+00:00", "rows": 1_440}
    files = dict.fromkeys(bundles.FILES, b"")
    bundles.write(tmp_path / "m", files, Config(), ("a", "b"), {"validation": report, "training": facts})
    summary = bundles.summary_of(tmp_path / "m")
    assert summary.startswith("made on 2026-02-0")
    assert summary.endswith("from 1,440 rows, validation accuracy 0.931")


def test_an_older_format_is_upgraded_step_by_step(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade(manifest: dict) -> dict:
        return manifest | {"format": upgrades.FORMAT, "labels": ["upgraded", "b", "c"]}

    manifest = json.loads((copy / "bundle.json").read_bytes())
    del manifest["checksum"]
    manifest["format"] = 0
    manifest["checksum"] = manifests.self_checksum(manifest)
    (copy / "bundle.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match="unknown format 0"):
        bundles.load(copy)
    monkeypatch.setitem(upgrades.UPGRADES, 0, upgrade)
    assert bundles.load(copy).labels[0] == "upgraded"


def test_no_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"attnclf\.train\(data\)"):
        bundles.load(tmp_path / "none")


def test_a_model_is_replaced_whole(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m")
    write_bundle(tmp_path / "m", labels=("a", "b"))
    assert bundles.load(tmp_path / "m").labels == ("a", "b")
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_directory_of_something_else_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(DataError, match=r"it holds 'cat\.jpg'"):
        write_bundle(tmp_path / "photos")
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"


def test_a_model_directory_with_notes_in_it_is_not_replaced(copy: Path) -> None:
    (copy / "thesis.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(DataError, match=r"thesis\.txt"):
        write_bundle(copy)
    assert (copy / "thesis.txt").read_text(encoding="utf-8") == "precious"


def test_a_link_to_a_model_stays_a_link(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m")
    (tmp_path / "link").symlink_to(tmp_path / "m")
    write_bundle(tmp_path / "link", labels=("a", "b"))
    assert (tmp_path / "link").is_symlink()
    assert bundles.load(tmp_path / "m").labels == ("a", "b")


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_an_interrupt_between_the_two_renames_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    write_bundle(tmp_path / "m")
    monkeypatch.setattr(atomic, "_renameat2", lambda: None)  # as on a system that cannot exchange two directories
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if target == tmp_path / "m" and self.name != "old":
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises((KeyboardInterrupt, DataError)):
        write_bundle(tmp_path / "m", labels=("a", "b"))
    monkeypatch.undo()
    assert bundles.load(tmp_path / "m").labels == LABELS


def test_a_file_in_the_way_is_kept(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="is a file"):
        write_bundle(tmp_path / "m")
    assert (tmp_path / "m").read_text(encoding="utf-8") == "mine"


def test_a_failure_while_writing_leaves_the_old_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(tmp_path / "m")

    def fail(path: Path, content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(directory, "write_through", fail)
    with pytest.raises(KeyboardInterrupt):
        write_bundle(tmp_path / "m", labels=("a", "b"))
    assert bundles.load(tmp_path / "m").labels == LABELS
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
