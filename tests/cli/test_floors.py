"""`--fail-under`: scores that a model must reach."""

from dataclasses import replace

import numpy as np
import pytest

from attnclf.cli.floors import check_floors, parse_floors
from attnclf.errors import ScoreTooLow, UsageError
from attnclf.scoring.metrics import report

HALF_RIGHT = report(["a", "b"], np.array([0, 1], np.int32), np.array([[0.9, 0.1], [0.8, 0.2]]))


def test_floors() -> None:
    check_floors(HALF_RIGHT, parse_floors(["accuracy=.5", "log_loss=1000"]))
    with pytest.raises(ScoreTooLow, match=r"accuracy is 0\.5000, below 1\.1; log_loss is .*, above 0"):
        check_floors(HALF_RIGHT, parse_floors(["accuracy=1.1", "log_loss=0"]))
    with pytest.raises(ScoreTooLow):
        check_floors(replace(HALF_RIGHT, macro_f1=float("nan")), parse_floors(["macro_f1=0"]))
    floors = parse_floors(["accuracy=.6", "accounts.accuracy=.6", "accounts.macro_f1=.1"])
    with pytest.raises(ScoreTooLow, match=r"^accuracy of posts is 0\.5000, below 0\.6\n"):
        check_floors(HALF_RIGHT, floors, replace(HALF_RIGHT, accuracy=0.7))
    with pytest.raises(ScoreTooLow, match=r"accounts\.accuracy was not measured; accounts\.macro_f1 was not"):
        check_floors(HALF_RIGHT, floors)
    with pytest.raises(ScoreTooLow, match="log_loss was not measured"):
        check_floors(replace(HALF_RIGHT, log_loss=None), parse_floors(["log_loss=1"]))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("macrof1=.8", "did you mean 'macro_f1'"),
        ("accuracy=high", "is not a number"),
        ("accuracy", "is missing"),
        ("accuracy=nan", "is not a number"),
    ],
)
def test_floors_that_make_no_sense(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_floors([text])
    assert says in str(caught.value)
