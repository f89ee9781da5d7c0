"""Findings with the right numbers, places and severities, and none where there is nothing to find."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.checking import check, findings, refuse
from attnclf.checking.tables import Tables
from attnclf.config import DataConfig, TextConfig
from attnclf.data import Columns, Table, read_table
from attnclf.errors import DataError
from attnclf.results import Finding, Place, at_least

SCOTLAND = "🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"
WORDS = TextConfig(level="word")
NOUNS = ["apple", "bread", "cheese", "door", "engine", "floor", "garden", "house", "island", "jacket", "kitchen", "lamp"]


def table(
    texts: Sequence[str], labels: Sequence[str], groups: Sequence[str] = (), name: str = "t.csv", **others: list[str]
) -> Table:
    columns = Columns(("text",), "label", "account" if groups else "")
    rows = range(2, len(texts) + 2)
    return Table(list(texts), list(labels), list(groups), name, columns, lines=rows, others=others)


def plain(count: int, start: int = 0) -> list[str]:
    """Texts that all differ, in one script, each of two words."""
    return [f"{NOUNS[n % 12]} {NOUNS[n // 12 % 12]}{n // 144 or ''}" for n in range(start, start + count)]


def found(*tables: Table | None, config: TextConfig = WORDS) -> dict[str, Finding]:
    return {finding.kind: finding for finding in findings(Tables(*tables), config)}  # type: ignore[arg-type]


def test_nothing_is_found_where_nothing_is_odd() -> None:
    train = table(plain(60), ["x", "y"] * 30)
    assert found(train, table(plain(20, 60), ["x", "y"] * 10), table(plain(20, 80), ["x", "y"] * 10)) == {}


def test_near_equal_labels() -> None:
    finding = found(table(plain(5), ["spam", "spam", "spam", "Spam", "ham"]))["near-equal-labels"]
    assert (finding.severity, finding.count) == ("warning", 1)
    assert finding.message.startswith("'spam' (3 rows) and 'Spam' (1 row) differ in case, width, blanks")
    assert [example.place for example in finding.examples] == [Place("t.csv", 5)]


def test_labels_that_are_how_a_missing_value_is_written() -> None:
    finding = found(table(plain(30), ["x", "y", "NaN"] * 10))["missing-labels"]
    assert (finding.severity, finding.count, finding.examples[0].place.line) == ("warning", 10, 4)
    said = "10 rows have a label that looks like a mark of a missing value ('NaN'): read as a label like others"
    assert finding.message == said
    meant = found(table(plain(30), ["x", "y", "none"] * 10))["missing-labels"]  # hateful, offensive, none
    assert meant.severity == "note"
    assert meant.advice.endswith("unless such a label is meant")
    regions = found(table(plain(30), ["EU", "NA", "KR"] * 10))["missing-labels"]
    assert regions.severity == "note"


@pytest.mark.parametrize("label", ["a,b", "b | a", "a;b", "['a', 'b']", "['a']", '["a"]', "[1, 2]", "('a', 'b')", "{'a'}"])
def test_several_labels_in_one_cell(label: str) -> None:
    finding = found(table(plain(40), ["a", "b", label, "c"] * 10))["several-labels"]
    assert (finding.severity, finding.count) == ("warning", 10)
    assert finding.message.startswith(f"1 label looks like several in one cell: '{label}'; each cell counts as one label")


def test_several_labels_of_which_some_never_stand_alone() -> None:
    finding = found(table(plain(40), ["a", "b", "a,b", "b,c"] * 10))["several-labels"]
    assert finding.message.startswith("2 labels look like several in one cell: 'a,b', 'b,c'; each")


def test_labels_with_separators_that_are_one() -> None:
    assert "several-labels" not in found(table(plain(40), ["a", "a, or others", "[INFO]", "(b, c)"] * 10))


@pytest.mark.parametrize(
    "labels, said",
    [
        ([str(n % 30 / 10) for n in range(90)], "30 labels are all numbers, and not all whole: '0.0', '0.1', '0.2'"),
        ([f"2024-01-{n % 28 + 1:02d}" for n in range(90)], "28 labels are all dates: '2024-01-01', '2024-01-02'"),
        ([f"{n % 28 + 1}.1.2024" for n in range(90)], "28 labels are all dates: '1.1.2024'"),
        ([f"2024년 1월 {n % 28 + 1}일" for n in range(90)], "28 labels are all dates: '2024년 1월 1일'"),
        ([f"u{n}" for n in range(90)], "90 labels stand in 90 rows, as names or ids do: 'u0', 'u1'"),
    ],
)
def test_labels_that_are_measurements_or_ids(labels: list[str], said: str) -> None:
    kinds = found(table(plain(90), labels))
    (finding,) = (kinds[kind] for kind in kinds if kind.startswith("labels-like-"))
    assert (finding.severity, finding.count) == ("warning", 90)
    assert finding.message.startswith(said)
    assert "a classifier treats each as a label of its own" in finding.message
    assert not {"rare-labels", "single-row-labels"} & set(kinds)  # whose advice is to add rows


@pytest.mark.parametrize("labels", [[str(n) for n in range(30)], [f"{n}.0" for n in range(30)], ["0.5", "1.5"]])
def test_labels_that_are_numbers_of_classes(labels: list[str]) -> None:
    kinds = found(table(plain(120), labels * (120 // len(labels))))
    assert not {kind for kind in kinds if kind.startswith("labels-like-")}


def test_rare_labels() -> None:
    kinds = found(table(plain(26), [*"xxxxxxxxxx", *"yyyyyyyyyyyy", *"zzz", "w"]))
    assert kinds["single-row-labels"].severity == "warning"
    assert kinds["single-row-labels"].examples[0].place.line == 27
    assert (kinds["rare-labels"].severity, kinds["rare-labels"].count) == ("note", 3)
    assert kinds["rare-labels"].message == "1 label has fewer than 10 rows: 'z'"


def test_a_single_label_is_an_error() -> None:
    assert found(table(plain(3), "xxx"))["single-label"].severity == "error"


def test_labels_that_training_does_not_have() -> None:
    train = table(plain(20), ["x", "y"] * 10)
    kinds = found(train, table(["a"], ["z"], name="v.csv"), table(["b", "c"], ["w", "z"], name="e.csv"))
    assert [kinds[f"unknown-labels-{role}"].severity for role in ("valid", "test")] == ["error", "warning"]
    assert kinds["unknown-labels-valid"].examples[0].place == Place("v.csv", 2)
    assert kinds["unknown-labels-test"].message == "2 test rows have labels that no training row has: 'w', 'z'"
    assert not any(kind.startswith("missing-labels") for kind in kinds)  # which would be said of the same rows


def test_labels_that_no_validation_row_has() -> None:
    train = table(plain(21), [*["x", "y"] * 10, "z"])
    kinds = found(train, table(plain(9, 30), "x" * 9, name="v.csv"), table(plain(9, 40), "xyx" * 3, name="e.csv"))
    assert [kinds[f"missing-labels-{role}"].severity for role in ("valid", "test")] == ["warning", "note"]
    assert kinds["missing-labels-valid"].message == "2 labels have no validation row: 'y', 'z'"
    assert kinds["missing-labels-test"].message == "1 label has no test row: 'z'"
    assert kinds["single-row-labels"].message == "1 label has a single row to train on: 'z'"


def test_empty_and_missing_texts() -> None:
    texts = ["", "  \t", "NaN", "null", "none of these", *plain(20)]
    kinds = found(table(texts, ["x", "y"] * 12 + ["x"]))
    assert (kinds["empty-texts"].severity, kinds["empty-texts"].count) == ("warning", 2)
    assert kinds["missing-texts"].count == 2
    assert [example.place.line for example in kinds["missing-texts"].examples] == [4, 5]
    assert found(table(["", " "], "xy"))["empty-texts"].severity == "error"


def test_one_word_that_may_be_meant_is_not_missing() -> None:
    assert "missing-texts" not in found(table(["none", *plain(9)], ["x", "y"] * 5))


@pytest.mark.parametrize("text", ["pro\u200bfit now", "수\u3164익", "a\u00adb", "보\u200c장", "x\u202ey"])
def test_characters_that_hide(text: str) -> None:
    finding = found(table([text, *plain(9)], ["x", "y"] * 5))["hidden-characters"]
    assert (finding.count, finding.examples[0].place.line) == (1, 2)


def test_characters_that_hide_are_named_in_their_order() -> None:
    hidden = "\ufeff\u3164\u2066\u202e\u200b\u00ad"
    message = found(table([f"so{hidden}good", *plain(9)], ["x", "y"] * 5))["hidden-characters"].message
    assert re.findall(r"U\+[0-9A-F]+", message) == ["U+00AD", "U+200B", "U+202E"]
    assert message.endswith(" and 3 more")


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d💻 works",
        SCOTLAND,
        "می\u200cخواهم",
        "two\nlines\there",
        "plain",
    ],
)
def test_what_shows_or_joins_does_not_hide(text: str) -> None:
    assert "hidden-characters" not in found(table([text, *plain(9)], ["x", "y"] * 5))


def test_values_over_lines() -> None:
    finding = found(table(["a\nb", "c\nd\ne", *plain(8)], ["x", "y"] * 5))["values-over-lines"]
    assert finding.message == "2 texts span several lines (20.0 %), the longest 3"
    assert [example.place.line for example in finding.examples] == [3, 2]


def test_repeats_and_contradictions_name_both_places() -> None:
    kinds = found(table(["So good", "so  good ", "bad", "fine", "awful", "so good"], "xxyxyy"))
    assert (kinds["repeats"].severity, kinds["repeats"].count) == ("note", 2)
    assert [(example.place.line, example.remark) for example in kinds["repeats"].examples] == [
        (3, "as in t.csv:2"),
        (7, "as in t.csv:2"),
    ]
    assert (kinds["contradictions"].severity, kinds["contradictions"].count) == ("warning", 3)
    assert [example.place.line for example in kinds["contradictions"].examples] == [2, 7]


def test_overlap_between_all_files() -> None:
    train = table(["a", "b", *plain(18)], ["x", "y"] * 10)
    kinds = found(train, table(["A", "q"], "yx", name="v.csv"), table(["q", "r", "b"], "xyy", name="e.csv"))
    first = kinds["shared-texts-train-valid"]
    assert first.message.startswith("1 of 2 validation rows has a text that stands in the training rows too")
    assert first.message.endswith("1 has another label there")
    assert first.examples[0].place == Place("v.csv", 2)
    assert "t.csv:2" in first.examples[0].remark
    assert kinds["shared-texts-train-test"].count == 1
    assert "another label" not in kinds["shared-texts-train-test"].message
    assert kinds["shared-texts-valid-test"].message == "1 of 3 test rows has a text that stands in the validation rows too"


def test_accounts_on_both_sides() -> None:
    train = table(plain(4), "xyxy", ["ann", "bob", "ann", ""])
    valid = table(plain(4, 4), "xyxy", ["bob", "cem", "bob", ""], name="v.csv")
    finding = found(train, valid)["shared-accounts-train-valid"]
    assert finding.count == 2
    assert finding.message.startswith("1 value of 'account' stands in both the training and the validation rows, in 2 of 4")
    assert finding.examples[0].remark == "as in t.csv:3"


def test_accounts_with_several_labels_and_rows_without_one() -> None:
    train = table(plain(6), "xyxxyy", ["ann", "ann", "ann", "bob", "", "cem"])
    kinds = found(train, table(plain(2, 6), "xy", ["dan", "dan"], name="v.csv"))
    assert (kinds["mixed-accounts"].severity, kinds["mixed-accounts"].count) == ("warning", 3)
    assert kinds["mixed-accounts"].message == "1 account has several labels, such as 'ann'"
    assert kinds["mixed-accounts"].examples[0].remark == "x 2, y 1"
    assert kinds["mixed-accounts-valid"].message == "1 account of the validation rows has several labels, such as 'dan'"
    assert kinds["rows-without-account"].message == "1 row names no account in column 'account'"
    assert kinds["rows-without-account"].examples[0].place.line == 6


def test_a_file_without_the_column_of_accounts() -> None:
    finding = found(table(plain(4), "xyxy", ["ann", "bob", "ann", "bob"]), None, table(plain(2, 4), "xy", name="e.csv"))
    assert finding["accounts-not-compared-test"].message == "e.csv has no column 'account': its accounts are not compared"


def test_advice_on_repeats_is_that_of_the_split() -> None:
    texts, labels = ["same", "same", *plain(4)], "xxyyxy"
    assert found(table(texts, labels))["repeats"].advice.endswith("equal texts stay on one side of the split")
    by_account = found(table(texts, labels, list("abcdef")))["repeats"]
    assert by_account.advice.endswith("equal texts of two accounts may stand on both sides of the split")


def test_texts_that_are_cut_at_the_chosen_length() -> None:
    config = replace(WORDS, max_length=4)
    finding = found(table(["a b c d e f", "a b c d", *["a b"] * 8], ["x", "y"] * 5), config=config)["cut-texts"]
    assert (finding.severity, finding.count) == ("note", 1)  # the linear model reads them
    reads = "the network reads the first 2 and the last 2 of them"
    assert finding.message == f"1 text (10.0 %) has more than 4 words; {reads}, and leaves out 7.7 % of all words"
    assert finding.advice == "`max_length=6` has it read all of the longest text; the linear model reads all in any case"
    shorter = found(table(["a b c d e f", *["a b"] * 9], ["x", "y"] * 5), config=replace(config, longest=5))["cut-texts"]
    assert shorter.message.endswith("; what comes after token 5 is not read at all")
    assert shorter.advice == "split texts of more than 5 words"
    by_character = found(table(["가나다라마바사", *["가나"] * 9], ["x", "y"] * 5), config=replace(config, level="char"))
    assert by_character["cut-texts"].severity == "warning"
    assert "3 % of all characters" not in by_character["cut-texts"].message
    assert by_character["cut-texts"].message.endswith("12.0 % of all characters")
    assert "cut-texts" not in found(table(["a b c d", *plain(9)], ["x", "y"] * 5), config=config)


def test_scripts_and_languages() -> None:
    korean = [f"오늘은 {n}번째 날씨가 좋다" for n in range(10)]
    english = [f"this is the number {n} of my list" for n in range(10)]
    kinds = found(table([*korean, *english], ["x", "y"] * 10))
    assert kinds["mixed-scripts"].severity == "note"
    assert kinds["mixed-scripts"].message.startswith("letters are Latin")
    assert kinds["mixed-languages"].message == "texts are in Korean (50%), English (50%)"
    short = [f"ok {n}" for n in range(20)]
    kinds = found(table([*korean, *english, *short], ["x", "y"] * 20))
    said = "texts are in Korean (25%), English (25%); the language of 50% cannot be told"
    assert kinds["mixed-languages"].message == said
    kinds = found(table(english, ["x", "y"] * 5), table(korean, ["x", "y"] * 5, name="v.csv"))
    assert kinds["unmet-script-valid"].severity == "warning"
    assert "of the validation rows are Hangul" in kinds["unmet-script-valid"].message
    assert "mixed-scripts" not in kinds


def test_japanese_is_one_language_in_two_scripts() -> None:
    kinds = found(table([f"この映画は第{n}回" for n in range(10)], ["x", "y"] * 5))
    assert not {"mixed-scripts", "mixed-languages"} & set(kinds)


def test_letters_that_look_alike() -> None:
    assert "lookalike-letters" not in found(table(["7.8\u03bcs and e^\u03c0i", *plain(9)], ["x", "y"] * 5))
    assert found(table(["fr\u0435e money", *plain(9)], ["x", "y"] * 5))["lookalike-letters"].count == 1


def test_columns_that_give_the_label_away() -> None:
    labels = ["x", "y"] * 20
    columns = {
        "code": ["0", "1"] * 20,
        "deleted": ["", "2020-01-01"] * 20,
        "score": [str(n if n % 2 else n + 1000) for n in range(40)],
        "harmless": [str(n % 7) for n in range(40)],
        "constant": ["a"] * 40,
    }
    messages = [
        f.message for f in findings(Tables(table(plain(40), labels, **columns)), WORDS) if f.kind == "column-gives-label"
    ]
    assert sorted(message.split("'")[1] for message in messages) == ["code", "deleted", "score"]


def test_a_gap_gives_the_label_away_where_values_do_not_repeat() -> None:
    deleted = ["" if n % 2 else f"day {n}" for n in range(40)]
    message = found(table(plain(40), ["x", "y"] * 20, deleted=deleted))["column-gives-label"].message
    assert message == "column 'deleted' gives the label away: whether it is empty tells it in 100.0 % of the rows"


def guessed(texts: Sequence[str], role: str = "text", column: str = "text", **others: list[str]) -> Finding | None:
    one = table(texts, ["x", "y"] * (len(texts) // 2), **others)
    return found(replace(one, columns=replace(one.columns, text=(column,), guessed=(role,)))).get("guessed-text-column")


def test_a_guessed_column_of_texts_beside_one_with_longer_texts() -> None:
    bodies = [f"{text} and much more of what somebody wrote" for text in plain(40)]
    for column, severity in (("text", "note"), ("Title", "warning")):  # a name that says it, and one of another part
        finding = guessed(plain(40), column=column, name=plain(40), body=bodies)
        assert finding is not None
        said = f"column '{column}' was guessed to hold the texts; column 'body', which is not read, holds longer ones"
        assert (finding.severity, finding.message, finding.examples[0].text) == (severity, said, bodies[0])
    assert guessed(plain(40), role="label", body=bodies) is None  # named
    korean = [f"{'이문장은띄어쓰기가없지만훨씬더길고서로다르다' * 2}{n}번째" for n in range(40)]
    assert guessed(plain(40), korean=korean) is not None


@pytest.mark.parametrize(
    "values",
    [
        [f"https://example.org/a/very/long/address/of/a/page/{n}" for n in range(40)],
        [f"{{'key': 'a record of many words', 'other': {n}}}" for n in range(40)],
        [f"2024-01-01 10:00:{n:02d} and 2024-01-02 10:00:00" for n in range(40)],
        ["the same few words on each of the accounts, however long they are"] * 40,
        [f"서울특별시 강남구 테헤란로 {n}길 삼성타워" for n in range(40)],
        [f"International Holdings Limited {n}" for n in range(40)],
    ],
)
def test_other_columns_that_are_no_texts(values: list[str]) -> None:
    assert guessed(plain(40), other=values) is None


def test_a_guessed_column_of_texts_without_texts() -> None:
    numbers, empty = guessed([str(n) for n in range(40)]), guessed([*plain(4), *[" "] * 36])
    assert numbers is not None
    assert numbers.message == "column 'text' was guessed to hold the texts, and holds a number in 100.0 % of the rows"
    assert empty is not None
    assert empty.message == "column 'text' was guessed to hold the texts, and is empty in 90.0 % of the rows"
    assert guessed(["nan", "1 of 2", *plain(38)]) is None


def test_rows_in_the_order_of_their_labels() -> None:
    finding = found(table(plain(40), ["x"] * 20 + ["y"] * 20))["rows-in-order-of-labels"]
    assert finding.message.startswith("the rows are in the order of their labels, in part: the label changes 1 times")
    assert finding.examples[0].place.line == 22


def test_rows_of_one_account_in_a_row_are_in_no_order() -> None:
    labels = [label for n in range(12) for label in ("xxxxx" if n % 2 else "yyyyy")]
    groups = [f"account {n // 5}" for n in range(60)]
    assert "rows-in-order-of-labels" in found(table(plain(60), labels))
    assert "rows-in-order-of-labels" not in found(table(plain(60), labels, groups))


def test_a_word_that_gives_the_label_away() -> None:
    texts = [f"{text} Sent-by-bot" if n % 2 else text for n, text in enumerate(plain(80))]
    kinds = found(table(texts, ["human", "fake"] * 40))
    assert (
        "gives the label 'fake' away: it stands in 100.0% of its texts and 0.0% of the others"
        in kinds["word-gives-label"].message
    )
    named = [f"label: spam {text}" if n % 6 == 1 else text for n, text in enumerate(plain(120))]
    message = found(table(named, ["ham", "spam"] * 60))["word-gives-label"].message
    assert message == "the name of the label 'spam' stands in 33.3% of its texts and 0.0% of the others"


def test_of_words_that_tell_as_much_the_first_in_the_alphabet_is_named() -> None:
    signs = " ".join(f"sign{letter}" for letter in "zyxwvutsrqponmlkjihgfedcba")
    texts = [f"{text} {signs}" if n % 2 else text for n, text in enumerate(plain(80))]
    assert "the word 'signa' gives" in found(table(texts, ["human", "fake"] * 40))["word-gives-label"].message


def test_findings_stand_by_severity_then_by_count() -> None:
    texts = ["", "", "", "a\u200bb", *plain(6)]
    ranks = [(finding.severity, finding.count) for finding in findings(Tables(table(texts, "xxxxxxxxxx")), WORDS)]
    assert [severity for severity, _ in ranks] == sorted((s for s, _ in ranks), key=["error", "warning", "note"].index)
    assert [count for severity, count in ranks if severity == "warning"] == [3, 1]


def test_strict_names_what_is_too_bad() -> None:
    found_here = findings(Tables(table(["", *plain(9)], ["x", "y"] * 5)), WORDS)
    assert [finding.kind for finding in at_least(found_here, "warning")] == ["empty-texts"]
    refuse(found_here, "error")
    with pytest.raises(DataError, match="1 finding of severity warning or worse: empty-texts"):
        refuse(found_here, "warning")


def test_places_are_lines_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label,more\n"a\nb",x,1\nc,y,2\n', encoding="utf-8")
    (tmp_path / "b.csv").write_text("label,text,extra,more\nx,d,q,3\n", encoding="utf-8")
    rows = read_table([tmp_path / "a.csv", tmp_path / "b.csv"], DataConfig(), keep_others=True)
    assert [(Path(place.file).name, place.line) for place in map(rows.place, range(3))] == [
        ("a.csv", 3),
        ("a.csv", 4),
        ("b.csv", 2),
    ]
    assert rows.others == {"more": ["1", "2", "3"]}
    assert rows.rows([2]).place(0).line == 2
    assert rows.rows([2]).others == {"more": ["3"]}
    assert read_table([tmp_path / "a.csv"], DataConfig()).others == {}
    few = read_table([tmp_path / "a.csv"], DataConfig(), keep_others=True, others_until=2)
    assert few.others == {"more": ["1", "2"]}
    many = read_table([tmp_path / "a.csv"], DataConfig(), keep_others=True, others_until=1)
    assert many.others == {}
    said = "other columns were not looked at (more than 1 rows); attnclf check does"
    assert [said in table.remarks for table in (few, many)] == [False, True]
    (tmp_path / "c.csv").write_text("text,label\na,x\nc,y\n", encoding="utf-8")
    assert read_table([tmp_path / "c.csv"], DataConfig(), keep_others=True, others_until=1).remarks == ()


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_rows_without_a_label(tmp_path: Path, name: str) -> None:
    rows = [("a", "x"), ("b", ""), ("c", "y"), ("d", "\u200b "), ("e", "x")]
    lines = [f"{text},{label}" for text, label in rows]
    if name.endswith("l"):
        lines = [json.dumps({"text": text, "label": label or None}) for text, label in rows]
    (tmp_path / name).write_text("\n".join(["text,label", *lines] if name == "t.csv" else lines), encoding="utf-8")
    first = 2 if name == "t.csv" else 1
    read = read_table([tmp_path / name], DataConfig(), labelled=False)
    assert (read.texts, read.labels) == (["a", "c", "e"], ["x", "y", "x"])
    assert [read.place(row).line - first for row in range(3)] == [0, 2, 4]
    finding = found(read)["empty-labels"]
    assert (finding.severity, finding.count) == ("error", 2)
    assert [(example.text, example.place.line - first) for example in finding.examples] == [("b", 1), ("d", 3)]
    assert read.label_type == "str"
    with pytest.raises(DataError, match=f"line {first + 1}: column 'label' is empty"):
        read_table([tmp_path / name], DataConfig())


def test_the_report_as_plain_values() -> None:
    result = check(Tables(table(plain(60), ["x", "y"] * 30, note=["n"] * 60)), TextConfig(), search=False).to_dict()
    assert set(result) == {
        "rows",
        "columns",
        "labels",
        "level",
        "languages",
        "files",
        "findings",
        "label_errors",
        "label_search",
    }
    assert (result["rows"], result["labels"], result["level"]) == (60, {"x": 30, "y": 30}, "word")
    assert result["files"][0]["others"] == ["note"]
    assert result["label_search"] == {"rows": 0, "skipped": "it was not asked for"}
