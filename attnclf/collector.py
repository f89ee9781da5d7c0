"""The garbage collector, out of the way while many objects are made of which none is garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """A context without Python's cyclic garbage collector.

    It walks all living objects again and again while their number grows, which for 20,000 explanations takes half of the time.
    """
    if not gc.isenabled():  # by another thread, which will enable it, or by the user
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
