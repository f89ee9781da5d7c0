"""Extras that are missing, and extras that are broken."""

import pytest

from attnclf.errors import UsageError
from attnclf.extras import extra


def test_what_is_missing_is_said_with_the_command_that_installs_it() -> None:
    with pytest.raises(UsageError) as raised, extra("ray", of="`on`", library="Ray"):
        import no_such_library  # type: ignore[import-not-found]  # noqa: F401
    assert (raised.value.message, raised.value.hint) == ("`on` needs Ray", "pip install 'attnclf[ray]'")


def test_what_is_broken_is_not_called_missing() -> None:
    with (
        pytest.raises(UsageError, match=r"`on` cannot use Ray: libc\.so: wrong ELF class") as raised,
        extra("ray", of="`on`", library="Ray"),
    ):
        raise ImportError("libc.so: wrong ELF class")
    assert "pip install" not in raised.value.hint
