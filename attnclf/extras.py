"""Libraries that are not installed with attnclf, but with one of its extras."""

from collections.abc import Iterator
from contextlib import contextmanager

from attnclf.errors import UsageError


@contextmanager
def extra(name: str, *, of: str, library: str) -> Iterator[None]:
    """A context in which what the extra `name` installs is imported.

    Raises UsageError where it is missing: that `of` needs this library, with the command that installs it. One that is there
    and does not work is another error, which says why.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(f"{of} needs {library}", hint=f"pip install 'attnclf[{name}]'") from error
    except ImportError as error:
        raise UsageError(f"{of} cannot use {library}: {error}", hint="attnclf doctor says what else does not work") from error
