"""Additive scores with sparse normalizers, under the names that people look for.

`--normalizer` combines these normalizers with any other score.
"""

from dataclasses import dataclass

from attnclf.errors import UsageError
from attnclf.model.mechanisms.additive import Additive
from attnclf.model.mechanisms.base import MECHANISMS, Sizes


class Sparse(Additive):
    """Additive scores with the normalizer that the class is named after."""

    def check(self, sizes: Sizes) -> None:
        if self.normalizer != (own := type(self).normalizer):
            raise UsageError(
                f"`attention={own}` and `normalizer={self.normalizer}` are two normalizers",
                hint="name a score, or leave one out",
            )


@MECHANISMS.register("sparsemax", "additive, with exactly 0 for most tokens")
@dataclass(frozen=True)
class Sparsemax(Sparse):
    """Additive scores with `attnclf.model.normalizers.sparsemax` (Martins and Astudillo 2016)."""

    normalizer: str = "sparsemax"


@MECHANISMS.register("entmax15", "additive, between softmax and sparsemax")
@dataclass(frozen=True)
class Entmax15(Sparse):
    """Additive scores with `attnclf.model.normalizers.entmax15` (Peters, Niculae and Martins 2019)."""

    normalizer: str = "entmax15"
