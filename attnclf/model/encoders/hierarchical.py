"""Hierarchical encoding: words are encoded within their sentence, and sentences within their text."""

from dataclasses import dataclass

from attnclf.model.encoders.base import ENCODERS, Encoder
from attnclf.model.encoders.recurrent import BiLSTM


@ENCODERS.register("hierarchical", "words in sentences, or in an account's posts (--group-col)")
@dataclass(frozen=True)
class Hierarchical(BiLSTM):
    """A BiLSTM over the words of each sentence, and another over the sentences of the text.

    After Yang et al. 2016, who use GRUs for both. `attnclf.model.attention` has the equations that combine the two levels.
    """

    @property
    def upper(self) -> Encoder:
        """The encoder of the sentence vectors."""
        return BiLSTM(self.units, self.layers)
