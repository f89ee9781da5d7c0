"""What the README says of speed is what the page of measurements says, and no loss is left out on either."""

import re

import pytest

from tests.conftest import ROOT

# Each row of the README's table of speed: the group and measure of the page that it repeats.
SPEED = {
    ("predicting", "the same weights in Keras"): ("predict", "faster than Keras, times"),
    ("predicting", "TF-IDF of characters 1–5"): ("predict", "as fast as TF-IDF characters 1–5, times"),
    ("predicting", "TF-IDF of words 1–2"): ("predict", "as fast as TF-IDF words 1–2, times"),
    ("predicting", "fastText of words 1–2"): ("predict", "as fast as fastText words 1–2, times"),
    ("an epoch of training", "training TF-IDF of characters 1–5"): (
        "train",
        "an epoch as fast as TF-IDF characters 1–5 trains, times",
    ),
    ("evidence", "LIME"): ("explain", "evidence sooner than LIME, times"),
}


def section(path: str) -> str:
    """What stands under the heading `Speed` of a page."""
    return re.split(r"(?m)^## ", (ROOT / path).read_text(encoding="utf-8").split("\n## Speed\n")[1])[0]


def rows_of(path: str) -> list[list[str]]:
    """The rows of the table of speed of a page, without its heading."""
    rows = re.findall(r"^\| (.*) \|$", section(path), re.MULTILINE)
    return [row.split(" | ") for row in rows[1:]]


MEASURED = {(group, measure): value for group, measure, value in rows_of("docs/measurements.md")}
README = {(what, than): value for what, than, value in rows_of("README.md")}


def test_every_row_of_the_readme_has_its_measure() -> None:
    assert README.keys() == SPEED.keys()


@pytest.mark.parametrize("row", SPEED)
def test_speeds_of_the_readme_are_those_measured(row: tuple[str, str]) -> None:
    told, *loss = README[row].split(", ")
    measured = float(MEASURED[SPEED[row]].replace(",", ""))
    decimals = len(told.partition(".")[2])
    assert told == f"{measured:,.{decimals}f}"
    assert loss == (["a **loss**"] if measured < 1 else [])


@pytest.mark.parametrize(("group", "says"), [("predict", "These predict faster"), ("train", "These train in less time")])
def test_whatever_is_faster_stands_among_the_losses(group: str, says: str) -> None:
    listed = re.findall(rf"^\* {says}.*?: (.*)\.$", section("docs/measurements.md"), re.MULTILINE)
    beside = {
        match[1]: float(value.replace(",", ""))
        for (of, measure), value in MEASURED.items()
        if of == group and (match := re.fullmatch(r"(?:an epoch )?as fast as (.*?)(?: trains)?, times", measure))
    }
    assert [name for line in listed for name in line.split("; ")] == [name for name, value in beside.items() if value < 1]
