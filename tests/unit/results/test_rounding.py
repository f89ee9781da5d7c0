"""Numbers with the decimals that they deserve."""

import pytest

from attnclf.results import share


@pytest.mark.parametrize(("rows", "text"), [(2, "0.93"), (99, "0.93"), (100, "0.931"), (9_999, "0.931"), (10_000, "0.9313")])
def test_a_share_has_the_decimals_that_its_rows_can_tell(rows: int, text: str) -> None:
    assert share(0.93126, rows) == text
