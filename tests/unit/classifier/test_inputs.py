"""What `fit` takes for texts, labels and groups, and what it refuses."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attnclf import AttentionClassifier
from attnclf.data import Table
from attnclf.errors import UsageError
from tests.unit.classifier.conftest import FEW_ROWS

LABELS = ["fake", "real", "fake", "fake", "real", "real"] * 2
TEXTS = [f"{'get followers' if label == 'fake' else 'a latte'} {n}" for n, label in enumerate(LABELS)]
POSTS = pd.DataFrame({"account": [f"a{n % 4}" for n in range(12)], "text": TEXTS, "label": LABELS, "likes": range(12)})
pytestmark = pytest.mark.filterwarnings(FEW_ROWS)
LEFT_OUT = "column 'label' is left out, with the name or the values of y"


def chosen(tables: list[Table], x: Any, y: Any, groups: Any = None, **settings: Any) -> tuple[tuple[str, ...], list[str]]:
    """The columns of texts that training gets, and what is warned of them."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        AttentionClassifier(level="word", **settings).fit(x, y, groups)
    assert {one.filename for one in told} <= {__file__}
    return tables[-1].columns.text, [str(one.message) for one in told if "text_col" in str(one.message)]


@pytest.mark.parametrize("column", ["text", "label"])
@pytest.mark.parametrize("value", [12345, b"a", ["a"]])
def test_a_column_that_is_partly_strings_is_refused(value: Any, column: str) -> None:
    frame = POSTS.astype({column: object})
    frame.at[3, column] = value
    with pytest.raises(UsageError, match=rf"X, row 3: column '{column}' holds .*, and a text is a string") as refused:
        AttentionClassifier().fit(frame, np.arange(12) % 2)
    assert refused.value.hint == "make each text a string, or name the columns of texts with `text_col`"


def test_columns_that_were_chosen_are_told(tables: list[Table]) -> None:
    texts = POSTS[["text", "likes"]]
    assert chosen(tables, texts, LABELS) == (("text",), ["a text is the column 'text'; `text_col` names others"])
    for given in (
        {"x": POSTS[["text"]]},
        {"x": POSTS, "text_col": "text"},
        {"x": POSTS[["text", "account"]], "group_col": "account"},
    ):
        assert chosen(tables, y=LABELS, **given) == (("text",), [])


@pytest.mark.parametrize(
    "y",
    [
        POSTS["label"],
        LABELS,
        POSTS["label"] == "real",
        (POSTS["label"] == "real").to_numpy().astype(int),
        POSTS["label"].where(POSTS.index > 0, "shop"),  # the name is the same
    ],
    ids=["series", "values", "truth values", "numbers", "others"],
)
def test_the_labels_are_no_texts(tables: list[Table], y: Any) -> None:
    told = f"a text is the column 'text'; {LEFT_OUT}; `text_col` names others"
    assert chosen(tables, POSTS[["text", "label"]], y) == (("text",), [told])
    with pytest.raises(UsageError, match=rf"without a column of strings \(found: label, likes; {LEFT_OUT}\)"):
        AttentionClassifier().fit(POSTS[["label", "likes"]], y)


@pytest.mark.parametrize("y", [POSTS["text"].str.contains("get"), POSTS["text"].str.len().gt(9)], ids=["contains", "length"])
def test_what_was_made_of_the_texts_and_has_their_name_does_not_leave_them_out(tables: list[Table], y: Any) -> None:
    names, (told,) = chosen(tables, POSTS[["text", "account"]], y)
    assert (names, "left out" in told) == (("text", "account"), False)
    names, (told,) = chosen(tables, POSTS[["text", "account"]], LABELS, POSTS["text"].str[-1])
    assert (names, "left out" in told) == (("text", "account"), False)


@pytest.mark.parametrize(
    "groups",
    [
        POSTS["account"],
        POSTS["account"].tolist(),
        POSTS["account"] + " ",
        pd.factorize(POSTS["account"])[0],
        POSTS["account"].where(POSTS.index > 0, "b"),  # the name is the same
    ],
    ids=["series", "values", "blanks", "codes", "others"],
)
def test_the_groups_are_no_texts(tables: list[Table], groups: Any) -> None:
    names, (told,) = chosen(tables, POSTS, POSTS["label"], groups)
    assert names == ("text",)
    assert f"column 'account' is left out, with the name or the values of groups; {LEFT_OUT}" in told
    names, _ = chosen(tables, POSTS.assign(account=POSTS["account"] + " "), POSTS["label"], groups)
    assert names == ("text",)


def test_groups_of_one_row_each_are_not_taken_for_texts(tables: list[Table]) -> None:
    assert chosen(tables, POSTS[["text", "likes"]], LABELS, groups=range(12))[0] == ("text",)


def test_the_only_column_is_the_texts_whatever_it_says(tables: list[Table]) -> None:
    two = pd.DataFrame([["좋아요"], ["DM me"]] * 6)
    assert chosen(tables, two, pd.Series(["fake", "real"] * 6, name=0)) == (("0",), [])


def test_columns_without_names_are_not_taken_for_labels(tables: list[Table]) -> None:
    assert chosen(tables, POSTS[["text", "likes"]].set_axis([0, 1], axis=1), pd.Series(LABELS, name=0))[0] == ("0",)


def test_a_column_that_stands_twice_is_refused_in_its_words() -> None:
    frame = POSTS[["text", "text", "likes"]]
    with pytest.raises(
        UsageError, match=r"texts is a DataFrame with several columns 'text'\n.*rename or drop all but one"
    ) as refused:
        AttentionClassifier().fit(frame, LABELS)
    assert "text_col" not in str(refused.value)


def test_other_groups_than_those_of_the_column_are_refused(tables: list[Table]) -> None:
    clf = AttentionClassifier(level="word", group_col="account", text_col="text")
    with pytest.raises(UsageError, match="groups are given, and X has the column 'account', which `group_col` names"):
        clf.fit(POSTS, LABELS, groups=POSTS["likes"])
    clf.fit(POSTS[["text"]], LABELS, groups=POSTS["account"])  # which the setting names, for a table to predict
    clf.fit(POSTS, LABELS, groups=POSTS["account"].to_numpy())  # a loaded classifier names its column
    for table in tables:
        assert (table.groups, table.columns.group) == (POSTS["account"].tolist(), "account")


def test_what_is_missing_in_a_list_is_refused_and_arrow_is_read(tables: list[Table]) -> None:
    for missing in (None, float("nan"), pd.NA):
        with pytest.raises(UsageError, match=r"texts\[11\] is .*, not a string\n.*replace what is missing by ''"):
            AttentionClassifier().fit([*TEXTS[:-1], missing], LABELS)
    AttentionClassifier(level="word").fit(pa.array(TEXTS), pa.array(LABELS), groups=pa.array(POSTS["account"]))
    assert (tables[0].texts, tables[0].labels, tables[0].groups) == (TEXTS, LABELS, POSTS["account"].tolist())
