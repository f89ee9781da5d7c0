"""How numbers are written: with the decimals that they deserve, and with the right noun."""

from attnclf.results.measured import Interval


def decimals(rows: int) -> int:
    """Of a share of so many rows, such as accuracy: the last one is of the size of its standard error, or a little finer."""
    return 2 if rows < 100 else 3 if rows < 10_000 else 4


def share(value: float, rows: int) -> str:
    """A share of `rows` rows with the decimals that they can tell: `0.93` of 50, `0.931` of 500."""
    return f"{value:.{decimals(rows)}f}"


def loss(value: float | None, rows: int) -> str:
    """A loss over `rows` rows: with the decimals of a share, or two digits where those would show too little of it.

    "–" where there is none.
    """
    if value is None:
        return "–"
    small = 0 < value < 10.0 ** (1 - decimals(rows))
    return f"{value:.2g}" if small else share(value, rows)


def with_interval(value: Interval | None, rows: int) -> str:
    """`0.93 (0.85–0.97)`, with the decimals that so many rows can tell; `0.93 (–)` without an interval, "–" without both."""
    if value is None:
        return "–"
    mean, low, high = share(value.mean, rows), value.low, value.high
    if low is None or high is None or low == high:  # older models keep intervals without width
        return f"{mean} (–)"
    return f"{mean} ({share(low, rows)}–{share(high, rows)})"


def counted(count: int, one: str, many: str) -> str:
    """`1 text is` or `1,200 texts are`."""
    return f"{count:,} {one if count == 1 else many}"
