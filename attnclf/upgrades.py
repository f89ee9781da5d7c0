"""Older formats of the model directory, made into today's: one pure function for each format, on the manifest alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from attnclf.errors import ModelError

FORMAT = 11
AS_BEFORE = {"min_rows": 1, "delimiter": "", "quoting": "auto"}  # settings of the data that format 7 added
# What a model has that kept no shares of labels, and no rule for accounts.
WITHOUT_ACCOUNTS: dict[str, Any] = {"shares": [], "accounts": None}
WITHOUT_ACCOUNT_MODEL: dict[str, Any] = {"account_model": 0.0, "offsets_of_few": []}
ACCOUNTS_AS_BEFORE = {"mixed_accounts": "leave-out", "max_false_positive_rate": [], "min_posts": 1, "anyway": False}
TRAIN_AGAIN = "train the model again with `attnclf.train(data)`, or restore the file"


def upgraded(manifest: dict[str, Any], path: Path) -> dict[str, Any]:
    """The manifest of the model at `path` in today's format. Raises ModelError for a format that cannot be upgraded."""
    while manifest["format"] != FORMAT:
        if manifest["format"] not in UPGRADES:
            raise ModelError(f"{path} is of the unknown format {manifest['format']!r}", hint=TRAIN_AGAIN)
        manifest = UPGRADES[manifest["format"]](manifest)
    config = {"accounts": ACCOUNTS_AS_BEFORE, **manifest["config"]}
    return {**WITHOUT_ACCOUNTS, **manifest, "config": config}


def _measuring_nothing(manifest: dict[str, Any]) -> dict[str, Any]:
    """Format 3 had no measured explanations."""
    training = {**manifest["config"]["training"], "faithfulness": 0}
    return {**manifest, "format": 4, "config": {**manifest["config"], "training": training}}


def _with_one_mechanism(manifest: dict[str, Any]) -> dict[str, Any]:
    """Format 4 had one attention mechanism and two encoders, none of which had a choice."""
    none = {"layers": 1, "heads": 4, "input_attention": False, "normalizer": "", "shared": False, "sampling": "reinforce"}
    config = manifest["config"]
    changed = {"model": {**config["model"], **none}, "text": {**config["text"], "sentences": "none"}}
    return {**manifest, "format": 5, "config": {**config, **changed}}


def _with_facts(manifest: dict[str, Any]) -> dict[str, Any]:
    """Format 5 said nothing of how it was trained, and called two inputs of `model.onnx` by other names."""
    names = {"token_positions": "cells", "sentence_positions": "turns"}
    return {**manifest, "format": 6, "scores": {**manifest["scores"], "training": None}, "onnx_inputs": names}


def _without_alignment(manifest: dict[str, Any]) -> dict[str, Any]:
    """Format 6 trained attention without alignment, left no label out, and made all labels text."""
    config = manifest["config"]
    changed = {"training": {**config["training"], "align": 0.0}, "data": {**config["data"], **AS_BEFORE}}
    return {**manifest, "format": 7, "config": {**config, **changed}, "label_type": "str"}


def _with_one_column(manifest: dict[str, Any]) -> dict[str, Any]:
    """Format 7 read texts from one column, of a delimited table or JSON Lines, and did not say how large its files are."""
    config = manifest["config"]
    text = config["data"]["text_col"]
    data = {**config["data"], "text_col": [text] if text else [], "input_format": "auto"}
    return {**manifest, "format": 8, "config": {**config, "data": data}, "sizes": {}}


def _with_long_texts_and_account_models(manifest: dict[str, Any]) -> dict[str, Any]:
    """In format 8 the linear model read no more of a text than the network, which read its start. Accounts were judged by the
    sum over their posts alone."""
    config, rule = manifest["config"], manifest.get("accounts")
    text = {**config["text"], "long_texts": "start", "longest": config["text"]["max_length"]}
    rule = {"by_novelty": False, **rule, **WITHOUT_ACCOUNT_MODEL} if rule else None
    return {**manifest, "format": 9, "config": {**config, "text": text}, "accounts": rule}


def _from_random_weights(manifest: dict[str, Any]) -> dict[str, Any]:
    """In format 9 every training began with random weights."""
    config = manifest["config"]
    return {**manifest, "format": 10, "config": {**config, "training": {**config["training"], "init": ""}}}


def _with_short_words(manifest: dict[str, Any]) -> dict[str, Any]:
    """In format 10 the first 30 characters of a word were read, and 128 of their n-grams."""
    config = manifest["config"]
    text = {**config["text"], "longest_word": 30, "most_ngrams": 128}
    return {**manifest, "format": 11, "config": {**config, "text": text}}


# format n → a pure function that makes it n + 1
UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    3: _measuring_nothing,
    4: _with_one_mechanism,
    5: _with_facts,
    6: _without_alignment,
    7: _with_one_column,
    8: _with_long_texts_and_account_models,
    9: _from_random_weights,
    10: _with_short_words,
}
