"""A Transformer that fills blanks: it reads words as the classifier does, by its encoder, and guesses the word in question."""

from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from attnclf.config import ModelConfig
from attnclf.lessons.networks.decoding import outputs_of
from attnclf.lessons.posts.words import Posts
from attnclf.model import composition
from attnclf.model.architecture import Architecture
from attnclf.model.encoders.transformer import Transformer
from attnclf.model.pretrained import Pretrained, settings_of
from attnclf.reading.ngrams import FIRST_ID

STDDEV = 0.3
DROPOUT = 0.2


class Words(layers.Layer):  # type: ignore[misc]
    """The vectors of words, composed of those of their n-grams as in the classifier, and the vector of a blank, the last id.

    `rows` (R, 8) hold the n-grams of the words, which are fewer than `features`, and `owners` (R,) the word of each row.
    """

    def __init__(self, rows: NDArray[np.int32], owners: NDArray[np.int32], features: int, size: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.rows, self.owners, self.count = rows, owners, int(owners[-1]) + 1
        start = keras.initializers.RandomNormal(stddev=STDDEV)
        self.table = self.add_weight(shape=(features, size), initializer=start, name="table")
        self.blank = self.add_weight(shape=(1, size), initializer=start, name="blank")
        self.built = True

    def call(self, ids: Any) -> tuple[Any, Any]:
        """The vectors (B, T, E) of ids (B, T), zero where the id is 0, and those of all words (W + 1, E)."""
        features, present = composition.embedded(ops, ops.convert_to_tensor(self.rows), self.table.shape[0])
        vectors = ops.take(self.table, features, axis=0) * ops.expand_dims(present, 2)  # (R, 8, E)
        words = composition.compose(ops, vectors, present, ops.convert_to_tensor(self.owners))[: self.count]
        words = ops.concatenate([words, self.blank], axis=0)
        return ops.take(words, ids, axis=0) * ops.cast(ops.expand_dims(ids > 0, 2), words.dtype), words


class Guess(layers.Layer):  # type: ignore[misc]
    """The logits (B, K, known) of the words 1 to `known` for states h (B, K, D): (U h + u) · x_w + b_w."""

    def __init__(self, known: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.known = known

    def build(self, h_shape: tuple[int | None, ...], words_shape: tuple[int, int]) -> None:
        self.ask = layers.Dense(words_shape[1])
        self.ask.build(h_shape)
        self.bias = self.add_weight(shape=(self.known,), initializer="zeros", name="bias")

    def call(self, h: Any, words: Any) -> Any:
        return ops.matmul(self.ask(h), ops.transpose(words[1 : self.known + 1])) + self.bias


class Filler:
    """A network that fills blanks in posts of `length` words. `config` says its sizes, as it does to the classifier.

    `model` maps posts (B, T) of ids, and the places of the words in question (B, K), to the logits (B, K, known) of these.
    """

    def __init__(self, posts: Posts, config: ModelConfig, length: int) -> None:
        self.config, self.features = config, posts.features
        self.encoder = Architecture.of(config, "word", self.features.ngrams, self.features.ngrams, 2).encoder
        self.layer = self.encoder.build(keras)
        self.words = Words(posts.rows, posts.owners, self.features.ngrams, config.embedding)
        ids, places = keras.Input((length,), dtype="int32"), keras.Input((None,), dtype="int32")
        x, vectors = self.words(ids)
        x = layers.Dropout(DROPOUT)(x)
        h = self.encoder.call(self.layer, x, ids > 0)  # (B, T, D)
        asking = ops.matmul(ops.one_hot(places, length), h)  # (B, K, D)
        self.model = keras.Model([ids, places], Guess(posts.known)(layers.Dropout(DROPOUT)(asking), vectors))

    def logits(self, ids: NDArray[np.int32], places: NDArray[np.int32]) -> NDArray[np.float32]:
        """The logits (B, known) of the word at one place (B,) of each post (B, T)."""
        return np.asarray(outputs_of(self.model, [ids, places[:, None]])[0][:, 0])

    def looks(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Where each word of a post (T,) looks in each head of the first layer: (heads, T, T)."""
        assert isinstance(self.encoder, Transformer)
        x = np.asarray(ops.convert_to_numpy(self.words(ids[None])[0]))
        _, looked = self.encoder.states_and_weights(np, self._arrays(), x, np.ones((1, len(ids), 1), np.float32))
        return np.concatenate(looked[0])

    def learned(self, source: str) -> Pretrained:
        """What a classifier can begin with. `source` says where it was learned."""
        table = np.array(ops.convert_to_numpy(self.words.table))[FIRST_ID:]
        settings, hashes = settings_of(self.config), self.features.hashes[: len(table)]
        return Pretrained(self.config.encoder, settings, self._arrays(), hashes, table, source)

    def _arrays(self) -> dict[str, NDArray[np.float32]]:
        variables = self.encoder.variables(self.layer)
        return {name: np.array(ops.convert_to_numpy(array)) for name, array in variables.items()}
