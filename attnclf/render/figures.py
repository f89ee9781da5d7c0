"""Numbers as explanations show them, with a real minus."""


def signed(number: float) -> str:
    """A signed number with two decimals and a real minus: +0.42, −1.10."""
    return f"{number:+.2f}".replace("-", "−")


def sum_as_shown(*parts: str) -> str:
    """The sum of numbers as `signed` shows them, so that it is right to the last decimal; it may miss the true sum by one."""
    return signed(sum(float(part.replace("−", "-")) for part in parts))


def short(number: float) -> str:
    """Two decimals, or one significant digit if two decimals would show 0."""
    return f"{number:.2f}" if number >= 0.005 else f"{number:.1g}"
