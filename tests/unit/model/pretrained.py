"""Weights to begin with, as a lesson would have learned them, for tests."""

import numpy as np

from attnclf.config import Config, ModelConfig
from attnclf.model.architecture import Architecture
from attnclf.model.pretrained import Pretrained, settings_of
from attnclf.reading.ngrams import hashes_of_words

SMALL = {"encoder": "transformer", "embedding": 8, "units": 4, "heads": 2}
LEARNED = ("w1", "w2", "unheard", "good")


def config_of(**settings: object) -> ModelConfig:
    return Config().override_flat(SMALL | settings).model


def pretrained(seed: int = 0, words: tuple[str, ...] = LEARNED, **settings: object) -> Pretrained:
    """Random weights of a small transformer, and vectors of these words."""
    rng, config = np.random.default_rng(seed), config_of(**settings)
    shapes = Architecture.of(config, "word", 2, 2, 2).encoder.weights(config.embedding)
    arrays = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    table = rng.normal(size=(len(words), config.embedding)).astype(np.float32)
    return Pretrained(config.encoder, settings_of(config), arrays, hashes_of_words(words), table, "a test")
