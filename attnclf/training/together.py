"""What the processes of a training tell one another, so that all train the same network on the same rows."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from attnclf.checkpoint import Arrays, Identity, TrainingState
from attnclf.errors import DataError

if TYPE_CHECKING:
    from attnclf.trainable.group import Group

LENGTH = 8  # bytes of the number before the values


def check_same(group: "Group", identity: Identity, vocabulary: str) -> None:
    """Raises DataError, in every process, unless all have read the same rows with the same settings."""
    digest = hashlib.sha256(json.dumps([identity.values(), vocabulary], sort_keys=True).encode())
    for arrays in identity.parts().values():
        for rows in arrays.values():
            digest.update(rows.tobytes())
    same = group.all_same(digest.digest())
    if not all(same):
        raise DataError(
            f"process {same.index(False)} of {len(same)} has read other rows than process 0, or has other settings",
            hint="give all processes the same files, in the same order, and the same options",
        )


def state_of_first(group: "Group", state: TrainingState) -> TrainingState:
    """Where process 0 stands: its linear model, and the network where training goes on."""
    if not group.place.together:
        return state
    content = group.share(_packed(state) if group.leads else b"")
    return state if group.leads else _unpacked(content)


def _packed(state: TrainingState) -> bytes:
    from safetensors.numpy import save

    values = json.dumps(state.values()).encode()
    arrays = {f"{part}/{name}": np.asarray(a, order="C") for part, found in state.parts().items() for name, a in found.items()}
    return len(values).to_bytes(LENGTH, "little") + values + bytes(save(arrays))


def _unpacked(content: bytes) -> TrainingState:
    from safetensors.numpy import load

    end = LENGTH + int.from_bytes(content[:LENGTH], "little")
    parts: dict[str, dict[str, Any]] = {}
    for name, array in load(content[end:]).items():
        part, _, of_part = name.partition("/")
        parts.setdefault(part, {})[of_part] = array
    found: dict[str, Arrays] = dict(parts)
    return TrainingState.of(json.loads(content[LENGTH:end]), found)
