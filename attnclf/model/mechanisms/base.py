"""What an attention mechanism is: the weights it owns, and how it spreads a text's attention over the tokens.

`xp` is whichever library reads the equation: `keras.ops` while training, `numpy` as the reference, `attnclf.served.symbolic`'s
namespace while the ONNX graph is written. All three know the functions that stand there, operators and slices.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from attnclf.errors import UsageError
from attnclf.model.normalizers import NORMALIZERS
from attnclf.registry import Registry


@dataclass(frozen=True)
class Sizes:
    """What a mechanism needs to know of the classifier that it stands in: the size D of a state and D′ of a value, what the
    values are (states, local or both), where the encoder's final states are (see `Encoder.final_steps`), and how many tokens are read
    at most."""

    states: int
    values: int
    pooled: str = "states"
    final_steps: tuple[str, ...] = ()
    positions: int = 512


@dataclass(frozen=True)
class Tokens:
    """The tokens of B texts: states h (B, T, D), values v (B, T, D′), mask (B, T, 1), which is 1 for a token and 0 for padding;
    `final_steps` (B, T, n) is 1 where each of the n parts of the encoder's state is final, and `query` (B, 1, D) holds these parts,
    where the mechanism asks for it and the encoder has any."""

    h: Any
    v: Any
    mask: Any
    final_steps: Any = None
    query: Any = None


class Mechanism:
    """Base of all: a frozen dataclass with `weights` and `attend`; a new one is a file of its own and no other edit."""

    uses_query: ClassVar[bool] = False  # for the encoder's final states

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        """Name and shape of each trainable array."""
        raise NotImplementedError

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """Weights α (B, T, G): they sum to 1 over the tokens and are exactly 0 on padding. Each of the G columns weighs its
        part of a value's numbers, from the first to the last."""
        raise NotImplementedError

    def groups(self, sizes: Sizes) -> int:
        """G, which divides the size of what is pooled."""
        return 1

    def pooled(self, sizes: Sizes) -> int:
        """The size of what is pooled."""
        return sizes.values

    def values(self, xp: Any, w: Mapping[str, Any], v: Any) -> Any:
        """What is pooled, of values (B, T, D′): themselves, or a projection."""
        return v

    def uses_states(self, final_steps: tuple[str, ...]) -> bool:
        """Whether tokens are weighed by states; else what the encoder found counts only where states are pooled."""
        return True

    def check(self, sizes: Sizes) -> None:
        """Raises UsageError where the mechanism makes no sense, with the reason."""
        if not self.uses_states(sizes.final_steps) and sizes.pooled == "local":
            raise UsageError(
                "this attention does not look at the states, and with `values=local` nothing else reads the encoder",
                hint="leave `values` out, or use `values=states` or `values=both`",
            )


class Scoring(Mechanism):
    """A mechanism that scores each token; a normalizer makes weights of the scores. A dataclass with a field `normalizer`."""

    normalizer: str

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """How much each token matters, before normalising: (B, T, G)."""
        raise NotImplementedError

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return NORMALIZERS[self.normalizer](xp, self.score(xp, w, tokens), tokens.mask)


class Querying(Scoring):
    """A mechanism whose scores compare each state with a query q: the encoder's final states, or where it has none (a
    convolution, a transformer) a vector that is learned, the same for all texts."""

    uses_query = True

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {} if sizes.final_steps else {"q": (1, sizes.states)}

    def query(self, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """q, (B, 1, D) or (1, D)."""
        return w["q"] if tokens.query is None else tokens.query


def refuse_without_query(name: str, sizes: Sizes) -> None:
    """For mechanisms that with a learned query would be `additive`, its bias being W₂q."""
    if not sizes.final_steps:
        raise UsageError(
            f"{name} compares tokens with the encoder's final state, and this encoder has none",
            hint="with a learned query it would be `additive`; use that, or a recurrent encoder",
        )


def block(groups: int, size: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(G, N): 1 where one of N numbers belongs to one of G equal parts."""
    return np.repeat(np.eye(groups, dtype=np.float32), size // groups, axis=1)


MECHANISMS: Registry[Mechanism] = Registry("attention mechanism")
