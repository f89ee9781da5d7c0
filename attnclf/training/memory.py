"""Whether there is enough memory to train: asked before anything starts, since libraries in C++ end without a word; and what is
said where there was not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from attnclf.errors import DeviceError
from attnclf.limits import available_addresses, available_memory
from attnclf.results import Note, OnEvent

LEAST = 1.5e9  # bytes: TensorFlow, the model, scikit-learn
ADDRESSES = 3.4e9  # bytes of address space, where that is limited: what TensorFlow reserves counts too
# Bytes for each character that is read: n-grams while they are counted, and the matrices of the linear model, up to as many
# characters as it is about fitted to; beyond them the words, and ids.
A_CHARACTER, FITTED, A_FURTHER = 120, 20_000_000, 15
A_TOKEN = 8  # characters of a long word and the space after it
# What TensorFlow, PyTorch, JAX and oneDNN say.
OUT_OF_MEMORY = ("ResourceExhaustedError", "OutOfMemoryError", "RESOURCE_EXHAUSTED", "could not create a primitive")


def check_memory(texts: Sequence[str], longest: int, on_event: OnEvent) -> None:
    """Raises DeviceError when there is not even the memory that training on a few texts takes; warns when these texts may need
    more than is free."""
    resources = ((available_memory(), LEAST, "memory"), (available_addresses(), ADDRESSES, "address space (ulimit -v)"))
    characters = sum(min(len(text), A_TOKEN * longest) for text in texts)
    for free, least, what in resources:
        if free is None:
            continue
        if free < least:
            raise DeviceError(
                f"training takes at least {least / 1e9:.1f} GB of {what}, and {free / 1e9:.1f} GB are free",
                hint="close other programs or raise the limit; nothing was written",
            )
        needed = least + A_CHARACTER * min(characters, FITTED) + A_FURTHER * max(0, characters - FITTED)
        if free < needed:
            gigabytes = f"about {needed / 1e9:.1f} GB of {what}, and {free / 1e9:.1f} GB are free"
            on_event(Note(f"training on these texts may take {gigabytes}; fewer rows or `level=char` take less", warning=True))


@contextmanager
def memory_errors() -> Iterator[None]:
    """Turns running out of memory, of the machine or of its GPU, into a DeviceError that says what helps."""
    try:
        yield
    except MemoryError as error:
        raise _out_of_memory(error) from error
    except Exception as error:
        if type(error).__name__ in OUT_OF_MEMORY or any(word in str(error) for word in OUT_OF_MEMORY):
            raise _out_of_memory(error) from error
        raise


def _out_of_memory(error: BaseException) -> DeviceError:
    first = str(error).strip().split("\n")[0][:200]
    return DeviceError(
        f"training ran out of memory{f': {first}' if first else ''}",
        hint="try `size=small`, a smaller `batch_size` or `max_length`, or fewer rows; nothing was written",
    )
