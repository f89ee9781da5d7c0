"""Which process this is comes from the environment, and what makes no sense there is one clear error."""

import pytest

from attnclf import processes
from attnclf.errors import UsageError
from attnclf.processes import ADDRESSES, BACKEND, NUMBER, RANK, Place

SET = {ADDRESSES: "10.0.0.1:1234", NUMBER: "4", RANK: "3", BACKEND: "jax"}


@pytest.fixture(autouse=True)
def jax_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.importlib.util, "find_spec", lambda name: object())


def test_without_the_variables_a_process_is_by_itself() -> None:
    place = Place.of({BACKEND: "tensorflow", NUMBER: ""})
    assert place == Place()
    assert place.leads and not place.together


def test_the_variables_give_the_place() -> None:
    assert Place.of(SET) == Place(3, 4, together=True)
    assert not Place.of(SET).leads
    assert Place.of(SET | {RANK: "0"}).leads


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({RANK: ""}, f"{RANK} not"),
        ({RANK: "", ADDRESSES: ""}, f"{ADDRESSES} and {RANK} not"),
        ({RANK: "4"}, f"{RANK} is 4"),
        ({RANK: "-1"}, "'-1'"),
        ({NUMBER: "two"}, "'two'"),
        ({NUMBER: "0", RANK: "0"}, f"{NUMBER} 0"),
        ({BACKEND: ""}, "back end is tensorflow"),
        ({BACKEND: "torch"}, "back end is torch"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Place.of(SET | changed)


def test_another_back_end_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError) as error:
        processes.require_jax({})
    assert "KERAS_BACKEND=jax" in error.value.hint and "pip install 'attnclf[jax]'" in error.value.hint
    monkeypatch.setattr(processes.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="JAX is not installed"):
        processes.require_jax({BACKEND: "jax"})
