"""The account model: a linear model that reads all posts of an account as one, and sees how often the account writes something.

    x_f = s_f (1 + ln c_f) / √(Σ_g s_g² (1 + ln c_g)²)        ℓ_k = Σ_f W_fk x_f

c_f is how often a word or pair of words of the posts holds the feature f, and s_f its scale: TF-IDF with sublinear counts
(Manning, Raghavan and Schütze 2008, 6.4.1) where s is the idf. Each of the c_f occurrences has an equal share of W_f x_f. So
the logits are a sum over the tokens of all posts:

    m_t = Σ_{f at t} W_f x_f / c_f        ℓ = Σ_t m_t
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attnclf.reading.base import Ids
from attnclf.reading.readers import WordReader

OfPosts = Callable[[Sequence[str], NDArray[np.intp]], NDArray[np.float64]]
"""What posts add to their accounts' logits (N, K), from their texts and the number of each one's account (N,)."""


@dataclass(frozen=True)
class AccountModel:
    """The weights W (R, K), each row of which sums to 0, and the scales s (R,) of R features. Row 0 is of padding: zero."""

    weights: NDArray[np.float32]
    scales: NDArray[np.float32]

    def contributions(self, reader: WordReader, posts: Sequence[Ids]) -> list[NDArray[np.float64]]:
        """m (T, K) of the tokens of each post of one account, which has one post at least. `posts` are ids of the reader."""
        words, word_of, counts = np.unique(np.concatenate(posts), return_inverse=True, return_counts=True)
        pairs = reader.pair_ids(posts)
        found = reader.word_features(words)
        features, owners = found["features"], found["words"]  # (rows, 8) and (rows,)
        held = np.bincount(features.ravel(), np.repeat(counts[owners], features.shape[1]), len(self.scales))
        held += np.bincount(pairs, minlength=len(self.scales))
        held[0] = 0.0
        met = np.flatnonzero(held)
        x = self.scales[met] * (1 + np.log(held[met]))
        each = np.zeros(len(held))  # x_f / c_f
        each[met] = x / held[met] / max(float(np.sqrt(np.square(x).sum())), 1e-12)
        of_rows = (self.weights[features] * each[features][..., None]).sum(axis=1)  # (rows, K)
        of_words = np.add.reduceat(of_rows, np.flatnonzero(np.diff(owners, prepend=-1)), axis=0)
        of_tokens = of_words[word_of] + self.weights[pairs] * each[pairs][:, None]
        return np.split(of_tokens, np.cumsum([len(post) for post in posts])[:-1])

    def file(self) -> bytes:
        """The content of `accounts.safetensors`."""
        from safetensors.numpy import save

        return bytes(save({"weights": self.weights, "scales": self.scales}))

    @classmethod
    def of_file(cls, content: bytes, features: int, labels: int) -> "AccountModel":
        """Reads back what `file` gave. Raises ValueError where it is no account model of so many features and labels."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            arrays = load(content)
        except SafetensorError as error:
            raise ValueError("it does not hold arrays") from error
        shapes = {"weights": (features, labels), "scales": (features,)}
        if {name: array.shape for name, array in arrays.items() if array.dtype == np.float32} != shapes or len(arrays) > 2:
            raise ValueError("it does not hold the account model of these features and labels")
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise ValueError("it holds numbers that are not finite")
        return cls(arrays["weights"], arrays["scales"])
