"""One family of errors, each with the exit code the command line gives it.

A message says what is wrong, where, and which rule was broken; the hint says what to do about it.
Library code raises these and never prints or exits; `attnclf.cli` catches the family once.
"""


class AttnclfError(Exception):
    """Base of every error attnclf raises on purpose; `hint` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(AttnclfError, ValueError):
    """An option or argument makes no sense. It is a ValueError too."""

    exit_code = 2


class DataError(AttnclfError, ValueError):
    """A file or table cannot be used as it is. It is a ValueError too."""

    exit_code = 3


class ModelError(AttnclfError):
    """A model directory is missing, altered, or of a format that this version cannot read."""

    exit_code = 4


class DeviceError(AttnclfError):
    """The device or precision asked for is not available, or memory ran out."""

    exit_code = 5


class InstallationError(AttnclfError):
    """A library that attnclf needs is missing, too old, or does not work."""

    exit_code = 5


class ScoreTooLow(AttnclfError):
    """A score is below the floor set with `--fail-under`, or falls by more than `--max-loss`."""

    exit_code = 6
