"""Refusals: every answer that is not what was asked for has one form, whatever refused it.

{"error": {"status": 413, "code": "too_large", "message": "…", "hint": "…", "details": []}}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attnclf.render.records import to_json

CODES: Mapping[int, str] = {
    400: "malformed",
    401: "unauthorized",
    404: "not_found",
    405: "not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "not_json",
    422: "invalid",
    429: "too_often",
    500: "bug",
    503: "overloaded",
}


class Refused(Exception):
    """A request is not answered: an HTTP `status`, what was wrong, and what to do. `retry_after` is in seconds, 0 for never."""

    def __init__(self, status: int, message: str, *, hint: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.message, self.hint, self.retry_after = status, message, hint, retry_after

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to the status."""
        found = {"retry-after": str(self.retry_after)} if self.retry_after else {}
        return found | ({"www-authenticate": "Bearer"} if self.status == 401 else {})

    def body(self, details: Sequence[Mapping[str, Any]] = ()) -> bytes:
        """The JSON of the answer. `details` says which parts of a request are wrong, and why."""
        code = CODES.get(self.status, "refused")
        error = {"status": self.status, "code": code, "message": self.message, "hint": self.hint, "details": list(details)}
        return to_json({"error": error}).encode("utf-8", "backslashreplace")


FAILED = Refused(500, "the service failed on this request", hint="its log says why")
