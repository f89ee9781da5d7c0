"""What is varied: what nobody has chosen, and what makes sense for the texts."""

import pytest

from attnclf.config import Config
from attnclf.errors import UsageError
from attnclf.model.mechanisms import MECHANISMS
from attnclf.tuning import space
from attnclf.tuning.space import PARTS, Choice, Range, space_of

KOREAN = ["오늘 라떼 마셨다", "좋아요 정말 좋아요"]
CHINESE = ["今天我喝了一杯拿铁咖啡", "真的很好"]
MIXED = ["今天 the library again", "get 1000 followers 真的很好"]
NAMES = [part.name for part in PARTS]


def names_of(config: Config, given=(), texts=KOREAN) -> list[str]:
    return [part.name for part in space_of(config, given, texts).parts]


def test_the_default_is_within_and_is_the_default() -> None:
    found = space_of(Config(), (), KOREAN)
    assert found.default == {
        "size": "medium",
        "encoder": "bilstm",
        "attention": "additive",
        "learning_rate": 2e-3,
        "dropout": 0.5,
    }
    assert Config().override_flat(found.default) == Config()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_given_is_not_varied(name: str) -> None:
    assert name not in names_of(Config(), {name})
    assert len(names_of(Config(), {name})) == len(NAMES) - 1


@pytest.mark.parametrize("name", ["embedding", "units"])
def test_the_size_is_not_varied_where_one_of_its_numbers_is_given(name: str) -> None:
    """A size would replace the number that was given, if it is that of the default."""
    assert "size" not in names_of(Config(), {name})


def test_a_value_outside_is_not_varied() -> None:
    config = Config().override_flat({"size": "large", "dropout": 0.9})
    assert set(NAMES) - set(names_of(config)) == {"size", "dropout"}


def test_the_level_is_varied_where_both_make_sense() -> None:
    assert "level" in names_of(Config(), texts=MIXED)
    for texts in (KOREAN, CHINESE):
        assert "level" not in names_of(Config(), texts=texts)
    assert "level" not in names_of(Config().override_flat({"level": "word"}), texts=MIXED)
    assert space_of(Config(), (), MIXED).default["level"] in ("char", "word")


def test_values_with_which_nothing_can_be_built_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Choosy:
        @staticmethod
        def of(config, *sizes: object) -> None:
            if config.encoder == "window" or config.attention != "additive":
                raise UsageError("a window has no final state")

    monkeypatch.setattr(space, "Architecture", Choosy)
    parts = {part.name: part for part in space_of(Config(), (), KOREAN).parts}
    assert str(parts["encoder"]) == "bilstm, bigru, cnn"
    assert "attention" not in parts  # one value is no choice


def test_with_nothing_left_it_is_an_error() -> None:
    with pytest.raises(UsageError, match="nothing is left to search") as caught:
        space_of(Config(), set(NAMES), KOREAN)
    assert "`learning_rate`" in caught.value.hint


def test_no_search_costs_explanations() -> None:
    (attention,) = (part for part in PARTS if part.name == "attention")
    assert isinstance(attention, Choice)
    assert all(MECHANISMS.make(name, {}).can_be_aligned for name in attention.values)


class Proposes:
    """Stands where a trial of Optuna does."""

    def suggest_float(self, name: str, low: float, high: float, step: float | None = None, log: bool = False) -> float:
        return 0.30000000000000004 if step else 0.00123456

    def suggest_categorical(self, name: str, values: tuple[str, ...]) -> str:
        return values[-1]


def test_numbers_are_short_enough_to_be_typed() -> None:
    assert Range("dropout", 0.2, 0.7, 0.05).ask(Proposes()) == 0.3
    assert Range("learning_rate", 5e-4, 8e-3).ask(Proposes()) == 0.0012
    settings = space_of(Config(), (), KOREAN).ask(Proposes())
    assert settings == {
        "size": "small",
        "encoder": "window",
        "attention": "per_dimension",
        "learning_rate": 0.0012,
        "dropout": 0.3,
    }
    Config().override_flat(settings)  # within the ranges of settings
