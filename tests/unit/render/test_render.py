"""What is shown: colours by strength, whole graphemes, visible control characters, and data formats that read back."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from html import unescape

import pytest
from rich.console import Console

from attnclf.data.formats.delimited import line_writer
from attnclf.render import captions, html, records, terminal
from attnclf.render.colours import ATTENDED, OPPOSES, SUPPORTS, step
from attnclf.render.segments import Shading, segments
from attnclf.results import Baseline, Explanation, Prediction, TokenScore
from attnclf.scoring.metrics import report
from attnclf.visible import visible


def explained(text: str, scores: list[tuple[int, int, float, float]], *, known: bool = True, read: int = -1) -> Explanation:
    """An explanation whose tokens are (start, end, attention, evidence)."""
    tokens = tuple(TokenScore(text[a:b], a, b, alpha, e, known) for a, b, alpha, e in scores)
    read = len(text) if read < 0 else read
    prediction = Prediction(text, ("fake", "real"), (0.9, 0.1), 1.0 if known else 0.0, read < len(text))
    total = sum(t.evidence for t in tokens)
    return Explanation(text, prediction, "fake", "real", total, "token", tokens, read).with_sides()


FREE = explained("free coffee now", [(0, 4, 0.7, 2.0), (5, 11, 0.2, -1.0), (12, 15, 0.1, 0.01)])


def shown(renderable: object, *, colour: bool = False, width: int = 100) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=colour, color_system="truecolor" if colour else None, highlight=False
    )
    console.print(renderable)
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("수\u3164익", "수\\u3164익"),
        ("f\xadree\u034f\u115f\ue000\U0010fffd", "f\\xadree\\u034f\\u115f\\ue000\\U0010fffd"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("👩\u200d👧 한글 [bold] é", "👩\u200d👧 한글 [bold] é"),
        ("궁\u200c금 1\u200d0 f\u200c\u200dree", "궁\\u200c금 1\\u200d0 f\\u200c\\u200dree"),
        ("می\u200cخواهم PDF\u200cها क्\u200dष", "می\u200cخواهم PDF\u200cها क्\u200dष"),
    ],
)
def test_unsafe_characters_become_visible(raw: str, safe: str) -> None:
    assert visible(raw) == safe


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("colour", [*SUPPORTS, *OPPOSES, *ATTENDED])
def test_black_text_is_readable_on_every_colour(colour: str) -> None:
    assert (luminance(colour) + 0.05) / 0.05 >= 8


@pytest.mark.parametrize(("share", "expected"), [(0, 0), (0.03, 0), (0.05, 1), (0.3, 2), (0.59, 3), (0.99, 5), (1, 5), (-1, 5)])
def test_steps_are_linear(share: float, expected: int) -> None:
    assert step(2 * share, 2) == expected
    assert step(share, 0) == 0


def test_segments_are_the_whole_text() -> None:
    assert [s.text for s in segments(FREE)] == ["free", " ", "coffee", " ", "now"]
    assert [s.scored for s in segments(FREE)] == [True, False, True, False, True]


def test_tokens_of_one_grapheme_are_coloured_together() -> None:
    family = "👩\u200d👩\u200d👧!"
    result = explained(family, [(i, i + 1, 0.1, 0.5) for i in range(6)])
    assert [(s.text, s.score("evidence")) for s in segments(result)] == [(family[:5], 2.5), ("!", 0.5)]


def test_what_was_not_read_is_a_segment_of_its_own() -> None:
    result = explained("free coffee", [(0, 4, 1.0, 1.0)], read=4)
    assert [(s.text, s.read) for s in segments(result)] == [("free", True), (" coffee", False)]


def test_an_empty_text_has_no_segments() -> None:
    result = explained("", [(0, 0, 1.0, 0.5)])
    assert segments(result) == []
    assert Shading.of(result, "evidence").full == 0
    assert "(empty)" in shown(terminal.explanation(result, ("attention", "evidence"), colour=False))


def test_full_colour_is_the_strongest() -> None:
    assert Shading.of(FREE, "evidence").full == 2
    assert Shading.of(FREE, "attention").full == 0.7


def test_colours_and_underline_in_the_terminal() -> None:
    text = terminal.coloured(FREE, Shading.of(FREE, "evidence"))
    styles = {text.plain[span.start : span.end]: span.style for span in text.spans}
    assert styles["free"].bgcolor.name == SUPPORTS[4]
    assert styles["coffee"].bgcolor.name == OPPOSES[2]
    assert styles["coffee"].underline
    assert not styles["free"].underline
    assert "now" not in styles
    assert text.plain == FREE.text


NEITHER = explained("free coffee now ok", [(0, 4, 0.5, 2.0), (5, 11, 0.2, -1.0), (12, 15, 0.25, 0.01), (16, 18, 0.01, 0.0)])


def test_attention_has_the_hue_of_the_side_that_a_token_was_taken_for() -> None:
    text = terminal.coloured(NEITHER, Shading.of(NEITHER, "signed_attention"))
    styles = {text.plain[span.start : span.end]: span.style for span in text.spans}
    hues = {word: style.bgcolor.name for word, style in styles.items() if style.bgcolor}
    assert hues == {"free": SUPPORTS[4], "coffee": OPPOSES[2], "now": ATTENDED[2]}
    assert [word for word, style in styles.items() if style.underline] == ["coffee"]
    assert terminal.numbered(NEITHER, Shading.of(NEITHER, "signed_attention")).plain == (
        "free(+0.50) coffee(−0.20) now(0.25) ok"
    )
    assert [token.side for token in NEITHER.tokens] == ["fake", "real", "", ""]


def test_the_legend_of_attention_says_each_hue_in_words() -> None:
    legend = captions.legend(NEITHER, "signed_attention", 0.5)
    assert "orange: looked here for fake; underlined blue: for real; green: looked here, but took next to nothing" in legend
    assert "darker is more attention" in legend
    assert "green" not in captions.legend(explained("free", [(0, 4, 1.0, 2.0)]), "signed_attention", 1.0)
    assert "+ looked here for fake; − for real" in captions.legend(NEITHER, "signed_attention", 0.5, colour=False)


def test_the_table_under_attention_has_its_evidence_too() -> None:
    header, rows = captions.strongest(NEITHER, ("signed_attention",))
    assert header == ["strongest tokens", "attention", "evidence"]
    assert rows[1] == ["now", "0.250", "+0.01"]


def test_the_page_shows_sides_as_the_terminal_does() -> None:
    page = html.article(NEITHER, ("signed_attention",))
    for piece in ('class="s5"', 'class="o3"', 'class="a3"', "looked here for fake"):
        assert piece in page


def test_records_have_the_side_of_each_token() -> None:
    tokens = json.loads(records.explanation_record(NEITHER))["tokens"]
    assert [token["side"] for token in tokens] == ["fake", "real", None, None]


def test_without_colour_the_numbers_stand_in_the_text() -> None:
    assert terminal.numbered(FREE, Shading.of(FREE, "evidence")).plain == "free(+2.00) coffee(−1.00) now"
    assert terminal.numbered(FREE, Shading.of(FREE, "attention")).plain == "free(0.70) coffee(0.20) now"


def test_small_numbers_say_something() -> None:
    faint = explained("free coffee now", [(0, 4, 0.004, 0.004), (5, 11, 0.002, -0.0021), (12, 15, 0.0001, 0.0)])
    assert terminal.numbered(faint, Shading.of(faint, "evidence")).plain == "free(+0.004) coffee(−0.002) now"
    assert terminal.numbered(faint, Shading.of(faint, "attention")).plain == "free(0.004) coffee(0.002) now"


@pytest.mark.parametrize("method", ["attention", "signed_attention", "evidence"])
def test_without_colour_the_legend_says_that_not_every_token_has_its_number(method: str) -> None:
    assert "weaker tokens carry none" in captions.legend(FREE, method, 0.7, colour=False)
    assert "weaker tokens" not in captions.legend(FREE, method, 0.7)


def test_the_smallest_flip_is_not_green_without_colour() -> None:
    assert "1.00 marks them" in captions.legend(FREE, "minflip", 1.0, colour=False)
    assert "green marks them" in captions.legend(FREE, "minflip", 1.0)


def test_rounded_numbers_add_up() -> None:
    prediction = replace(FREE.prediction, base_rates={"fake": 0.02, "real": 0.98})
    result = replace(explained("free", [(0, 4, 1.0, 8.7249)]), prediction=prediction, prior=-3.7251, log_odds=4.9998)
    assert "the sum +8.72 and −3.73 of the base rate are +4.99" in captions.legend(result, "evidence", 8.7)


def test_joiners_that_join_nothing_are_seen_across_pieces() -> None:
    """Their neighbours may be other tokens, and lines of posts."""
    text = "궁\u200c금 궁\u200c금\n👩\u200d👧"
    result = replace(explained(text, [(0, 1, 0.5, 1.0), (2, 3, 0.5, -1.0)]), by="post")
    assert terminal.coloured(result, Shading.of(result, "evidence")).plain == "궁\\u200c금 궁\\u200c금\n👩\u200d👧"
    assert "\\u200c" in html.article(result, ("evidence",))
    assert "".join(segment.text for segment in segments(result)) == text


def test_no_colour_no_escape_codes() -> None:
    assert "\x1b" not in shown(terminal.explanation(FREE, ("attention", "evidence"), colour=False))


def test_an_explanation_on_a_plain_terminal() -> None:
    expected = """\
prediction  fake 90.0%   real 10.0%

evidence: fake rather than real
free(+2.00) coffee(−1.00) now
positive numbers support fake, negative numbers support real; weaker tokens carry none; \
the sum +1.01 is the log-odds, log(p(fake) / p(real))

strongest tokens  evidence
free                 +2.00
coffee               −1.00
now                  +0.01
"""
    lines = shown(terminal.explanation(FREE, ("evidence",), colour=False), width=150)
    assert [line.rstrip() for line in lines.splitlines()][:10] == expected.splitlines()


def test_escape_sequences_in_a_text_never_reach_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[2Jfree\u202e"
    result = explained(evil, [(i, i + 1, 0.1, 0.1) for i in range(len(evil))])
    output = shown(terminal.explanation(result, ("attention", "evidence"), colour=False))
    assert "\x1b" not in output
    assert "\x07" not in output
    assert "\u202e" not in output
    assert "\\x1b]0;owned\\x07" in terminal.coloured(result, Shading.of(result, "evidence")).plain


def test_markup_in_a_text_is_text() -> None:
    result = explained("[bold]free[/bold]", [(0, 17, 1.0, 1.0)])
    assert "[bold]free[/bold]" in shown(terminal.explanation(result, ("evidence",), colour=True))


def test_characters_are_shown_in_their_word() -> None:
    result = explained(
        "좋아요 정말", [(0, 1, 0.2, 0.1), (1, 2, 0.2, 0.5), (2, 3, 0.2, 0.1), (3, 4, 0.2, 0.1), (4, 5, 0.2, 0.1)]
    )
    output = shown(terminal.strongest(result, ("evidence",)))
    assert output.splitlines()[1].split() == ["아", "좋아요", "+0.50"]
    assert "(space)" in output


def test_remarks_tell_what_the_model_could_not_read() -> None:
    assert captions.remarks(FREE) == []
    assert "not read (7 characters)" in captions.remarks(explained("free coffee", [(0, 4, 1.0, 1.0)], read=4))[0]
    assert "in brackets" in captions.remarks(explained("free coffee", [(0, 4, 1.0, 1.0)], read=4), colour=False)[0]
    assert "knows nothing" in captions.remarks(explained("zzz", [(0, 3, 1.0, 1.0)], known=False))[0]


def test_what_the_network_does_not_read_is_told_and_struck_out_where_nothing_reads_it() -> None:
    tokens = [(0, 4, 0.5, 1.0), (5, 11, 0.0, 0.0), (12, 15, 0.5, 1.0)]
    unread = replace(explained("free coffee now", tokens), gap=(5, 12))
    assert captions.remarks(unread) == ["struck through: not read (7 characters)"]
    assert [segment.text for segment in segments(unread) if not segment.read] == ["coffee"]
    read = replace(unread, gap_is_read=True)
    assert all(segment.read for segment in segments(read))
    (remark,) = captions.remarks(read)
    assert remark == (
        "the network does not read characters 6 to 12; attention is 0 there, and the evidence is the linear model's"
    )
    for one in (unread, read):
        assert "".join(segment.text for segment in segments(one)) == "free coffee now"
        record = json.loads(records.explanation_record(one))
        assert (record["gap"], record["gap_is_read"]) == ([5, 12], one.gap_is_read)
    assert "gap" not in json.loads(records.explanation_record(FREE))


def test_json_lines_read_back_whatever_the_text() -> None:
    evil = 'a\x1b[31m\u202e"\\\n\x9b 한글 \ud800'
    line = records.explanation_record(explained(evil, [(0, 1, 1.0, 1.0)]))
    assert "\n" not in line
    assert not {"\x1b", "\u202e", "\x9b"} & set(line)
    assert json.loads(line)["text"] == evil
    assert "한글" in line
    assert json.loads(records.prediction_record(Prediction(evil, ("a",), (1.0,), 1.0, False), {"id": "7"}))["row"] == {
        "id": "7"
    }


def test_csv_keeps_columns_and_overwrites_none() -> None:
    ours = ["probability", "known", "truncated"]
    assert records.prediction_header(["text", "predicted"], 1) == ["text", "predicted", "predicted.2", *ours]
    assert records.prediction_header(["known"], 2)[1:] == [
        "predicted",
        "probability",
        "predicted_2",
        "probability_2",
        "known.2",
        "truncated",
    ]
    line = line_writer()(["a,\n", *records.prediction_cells(Prediction("a", ("x,y",), (0.5,), 0.25, True))])
    assert next(csv.reader(io.StringIO(line))) == ["a,\n", "x,y", "0.500000", "0.2500", "true"]


def test_records_say_what_the_model_could_not_read() -> None:
    for text in (
        records.prediction_record(Prediction("a", ("x",), (1.0,), 0.5, True)),
        records.explanation_record(explained("free coffee", [(0, 4, 1.0, 1.0)], read=4)),
    ):
        record = json.loads(text)
        assert record["truncated"] is True
        assert record["known"] in (0.5, 1)


def test_html_is_one_page_that_needs_nothing_else() -> None:
    page = "".join(html.page([FREE], ("attention", "evidence")))
    assert page.startswith("<!doctype html>")
    assert page.rstrip().endswith("</html>")
    assert "<script" not in page
    assert "http" not in page
    assert 'class="s5" data-scores="evidence +2.00, attention 0.700">free</span>' in page
    assert 'class="o3"' in page


def test_html_escapes_what_strangers_write() -> None:
    evil = "<script>alert('x')</script>&\x1b\u202e"
    page = html.article(explained(evil, [(0, 8, 1.0, 1.0)]), ("evidence",))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_a_report_has_scores_labels_and_confusion() -> None:
    import numpy as np

    result = report(["fake", "real"], np.array([0, 0, 1], np.int32), np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]]))
    output = shown(terminal.report(result, "t.csv", Baseline("TF-IDF", result)))
    assert "t.csv (3 rows)" in output
    assert "accuracy" in output
    assert "TF-IDF" in output
    assert [line.split() for line in output.splitlines()[-2:]] == [["fake", "1", "1"], ["real", "0", "1"]]
    far = "/".join(["a-folder-of-many"] * 9)
    assert f"{far}/t.csv(3rows)" in "".join(shown(terminal.report(result, f"{far}/t.csv")).split("accuracy")[0].split())
    shaded = shown(terminal.report(result, "t.csv"), colour=True)
    assert "48;2;" in shaded
    assert json.loads(records.report_json(result))["confusion"] == [[1, 1], [0, 1]]


def test_a_label_that_no_row_has_or_is_given_has_no_scores() -> None:
    import numpy as np

    result = report(["a", "b", "c"], np.array([0], np.int32), np.eye(3)[[1]])
    output = shown(terminal.report(result, "validation"))
    assert "validation (1 row)" in output
    assert "macro f1 (of 2 of 3 labels)" in output
    assert ["b", "0.00", "0.00", "0.00", "0"] in [line.split() for line in output.splitlines()]
    assert ["c", "–", "–", "–", "0"] in [line.split() for line in output.splitlines()]


def test_many_labels_list_the_commonest_confusions() -> None:
    import numpy as np

    labels = [f"label {i}" for i in range(20)]
    targets = np.array([0, 0, 1, 2], np.int32)
    result = report(labels, targets, np.eye(20)[[5, 5, 1, 3]])
    output = shown(terminal.report(result, "t.csv"))
    assert "most often confused" in output
    assert output.splitlines()[-2].split() == ["label", "0", "label", "5", "2"]


def test_very_many_labels_show_the_worst_and_the_best() -> None:
    import numpy as np

    labels = [f"label {i}" for i in range(800)]
    targets = np.arange(700, dtype=np.int32)
    predicted = targets.copy()
    predicted[3], predicted[5] = 4, 6
    result = report(labels, targets, np.eye(800)[predicted])
    lines = shown(terminal.report(result, "t.csv")).splitlines()
    assert len(lines) < 40
    (start,) = (number for number, line in enumerate(lines) if line.split()[:2] == ["label", "precision"])
    assert lines[start + 1].split()[:3] == ["label", "3", "0.000"]
    assert "685 labels between" in lines[start + 11]
    assert "1.000" in lines[start + 12]
    assert "none" in shown(terminal.report(report(labels, targets, np.eye(800)[targets]), "t.csv"))


def test_what_shows_nothing_by_itself_is_named() -> None:
    assert [captions.name(TokenScore(text, 0, 1, 0.5, 1.0, True)) for text in ("\u200d", " ", "", "\ufe0f", "a\u200d")] == [
        "\\u200d",
        "(space)",
        "(empty)",
        "\\ufe0f",
        "a\u200d",
    ]


def test_a_scale_that_two_decimals_would_make_zero_has_a_digit() -> None:
    faint = explained("free coffee", [(0, 4, 0.5, 0.0004), (5, 11, 0.5, -0.0002)])
    assert "full colour ±0.0004" in captions.legend(faint, "evidence", 0.0004)
    assert "full colour ±1.50" in captions.legend(faint, "evidence", 1.5)


def test_the_posts_of_an_account_stand_on_lines_of_their_own() -> None:
    """And their other control characters stay visible; a line end in a text that is no account is one of these."""
    account = replace(
        explained("free\tcoffee\n\nnow <b>\x1b", [(0, 4, 0.7, 2.0), (5, 11, 0.2, -1.0), (11, 12, 0.1, 0.1)], read=17), by="post"
    )
    shading = Shading.of(account, "evidence")
    lines = ["free\\tcoffee", "", "now <b>\\x1b"]
    assert terminal.coloured(account, shading).plain.split("\n") == lines
    numbered = shown(terminal.numbered(account, shading)).splitlines()
    assert numbered == ["free(+2.00)\\tcoffee(−1.00)", "", "now [not read: <b>\\x1b]"]
    page = html.article(account, ("evidence",))
    posts = re.findall(r'<p class="text" dir="auto">(.*?)</p>', page)
    assert [unescape(re.sub("<[^>]*>", "", post)) for post in posts] == lines
    assert "\\n" not in page
    one = replace(account, by="")
    assert terminal.coloured(one, shading).plain == "free\\tcoffee\\n\\nnow <b>\\x1b"
    assert html.article(one, ("evidence",)).count('class="text"') == 1


def test_a_line_end_has_a_name_in_tables() -> None:
    assert [captions.name(TokenScore(text, 0, 1, 0.1, 0.1, True)) for text in (" ", "\n", "\t")] == [
        "(space)",
        "(line end)",
        "\\t",
    ]


def test_numbers_that_json_does_not_have_are_null() -> None:
    line = records.to_json({"a": [math.nan, 1.5, (math.inf,)], "b": {"c": -math.inf}, "d": "NaN"})
    assert line == '{"a": [null, 1.5, [null]], "b": {"c": null}, "d": "NaN"}'
