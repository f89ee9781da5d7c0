"""Posts of one account as one text, and whether the rows of accounts stand together."""

import pytest

from attnclf.config import Config, DataConfig
from attnclf.data import Columns, Table, by_account, stand_together, texts_of_accounts
from attnclf.data.accounts import FIRST_LOOK, joined
from attnclf.data.columns import choose_columns
from attnclf.errors import DataError, UsageError
from attnclf.explain.removal import without
from attnclf.training.preparation import accounts_of

COLUMNS = Columns(("text",), "label", "who")
TABLE = Table(["a b", "c\n d", "e", "f"], ["x", "y", "x", "y"], ["1", "2", "1", "2"], "t.csv", COLUMNS)


def test_posts_of_an_account_become_its_lines() -> None:
    accounts = by_account(TABLE)
    assert accounts.texts == ["a b\ne", "c d\nf"]
    assert accounts.labels == ["x", "y"]
    assert accounts.groups == []
    assert joined(["", "a\r\nb"]) == "\na b"


def test_an_account_with_two_labels_is_an_error() -> None:
    table = Table(["a", "b"], ["x", "y"], ["1", "1"], "t.csv", COLUMNS)
    with pytest.raises(DataError, match="'1' in column 'who' is labelled 'x' and 'y'"):
        by_account(table)


def test_only_a_hierarchical_encoder_with_groups_judges_accounts() -> None:
    hierarchical = Config().override({"model": {"encoder": "hierarchical"}})
    plain = Table(TABLE.texts, TABLE.labels, [], "t.csv", COLUMNS)
    heard: list[object] = []
    assert accounts_of(TABLE, None, Config(), heard.append)[2].text.sentences == "none"
    assert accounts_of(plain, None, hierarchical, heard.append)[2].text.sentences == "marks"
    assert not heard
    table, valid, config = accounts_of(TABLE, TABLE, hierarchical, heard.append)
    assert (len(table.texts), len(valid.texts), config.text.sentences) == (2, 2, "lines")  # type: ignore[union-attr]
    assert "4 rows of 2 accounts" in str(heard)


def test_what_ends_a_sentence_is_not_chosen_by_hand() -> None:
    plain = Table(TABLE.texts, TABLE.labels, [], "t.csv", COLUMNS)
    by_line = Config().override({"text": {"sentences": "lines"}})
    with pytest.raises(UsageError, match="is 'lines', but this encoder and these columns need 'none'"):
        accounts_of(plain, None, by_line, lambda event: None)
    with pytest.raises(UsageError, match="is 'lines', but this encoder and these columns need 'marks'"):
        accounts_of(plain, None, by_line.override({"model": {"encoder": "hierarchical"}}), lambda event: None)


def test_a_row_of_nobody_s_stands_for_itself() -> None:
    table = Table(["a", "b", "c", "d"], ["x", "y", "x", "x"], ["", "", "1", "1"], "t.csv", COLUMNS)
    assert by_account(table).texts == ["a", "b", "c\nd"]


def test_the_column_of_accounts_is_remembered_where_a_file_has_it() -> None:
    assert choose_columns(["text", "who"], DataConfig(), "t.csv", COLUMNS, labelled=False).group == "who"
    assert choose_columns(["text"], DataConfig(), "t.csv", COLUMNS, labelled=False).group == ""


def test_no_column_is_guessed_that_has_another_role() -> None:
    with pytest.raises(DataError, match=r"which column holds the text\? no name says so \(found: who\)"):
        choose_columns(["who"], DataConfig(), "t.csv", COLUMNS, labelled=False)
    assert choose_columns(["title", "body"], DataConfig(group_col="title"), "t.csv", labelled=False).text == ("body",)
    asked = DataConfig(text_col=("body",), group_col="label")
    with pytest.raises(DataError, match=r"the label\? no name says so, and 'label' is named for group \(found: body, label\)"):
        choose_columns(["body", "label"], asked, "t.csv")
    named = choose_columns(["who"], DataConfig(text_col=("who",)), "t.csv", COLUMNS, labelled=False)
    assert (named.text, named.group) == (("who",), "")
    with pytest.raises(DataError, match="the column 'body' is named twice for text") as caught:
        choose_columns(["body", "who"], DataConfig(text_col=("body", "body")), "t.csv", COLUMNS, labelled=False)
    assert caught.value.hint == "name others with `text_col`"


def test_deleting_a_word_never_joins_two_posts() -> None:
    assert without("a b\nc d", [(2, 3)]) == "a \nc d"
    assert without("a\nb", [(2, 3)]) == "a\n"
    assert without("a b c", [(2, 3)]) == "a c"


@pytest.mark.parametrize(
    ("accounts", "together"),
    [
        ("", True),
        ("aaabbc", True),
        ("aba", False),
        ("  aa b ", True),  # a blank is a row of nobody's here, and may stand anywhere
        ("a a", False),  # but not among the rows of an account
    ],
)
def test_accounts_stand_together_or_come_back(accounts: str, together: bool) -> None:
    assert stand_together(account.strip() for account in accounts) is together


def test_many_accounts_are_told_apart() -> None:
    names = [f"user {number}" for number in range(3 * FIRST_LOOK)]
    assert stand_together(name for name in names for _ in range(3))
    assert not stand_together([*names, names[0]])


def test_a_table_in_no_order_is_known_early() -> None:
    names = iter([f"user {number % 5}" for number in range(10 * FIRST_LOOK)])
    assert not stand_together(names)
    assert len(list(names)) == 9 * FIRST_LOOK


def test_each_post_has_all_posts_of_its_account_for_a_text() -> None:
    assert texts_of_accounts(["a\nb", "c", "d", "e\nf"], ["ann", "bob", "ann", ""]) == ["a b\nd", "c", "a b\nd", "e f"]
