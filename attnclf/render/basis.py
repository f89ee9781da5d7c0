"""What a report rests on, in words that stand over its tables."""

from collections.abc import Sequence

from attnclf.render.captions import at_base_rate
from attnclf.results import Basis, counted


def lines(found: Basis, unit: str = "rows") -> list[str]:
    """The base rates that were asked for, and what was left out of the `unit`; none where every one counts as in training."""
    rates = [f"at the base rates that were asked for {at_base_rate(found.base_rates)}"] if found.base_rates else []
    of_rows = [(found.unknown_labels, f"{unit.removesuffix('s')} with an unknown label", f"{unit} with unknown labels")]
    of_accounts = [
        (found.nameless_rows, "row without an account", "rows without an account"),
        (found.mixed_accounts, "account with several labels", "accounts with several labels"),
    ]
    return [*rates, *_left_out("left out", of_rows), *_left_out("left out of the scores of accounts", of_accounts)]


def _left_out(what: str, counts: Sequence[tuple[int, str, str]]) -> list[str]:
    named = ", ".join(counted(*one) for one in counts if one[0])
    return [f"{what}: {named}"] if named else []
