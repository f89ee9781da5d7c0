"""What a report rests on, in words that stand over its tables."""

from attnclf.render.captions import at_base_rate
from attnclf.results import Basis, counted


def lines(found: Basis) -> list[str]:
    """The base rates that were asked for, and what was left out; none where every row counts as in training."""
    rates = [f"at the base rates that were asked for {at_base_rate(found.base_rates)}"] if found.base_rates else []
    counts = [
        (found.unknown_labels, "row with an unknown label", "rows with unknown labels"),
        (found.nameless_rows, "row without an account, of accounts only", "rows without an account, of accounts only"),
        (found.mixed_accounts, "account with several labels", "accounts with several labels"),
    ]
    left_out = ", ".join(counted(*one) for one in counts if one[0])
    return rates + ([f"left out: {left_out}"] if left_out else [])
