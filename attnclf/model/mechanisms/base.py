"""The interface of an attention mechanism: the weights it owns, and how it spreads attention over the tokens of a text.

`xp` is the library that evaluates the equation: `keras.ops` in training, `numpy` in the reference, and the namespace of
`attnclf.served.symbolic` when the ONNX graph is written. All three support the functions defined in that namespace, operators
and slices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from attnclf.errors import UsageError
from attnclf.model.normalizers import NORMALIZERS
from attnclf.registry import Registry


@dataclass(frozen=True)
class Sizes:
    """What a mechanism needs to know about the classifier it is part of.

    * `states`: D, the size of a state.
    * `values`: D′, the size of a value.
    * `pooled`: what the values are: "states", "local" or "both".
    * `final_steps`: where the encoder's final states are, see `Encoder.final_steps`.
    * `positions`: the largest number of tokens read per text.
    """

    states: int
    values: int
    pooled: str = "states"
    final_steps: tuple[str, ...] = ()
    positions: int = field(kw_only=True)


@dataclass(frozen=True)
class Tokens:
    """The tokens of B texts.

    * `h` (B, T, D): states.
    * `v` (B, T, D′): values.
    * `mask` (B, T, 1): 1 for a token and 0 for padding.
    * `final_steps` (B, T, n): 1 where each of the n parts of the encoder's state is final.
    * `query` (B, 1, D): the final states, those n parts concatenated.

    The last two are None unless the mechanism has `uses_query` and the encoder has final states.
    """

    h: Any
    v: Any
    mask: Any
    final_steps: Any = None
    query: Any = None


class Mechanism:
    """Base class. A mechanism is a frozen dataclass with `weights` and `attend`. A new one needs a file and no other edit."""

    uses_query: ClassVar[bool] = False  # whether `Tokens` should hold the encoder's final states
    can_be_aligned: ClassVar[bool] = True  # false if nothing of α is learned, or if one token gets all the weight

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        """The shape of each trainable array, keyed by its name."""
        raise NotImplementedError

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """Weights α (B, T, G), which sum to 1 over the tokens and are exactly 0 on padding.

        A value is divided into G equal parts, in order. Each of the G columns weights one part.
        """
        raise NotImplementedError

    def groups(self, sizes: Sizes) -> int:
        """G, the number of weights per token. It divides the size of the pooled vector."""
        return 1

    def pooled(self, sizes: Sizes) -> int:
        """The size of the pooled vector."""
        return sizes.values

    def values(self, xp: Any, w: Mapping[str, Any], v: Any) -> Any:
        """What the weights pool: the values (B, T, D′) themselves, or a projection of them."""
        return v

    def uses_states(self, final_steps: tuple[str, ...]) -> bool:
        """Whether the weights depend on the states. If not, the encoder only matters when its states are pooled."""
        return True

    def check(self, sizes: Sizes) -> None:
        """Raises UsageError, with the reason, if the mechanism makes no sense for these sizes."""
        if not self.uses_states(sizes.final_steps) and sizes.pooled == "local":
            raise UsageError(
                "this attention does not look at the states, and with `values=local` nothing else reads the encoder",
                hint="leave `values` out, or use `values=states` or `values=both`",
            )


class Scoring(Mechanism):
    """A mechanism that scores each token. The normalizer named by its dataclass field turns the scores into weights."""

    normalizer: str

    def score(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """Scores (B, T, G): how much each token matters, before they are normalised."""
        raise NotImplementedError

    def attend(self, xp: Any, w: Mapping[str, Any], tokens: Tokens) -> Any:
        return NORMALIZERS[self.normalizer](xp, self.score(xp, w, tokens), tokens.mask)


class Querying(Scoring):
    """A mechanism whose scores compare each state with a query q.

    q is the final states of the encoder. If the encoder has none (a convolution, a transformer), q is a learned vector, the
    same for all texts.
    """

    uses_query = True

    def weights(self, sizes: Sizes) -> Mapping[str, tuple[int, ...]]:
        return {} if sizes.final_steps else {"q": (1, sizes.states)}

    def query(self, w: Mapping[str, Any], tokens: Tokens) -> Any:
        """The query q: (B, 1, D) from the final states, or (1, D) if it is learned."""
        return w["q"] if tokens.query is None else tokens.query


def refuse_without_query(name: str, sizes: Sizes) -> None:
    """Raises UsageError if the encoder has no final states.

    For mechanisms that equal `additive` when the query is learned: W₂q is then its bias.
    """
    if not sizes.final_steps:
        raise UsageError(
            f"{name} compares tokens with the encoder's final state, and this encoder has none",
            hint="with a learned query it would be additive attention; take `attention=additive`, or a recurrent encoder",
        )


def block(groups: int, size: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A matrix (G, N): 1 where one of N features belongs to one of G equal parts, else 0."""
    return np.repeat(np.eye(groups, dtype=np.float32), size // groups, axis=1)


MECHANISMS: Registry[Mechanism] = Registry("attention mechanism")
