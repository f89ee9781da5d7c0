"""Texts as arrays of characters, for lessons that read and write them one by one."""

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


def ids_of(texts: list[str], characters: str, length: int) -> Ids:
    """The place of each character in `characters`, (B, length), filled up with blanks on the right."""
    return np.array([[characters.index(character) for character in text.ljust(length)] for text in texts], np.int32)
