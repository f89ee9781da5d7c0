"""Sentence by sentence: words are encoded within their sentence, and sentences within their text."""

from dataclasses import dataclass

from attnclf.model.encoders.base import ENCODERS, Encoder
from attnclf.model.encoders.recurrent import BiLSTM


@ENCODERS.register("hierarchical", "words in sentences, or in an account's posts (--group-col)")
@dataclass(frozen=True)
class Hierarchical(BiLSTM):
    """A BiLSTM over the words of each sentence and another over the sentences (Yang et al. 2016); how attention joins them
    stands in `attnclf.model.attention`. There both are GRUs."""

    @property
    def upper(self) -> Encoder:
        """What encodes the sentences."""
        return BiLSTM(self.units, self.layers)
