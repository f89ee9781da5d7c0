"""Holds rows out for validation: stratified by label, seeded, and with rows that belong together on one side.

Rows with equal texts belong together: a model that has met a text in training knows its label. So do rows of one group.
"""

import unicodedata
import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from attnclf.errors import DataError

Rows = NDArray[np.intp]
Split = tuple[Rows, Rows]  # indices of the training rows and of the validation rows

LARGE = 1.5  # a group, or a text, with more than so many times the rows wanted is trained on, where others can be held out
NEAR = 0.5  # of the rows wanted: if no more are too many or too few, summed over labels, no other choice of groups is tried
FINE = 20  # folds, some of which are held out, where one of a few folds is not near the share
SHUFFLES, OTHER_SEED = 3, 1_000_003  # of groups to folds, where no choice is near; what is added to the seed each time


def split(targets: NDArray[np.int32], groups: Sequence[str], share: float, seed: int, texts: Sequence[str] = ()) -> Split:
    """The indices of training and validation rows. About `share` of the rows are held out, and every label stays in training.

    Rows of one group stay on one side, or, without groups, rows with equal texts. Groups are drawn so that `share` holds for
    all rows and, as well as the groups allow, for those of each label. A group, or a text, that is too large for `share` is
    trained on if others can be held out; of the other texts of its label, at most half of the rows are. A label with one row,
    or with one text, stays in training. If that holds for every label, equal texts may stand on both sides.
    Raises DataError when nothing can be held out.
    """
    train, valid = _by_group(targets, groups, share, seed) if groups else _by_text(targets, texts, share, seed)
    if not groups and not len(valid):
        train, valid = _by_text(targets, (), share, seed)
    lost = set(targets.tolist()) - set(targets[train].tolist())
    if lost or not len(valid):
        raise DataError(
            "the groups are too few to hold some out and keep every label in training"
            if groups
            else "no row can be held out to validate on: every label has a single row",
            hint="give validation rows with `valid`"
            + (", or leave `group_col` out" if groups else ", add rows, or name another column with `label_col`"),
        )
    return train, valid


def normalised(text: str) -> str:
    """What two texts have in common that a reader would call equal: composed, in one case, with single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _by_text(targets: NDArray[np.int32], texts: Sequence[str], share: float, seed: int) -> Split:
    # Not scikit-learn's stratified split, because it refuses to hold out fewer rows than there are labels.
    random = np.random.default_rng(seed)
    units = numbered(texts) if texts else np.arange(len(targets))
    sizes, first = np.bincount(units), np.unique(units, return_index=True)[1]
    of_unit = targets[first]  # a text with several labels counts as one of the first
    held_out = np.zeros(len(sizes), bool)
    for label in np.unique(of_unit):
        shuffled = random.permutation(np.flatnonzero(of_unit == label))
        wanted = max(1, round(share * int(sizes[shuffled].sum())))
        small = shuffled[sizes[shuffled] <= LARGE * wanted]
        if not len(small):
            small = shuffled[[sizes[shuffled].argmin()]]
        if len(small) < len(shuffled):  # more than half of the other texts would leave too few to learn from
            wanted = min(wanted, int(sizes[small].sum()) // 2)
        # Up to the number wanted, at least one, and never all.
        enough = int(np.searchsorted(np.cumsum(sizes[small]), wanted, side="right"))
        held_out[small[: min(len(shuffled) - 1, max(1, enough))]] = True
    held_out &= ~_only_home(targets, units, held_out)
    return np.flatnonzero(~held_out[units]), np.flatnonzero(held_out[units])


def numbered(texts: Sequence[str]) -> NDArray[np.intp]:
    """For each text the number of its normalised form, in the order of first appearance (N,).

    Texts are told apart by hashes of 64 bits, since keeping them all would take as much memory as the table does.
    """
    hashes = np.fromiter((hash(normalised(text)) for text in texts), np.int64, len(texts))
    _, first, places = np.unique(hashes, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), np.intp)
    numbers[np.argsort(first)] = np.arange(len(first))
    return numbers[places]


def _only_home(targets: NDArray[np.int32], units: NDArray[np.intp], held_out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A unit (U,) for each label of which all rows are held out: one that has some. Equal texts are such units only where one
    text has several labels."""
    home = np.zeros(len(held_out), bool)
    lost = set(targets.tolist()) - set(targets[~held_out[units]].tolist())
    for label in lost:
        home[units[np.flatnonzero(targets == label)[0]]] = True
    return home


def _by_group(targets: NDArray[np.int32], groups: Sequence[str], share: float, seed: int) -> Split:
    units = np.unique(np.array(groups), return_inverse=True)[1]
    sizes, wanted = np.bincount(units), share * len(targets)
    if len(sizes) < 2:
        raise DataError("all rows are of one group", hint="give validation rows with `valid`, or leave `group_col` out")
    small = sizes <= LARGE * wanted
    if small.sum() < 2 or sizes[small].sum() < max(2 * wanted, len(set(targets.tolist())) + 1):
        small[:] = True  # without the large ones too little is left to choose from
    rows = np.flatnonzero(small[units])
    of_label, share = np.bincount(targets[rows]), wanted / len(rows)
    held_out, least = np.zeros(len(sizes), bool), np.inf
    for chosen in _choices(targets[rows], units[rows], share, seed):
        held = np.isin(np.arange(len(sizes)), chosen)
        held &= ~_only_home(targets, units, held)
        of_label_held = np.bincount(targets[held[units]], minlength=len(of_label))
        missed = float(np.abs(of_label_held - share * of_label).sum()) / wanted
        if held.any() and missed < least:
            held_out, least = held, missed
        if least <= NEAR:
            break
    return np.flatnonzero(~held_out[units]), np.flatnonzero(held_out[units])


def _choices(targets: NDArray[np.int32], units: NDArray[np.intp], share: float, seed: int) -> Iterator[NDArray[np.intp]]:
    """Units to hold out: one fold or several, from fold to fold and then for other folds.

    The largest unit is always in the first fold, so the seed also says which fold comes first.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    folds = max(2, round(1 / share))
    folds = folds if abs(1 / folds - share) <= share / 10 else FINE
    folds = min(folds, len(np.unique(units)), int(np.bincount(targets).max()))
    several = min(max(1, round(share * folds)), folds - 1)
    for shuffle in range(SHUFFLES if folds > 1 else 0):
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=(seed + shuffle * OTHER_SEED) % 2**32)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a label has fewer rows than there are folds
            found = [np.unique(units[held]) for _, held in splitter.split(targets, targets, units)]
        for first in range(seed, seed + folds):
            yield np.concatenate([found[(first + number) % folds] for number in range(several)])
