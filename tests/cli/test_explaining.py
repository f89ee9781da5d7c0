"""Methods, the whole-model view, measured faithfulness and the report page, as a user calls them."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from attnclf.explain import METHODS, evidence

TEXTS = [
    "좋아요 정말 좋아요",
    "get 1000 followers, DM me",
    "오늘 라떼 마셨다 ㅋㅋ",
    "the library again, so tired",
    "",
    "<script>alert(1)</script>",
]


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    labels = ["fake", "real", "shop"] * 2
    lines = [f'"{text}",{label}' for text, label in zip(TEXTS, labels, strict=True)]
    path.write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    return path


class Page(HTMLParser):
    """What a page is made of: its tags and what they ask for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.asked: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes) -> None:
        self.tags.append(tag)
        self.asked += [value or "" for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "br", "polyline", "circle", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


def is_whole_and_harmless(page: str) -> bool:
    parsed = Page(page)
    return not parsed.open and "script" not in parsed.tags and not parsed.asked and "http" not in page


@pytest.mark.parametrize("method", [*(name for name, m in METHODS.items() if m.offered and not m.keras), "both"])
@pytest.mark.parametrize("by", ["word", "token"])
def test_every_method_is_shown(run, method: str, by: str) -> None:
    code, out, _ = run("explain", "get 1000 followers 좋아요", "--method", method, "--by", by)
    assert code == 0
    assert {"both": "evidence", "loo": "leaving one out"}.get(method, method) in out
    assert f"strongest {by}s" in out


def test_attention_with_its_side_is_the_one_picture(run) -> None:
    code, out, _ = run("explain", "get 1000 followers 좋아요", "--by", "word")
    assert code == 0
    assert "where the model looked, for " in out
    assert "log-odds" not in out  # evidence is not shown, but its numbers stand in the table
    assert re.search(r"strongest words +attention +evidence", out)
    both = run("explain", "get 1000 followers 좋아요", "--method", "both")[1]
    assert "where the model looked, for " in both
    assert "is the log-odds" in both


def test_attention_can_be_shown_without_sides(run) -> None:
    code, out, _ = run("explain", "get 1000 followers 좋아요", "--unsigned")
    assert code == 0
    assert "all weights sum to 1" in out
    assert "looked, for" not in out
    code, _, err = run("explain", "get 1000", "--method", "loo", "--unsigned")
    assert code == 2
    assert "--unsigned is for attention" in err


def test_records_say_for_which_label_each_token_was_taken(run) -> None:
    record = json.loads(run("explain", "get 1000 followers 좋아요", "--by", "word", "--format", "jsonl")[1])
    largest = max(abs(token["evidence"]) for token in record["tokens"])
    for token in record["tokens"]:
        side = record["target"] if token["evidence"] > 0 else record["against"]
        assert token["side"] == (side if abs(token["evidence"]) >= 0.04 * largest else None)


def test_scores_of_a_method_stand_in_the_records(run) -> None:
    code, out, _ = run("explain", "get 1000 followers", "--method", "loo", "--by", "word", "--format", "jsonl")
    record = json.loads(out)
    assert code == 0
    assert all({"loo", "evidence", "attention"} <= set(token) for token in record["tokens"])
    assert "counterfactual" in record


def test_an_unknown_method_is_a_usage_error(run) -> None:
    code, _, err = run("explain", "a", "--method", "shap")
    assert code == 2
    assert "attention, evidence, gradxinput, ig, loo, minflip" in err


@pytest.mark.parametrize("method", ["gradxinput", "ig"])
def test_gradients_say_that_they_start_keras(run, method: str) -> None:
    code, out, err = run("explain", "get 1000", "--method", method)
    assert code == 0
    assert "starting Keras" in err
    assert "the log-odds are" in out
    assert ("must sum to the log-odds less those of the same text with vectors of zero" in " ".join(out.split())) == (
        method == "ig"
    )


def test_the_model_at_a_glance(run, posts: Path, tmp_path: Path) -> None:
    code, out, _ = run("explain", "--global", posts)
    assert code == 0
    assert re.search(r"fake: \d of 6 texts", out)
    code, out, _ = run("explain", "--global", posts, "--format", "jsonl")
    assert sum(label["texts"] for label in json.loads(out)["labels"]) == 6
    code, _, _ = run("explain", "--global", posts, "--format", "html", "-o", tmp_path / "page.html")
    assert is_whole_and_harmless((tmp_path / "page.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (["a text"], "texts"),
        (["-f", "x.csv", "--unsigned"], "-f and --unsigned"),
        (["--target", "fake"], "--target"),
        (["--method", "attention"], "--method"),
        (["--by", "token"], "--by"),
    ],
)
def test_the_glance_goes_alone(run, posts: Path, more: list[str], named: str) -> None:
    code, _, err = run("explain", "--global", posts, *more)
    assert code == 2
    assert f"--global cannot be combined with {named}\n" in err


def test_the_glance_tells_what_was_not_read(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\nget followers\n한글\n" + "가" * 100 + "\n", encoding="utf-8")
    err = run("explain", "--global", tmp_path / "t.csv")[2]
    assert "1 text is longer than the" in err
    assert "1 text holds nothing the model knows" in err


@pytest.mark.parametrize("more", [["--method", "attention"], ["--method", "both"], ["--unsigned"]])
def test_json_always_has_attention_and_evidence(run, more: list[str]) -> None:
    code, out, err = run("explain", "get 1000", "--format", "jsonl", *more)
    assert code == 0
    assert f"{' '.join(more)}: JSON always has" in err
    assert (out, "") == run("explain", "get 1000", "--format", "jsonl")[1:]
    assert "JSON" not in run("explain", "get 1000", "--format", "jsonl", "--method", "loo")[2]


def test_faithfulness_is_measured_in_two_modes(run, posts: Path) -> None:
    code, out, _ = run("eval", posts, "--faithfulness", "4", "--json")
    assert code == 0
    measured = json.loads(out)["faithfulness"]
    assert [one["mode"] for one in measured] == ["delete", "unk"]
    assert [m["method"] for m in measured[0]["methods"]] == [
        "attention",
        "signed_attention",
        "evidence_size",
        "evidence",
        "loo",
        "random",
    ]
    assert measured[0]["texts"] == 4
    code, out, _ = run("eval", posts, "--faithfulness", "4")
    assert "compr. ↑" in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_more_texts_than_there_are_is_said(run, posts: Path) -> None:
    code, out, err = run("eval", posts, "--faithfulness", "400", "--json")
    assert code == 0
    assert "the file holds 6 texts" in err
    assert json.loads(out)["faithfulness"][0]["texts"] == 5  # one is empty


def test_the_report_is_one_harmless_page(run, posts: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    code, out, _ = run("eval", posts, "--json")
    given = json.loads(run("predict", "<script>alert(1)</script>", "--format", "jsonl")[1])["label"]
    wrong = next(label for label in ("fake", "real", "shop") if label != given)
    posts.write_text(f"{posts.read_text(encoding='utf-8')}<script>alert(1)</script>,{wrong}\n", encoding="utf-8")
    code, out, _ = run("eval", posts, "--faithfulness", "3", "--report", path)
    assert code == 0
    assert "accuracy" in out
    page = path.read_text(encoding="utf-8")
    assert is_whole_and_harmless(page)
    assert "&lt;script&gt;" in page
    for heading in ("Labels", "Confusion", "Calibration", "How far explanations can be trusted", "The most confident errors"):
        assert heading in page
    assert page.count("<svg") == 3


def test_without_a_measure_no_line_claims_one(run, posts: Path, tmp_path: Path) -> None:
    code, out, _ = run("explain", "get 1000 followers")
    assert code == 0
    assert "Measured on" not in out
    run("eval", posts, "--report", tmp_path / "report.html")
    assert "trusted" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_rationale_column_is_compared_with_people(run, tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text('text,label,rationale\n좋아요 정말,fake,"[[0, 3]]"\nget followers,real,\n', encoding="utf-8")
    code, out, _ = run("eval", path, "--faithfulness", "2", "--json")
    assert code == 0
    assert json.loads(out)["plausibility"]["texts"] == 1
    code, out, _ = run("eval", path, "--faithfulness", "2")
    assert "against people (1 text with" in out
    path.write_text('text,label,rationale\n좋아요 정말,fake,"[[0, 99]]"\n', encoding="utf-8")
    code, _, err = run("eval", path, "--faithfulness", "2")
    assert code == 3
    assert "row 1: the rationale [0, 99) is not in the text" in err
    assert run("eval", path)[0] == 0  # nobody asked for it


def test_faithfulness_of_some_rows_comes_with_what_is_known_of_all(run, tmp_path: Path) -> None:
    """Ten rows, three measured: those spread over the file, with their own labels; additivity is of all ten."""
    path = tmp_path / "posts.csv"
    texts = [
        "좋아요 정말",
        "get followers",
        "라떼 마셨다",
        "so tired",
        "DM me",
        "the library",
        "free 1000",
        "팔로워",
        "again",
        "ㅋㅋ 좋아요",
    ]
    labels = [json.loads(line)["label"] for line in run("predict", "--format", "jsonl", *texts)[1].splitlines()]
    others = {"fake": "real", "real": "shop", "shop": "fake"}
    measured = {0, 3, 6}  # of ten, three
    rows = [label if i in measured else others[label] for i, label in enumerate(labels)]
    path.write_text("text,label\n" + "".join(f"{t},{y}\n" for t, y in zip(texts, rows, strict=True)), encoding="utf-8")
    found = json.loads(run("eval", path, "--faithfulness", "3", "--json")[1])
    assert found["diagnostics"]["accuracy"]["mean"] == 1
    assert found["accuracy"] == pytest.approx(0.3)
    assert found["diagnostics"]["texts"] == found["faithfulness"][0]["texts"] == 3
    assert 0 <= found["additivity"] <= 1e-4
    output = run("eval", path, "--faithfulness", "3")[1]
    assert "can attention explain this model?" in output
    assert "on every row" in output


def test_a_fault_of_evidence_does_not_cost_the_scores(run, posts: Path, tmp_path: Path, monkeypatch) -> None:
    real = evidence.evidence_of
    monkeypatch.setattr(evidence, "evidence_of", lambda contributions, k, r: 1.5 * real(contributions, k, r) + 0.3)
    code, out, err = run("eval", posts, "--faithfulness", "3")
    assert code == 1
    assert "accuracy" in out
    assert "report this as a fault" in err
    assert run("eval", posts, "--faithfulness", "3", "-o", tmp_path / "scores.json")[0] == 1
    assert "faithfulness" not in json.loads((tmp_path / "scores.json").read_text(encoding="utf-8"))
