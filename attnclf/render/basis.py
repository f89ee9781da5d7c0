"""What a report rests on, in words that stand over its tables."""

from collections.abc import Mapping, Sequence

from attnclf.results import Basis, counted
from attnclf.visible import visible


def lines(found: Basis, unit: str = "rows") -> list[str]:
    """The base rates that were asked for, and what was left out of the `unit`; none where every one counts as in training."""
    rates = [f"at the base rates that were asked for: {rates_in_words(found.base_rates)}"] if found.base_rates else []
    of_rows = [(found.unknown_labels, f"{unit.removesuffix('s')} with an unknown label", f"{unit} with unknown labels")]
    of_accounts = [
        (found.nameless_rows, "row without an account", "rows without an account"),
        (found.mixed_accounts, "account with several labels", "accounts with several labels"),
    ]
    return [*rates, *_left_out("left out", of_rows), *_left_out("left out of the scores of accounts", of_accounts)]


def rates_in_words(rates: Mapping[str, float], most: int = 5) -> str:
    """Base rates in words: `fake 0.02, real 0.98`."""
    named = ", ".join(f"{visible(label)} {rate:.3g}" for label, rate in list(rates.items())[:most])
    return f"{named}{', …' if len(rates) > most else ''}"


def _left_out(what: str, counts: Sequence[tuple[int, str, str]]) -> list[str]:
    named = ", ".join(counted(*one) for one in counts if one[0])
    return [f"{what}: {named}"] if named else []
