"""Accounts on the command line, by a model with random weights and a rule that was written by hand."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.accounts.novelty import novelty
from attnclf.cli.whole_accounts import _between_accounts
from attnclf.config import Config
from attnclf.results import AccountRule, Interval, Threshold
from attnclf.served.model import ServedModel
from tests.models import LABELS, TEXTS, write_bundle, write_untrained

RULE = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.2, 0.3, 0.5), 40)
ROWS = [
    ("ann", "좋아요 정말 좋아요", "fake"),
    ("bob", "get 1000 followers, DM me", "real"),
    ("ann", "the library again, so tired", "fake"),
    ("", "한글", "shop"),
    ("bob", "followers followers", "real"),
    ("cyd", "오늘 라떼 마셨다", "shop"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("rule") / "model", accounts=RULE).path


@pytest.fixture(scope="module")
def model_of_both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with an account model beside the rule."""
    rule = replace(RULE, account_model=0.7)
    return write_bundle(tmp_path_factory.mktemp("rule") / "model", level="word", accounts=rule).path


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    lines = ["account,text,label", *(f'{account},"{text}",{label}' for account, text, label in ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def logits(model: Path):
    """The logits of the rows, centred."""
    found = ServedModel.load(model).logits([text for _, text, _ in ROWS])[0].astype(float)
    return found - found.mean(axis=1, keepdims=True)


def test_eval_scores_posts_and_accounts_side_by_side(run, model: Path, posts: Path) -> None:
    code, out, err = run("eval", posts, "-m", model, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["rows"] == 6
    assert found["accounts"]["accounts"] == 3
    assert found["accounts"]["posts"]["report"]["rows"] == 5  # one row is nobody's
    assert found["accounts"]["verdicts"]["report"]["rows"] == 3
    assert "1 row names no account in column 'account'" in err
    out = run("eval", posts, "-m", model)[1]
    assert "accounts (3)" in out
    page = posts.parent / "page.html"
    assert run("eval", posts, "-m", model, "--report", page)[0] == 0
    assert "<h2>Posts and accounts</h2>" in page.read_text(encoding="utf-8")


def test_eval_of_accounts_whose_labels_are_all_unknown_has_no_loss(run, model: Path, tmp_path: Path) -> None:
    """No NaN, which strict parsers refuse, and no 0 that looks like a perfect score."""
    (tmp_path / "t.csv").write_text("account,text,label\nann,a,bot\nbob,b,bot\n,c,fake\n", encoding="utf-8")
    code, out, err = run("eval", tmp_path / "t.csv", "-m", model, "--json")
    assert code == 0, err
    assert "RuntimeWarning" not in err
    found = json.loads(out, parse_constant=pytest.fail)["accounts"]
    assert found["verdicts"]["report"]["log_loss"] is None
    assert found["verdicts"]["intervals"]["log_loss"] is None
    assert found["after"][-1]["log_loss"] is None
    out = run("eval", tmp_path / "t.csv", "-m", model)[1]
    assert "nan" not in out
    assert re.search(r"log loss +– +–\n", out)


def test_eval_of_a_table_without_accounts_scores_posts(run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\nget 1000 followers,fake\n", encoding="utf-8")
    code, out, err = run("eval", tmp_path / "t.csv", "-m", model, "--json")
    assert code == 0
    assert "accounts" not in json.loads(out)
    assert "no column 'account'" in err


def test_an_account_with_two_labels_is_listed_or_refused(run, model: Path, posts: Path) -> None:
    posts.write_text(posts.read_text(encoding="utf-8") + "cyd,more,fake\n", encoding="utf-8")
    code, out, err = run("eval", posts, "-m", model, "--json")
    assert code == 0
    assert "1 account has several labels: 'cyd' (shop 1, fake 1)" in err
    assert json.loads(out)["accounts"]["accounts"] == 2
    code, _, err = run("eval", posts, "-m", model, "--mixed-accounts", "refuse")
    assert code == 3
    assert "'cyd'" in err
    assert "--mixed-accounts majority" in err
    assert run("eval", posts, "-m", model, "--mixed-accounts", "both")[0] == 2


def test_a_base_rate_is_said_beside_the_probability(run, posts: Path) -> None:
    prior = "--prior", "fake=.02"
    code, out, err = run("predict", "get 1000 followers", "--format", "jsonl", *prior)
    assert code == 0, err
    record = json.loads(out)
    assert record["base_rates"]["fake"] == 0.02
    assert sum(record["base_rates"].values()) == pytest.approx(1)
    plain = json.loads(run("predict", "get 1000 followers", "--format", "jsonl", "--top-k", "3")[1])["probabilities"]
    shifted = json.loads(run("predict", "get 1000 followers", "--format", "jsonl", "--top-k", "3", *prior)[1])
    # In training fake was 3/6 and real 2/6; now they are .02 and .98 · 2/3.
    odds, before = (p["fake"] / p["real"] for p in (shifted["probabilities"], plain))
    assert odds == pytest.approx(before * (0.02 / 0.5) / (0.98 * (2 / 3) / (1 / 3)), rel=1e-2)
    assert "(base rate fake 0.02, real 0.653, shop 0.327)" in run("predict", "get 1000 followers", *prior)[1]
    table = run("predict", "-f", posts, *prior)[1].splitlines()
    assert table[0].endswith(",base_rates")
    assert all("fake=0.02 real=0.653333 shop=0.326667" in line for line in table[1:])


def test_an_explanation_adds_the_base_rate_to_its_evidence(run) -> None:
    settings = "get 1000 followers", "--prior", "fake=.02", "--target", "fake", "--against", "real"
    found = json.loads(run("explain", *settings, "--format", "jsonl")[1])
    assert sum(token["evidence"] for token in found["tokens"]) + found["prior"] == pytest.approx(found["log_odds"], abs=1e-4)
    out = run("explain", *settings, "--method", "evidence")[1]
    assert "of the base rate are" in " ".join(out.split())


def test_eval_says_what_its_scores_rest_on(run, model: Path, posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts.write_text(posts.read_text(encoding="utf-8") + "cyd,more,fake\ndan,and,bot\n", encoding="utf-8")
    asked = "eval", posts, "-m", model, "--unknown-labels", "skip"
    plain = json.loads(run(*asked, "--json")[1])
    assert plain["left_out"] == {"unknown_labels": 1, "nameless_rows": 1, "mixed_accounts": 1}
    assert "base_rates" not in plain
    page = posts.parent / "page.html"
    monkeypatch.setenv("COLUMNS", "40")  # a file keeps its lines whole
    code, out, _ = run(*asked, "--prior", "fake=.02", "--report", page)
    assert code == 0
    for shown in (out, page.read_text(encoding="utf-8")):
        assert "at the base rates that were asked for: fake 0.02, real 0.653, shop 0.327" in shown
        assert "left out: 1 row with an unknown label" in shown
        assert "left out of the scores of accounts: 1 row without an account, 1 account with several labels" in shown
    assert json.loads(run(*asked, "--prior", "fake=.02", "--json")[1])["base_rates"]["fake"] == 0.02


def test_eval_shifts_posts_and_accounts(run, model: Path, posts: Path) -> None:
    plain, shifted = (
        json.loads(run("eval", posts, "-m", model, "--json", *prior)[1]) for prior in ((), ("--prior", "fake=1e-9"))
    )
    assert plain["log_loss"] != shifted["log_loss"]
    assert [row[0] for row in shifted["confusion"]] == [0, 0, 0]
    assert [row[0] for row in shifted["accounts"]["verdicts"]["report"]["confusion"]] == [0, 0, 0]


@pytest.mark.parametrize("prior", ["fake=0", "fake=1", "feke=.1", "fake", "=.1", "fake=much", "fake=nan"])
def test_what_is_no_base_rate_is_a_usage_error(run, prior: str) -> None:
    code, out, err = run("predict", "a", "--prior", prior)
    assert (code, out) == (2, "")
    assert "--prior" in err


def test_a_label_has_one_base_rate(run) -> None:
    assert "names 'fake' twice" in run("predict", "a", "--prior", "fake=.1", "--prior", "fake=.2")[2]


def expected(logits, account: str) -> list[float]:
    """The logits of an account, by the rule."""
    own = [row for row, (name, _, _) in enumerate(ROWS) if name == account]
    new = novelty([ROWS[row][1] for row in own], [0] * len(own))
    z = [b + 2.0 * new.sum() ** -0.5 * (new * logits[own, k]).sum() for k, b in enumerate(RULE.offsets)]
    return [math.exp(one) / sum(map(math.exp, z)) for one in z]


def test_predict_writes_every_post_with_its_account_s_verdict(run, model: Path, posts: Path, logits) -> None:
    code, out, err = run("predict", "-f", posts, "-m", model)
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["text"] for row in rows] == [text for _, text, _ in ROWS]
    for number, row in enumerate(rows):
        own = logits[number]
        assert row["predicted"] == LABELS[own.argmax()]
        if not row["account"]:
            assert (row["account_predicted"], row["account_probability"], row["account_posts"]) == ("", "", "")
            continue
        p = expected(logits, row["account"])
        assert row["account_predicted"] == LABELS[p.index(max(p))]
        assert float(row["account_probability"]) == pytest.approx(max(p), abs=1e-5)
    assert [row["account_posts"] for row in rows] == ["2", "2", "2", "", "2", "1"]
    record = json.loads(run("predict", "-f", posts, "-m", model, "--format", "jsonl")[1].splitlines()[0])
    assert record["account"]["posts"] == 2
    assert "[account ann: " in run("predict", "-f", posts, "-m", model, "--format", "text")[1].splitlines()[0]


def test_predict_accounts_writes_a_row_for_each_account(run, model: Path, posts: Path, logits) -> None:
    code, out, err = run("predict", "-f", posts, "-m", model, "--accounts")
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(row["account"], row["posts"]) for row in rows] == [("ann", "2"), ("bob", "2"), ("cyd", "1")]
    assert "1 row names no account, and counts in none" in err
    own = {name: [text for other, text, _ in ROWS if other == name] for name in ("ann", "bob", "cyd")}
    for row in rows:
        p = expected(logits, row["account"])
        assert float(row["probability"]) == pytest.approx(max(p), abs=1e-5)
        assert row["strongest_for"] in own[row["account"]]
        assert float(row["evidence_for"]) > 0
        assert not row["evidence_against"] or float(row["evidence_against"]) < 0
    records = [
        json.loads(line) for line in run("predict", "-f", posts, "-m", model, "--accounts", "--format", "jsonl")[1].splitlines()
    ]
    assert records[0]["strongest_for"]["text"] == rows[0]["strongest_for"]
    assert records[0]["strongest_for"]["evidence"] == pytest.approx(float(rows[0]["evidence_for"]), abs=1e-6)
    assert sum(records[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert run("predict", "-f", posts, "-m", model, "--accounts", "--format", "text")[1].startswith("ann  ")


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that gives fake only above a threshold, and needs two posts."""
    share = Interval(0.004, 0.0, 0.01)
    never = Threshold("fake", 0.01, 99.0, 400, share, 50, Interval(0.82, 0.69, 0.91), promised=True)
    rule = replace(RULE, min_posts=2, thresholds=(never,))
    return write_bundle(tmp_path_factory.mktemp("strict") / "model", accounts=rule).path


def test_a_verdict_comes_with_the_error_of_its_threshold_and_may_be_undecided(run, strict: Path, posts: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("predict", "-f", posts, "-m", strict, "--accounts")[1])))
    assert [row["predicted"] for row in rows][2] == "undecided"
    assert all(row["predicted"] in ("real", "shop") for row in rows[:2])
    assert (rows[2]["why"], rows[0]["why"]) == ("fewer than 2 posts", "")
    assert rows[2]["likeliest"] in LABELS
    promise = "fake above p = 1 − 1e-43: false positives 0.004 (0.000–0.010), recall 0.82 (0.69–0.91)"
    cell = "fake above p = 1 - 1e-43: false positives 0.004 (0.000 to 0.010), recall 0.82 (0.69 to 0.91)"  # in any encoding
    assert all(row["thresholds"] == cell for row in rows)
    lines = run("predict", "-f", posts, "-m", strict, "--accounts", "--format", "text")[1].splitlines()
    assert "undecided (fewer than 2 posts; " in lines[2]
    assert all(f"[{promise}]" in line for line in lines)
    record = json.loads(run("predict", "-f", posts, "-m", strict, "--accounts", "--format", "jsonl")[1].splitlines()[2])
    assert (record["label"], record["undecided"]) == (None, "fewer than 2 posts")
    assert record["thresholds"][0]["false_positives"] == {"mean": 0.004, "low": 0.0, "high": 0.01}
    beside = list(csv.DictReader(io.StringIO(run("predict", "-f", posts, "-m", strict)[1])))
    assert (beside[0]["account_thresholds"], beside[3]["account_thresholds"]) == (cell, "")
    assert beside[5]["account_predicted"] == "undecided"
    assert (beside[5]["account_likeliest"], beside[5]["account_why"]) == (rows[2]["likeliest"], rows[2]["why"])
    assert (beside[3]["account_likeliest"], beside[3]["account_why"]) == ("", "")


@pytest.mark.parametrize("more", [(), ("--accounts",)])
def test_what_a_threshold_promises_can_be_written_in_the_encoding_of_any_table(
    run, strict: Path, posts: Path, tmp_path: Path, more: tuple[str, ...]
) -> None:
    korean = tmp_path / "korean.csv"
    korean.write_bytes(posts.read_text(encoding="utf-8").replace("shop", "가게").encode("cp949"))
    code, _, err = run("predict", "-f", korean, "-m", strict, "-o", tmp_path / "out.csv", "--encoding", "cp949", *more)
    assert code == 0, err
    assert "0.000 to 0.010" in (tmp_path / "out.csv").read_text(encoding="cp949")


def test_with_other_base_rates_a_threshold_says_at_which_its_probability_holds(run, strict: Path, posts: Path) -> None:
    asked, says = ("-f", posts, "-m", strict, "--prior", "fake=.02"), "fake above p = 1 − 1e-43 at the base rates of training: "
    for form, written in (("csv", says.replace("−", "-")), ("text", says)):
        assert written in run("predict", *asked, "--accounts", "--format", form)[1]
        assert written in run("predict", *asked, "--format", form)[1]
    assert says in " ".join(run("explain", *asked, "--account", "cyd")[1].split())
    page = posts.parent / "page.html"
    assert says in run("eval", posts, "-m", strict, "--prior", "fake=.02", "--report", page)[1]
    assert says in page.read_text(encoding="utf-8")
    assert "base rates of training" not in run("eval", posts, "-m", strict)[1]


def test_eval_gives_coverage_and_error_among_the_decided(run, strict: Path, posts: Path) -> None:
    found = json.loads(run("eval", posts, "-m", strict, "--json")[1])["accounts"]["decisions"]
    assert found["coverage"]["mean"] == pytest.approx(2 / 3)
    assert found["thresholds"][0]["recall"]["mean"] == 0.0
    assert found["thresholds"][0]["positives"] == 1
    out = " ".join(run("eval", posts, "-m", strict)[1].split())
    assert "decided: 0.67 (" in out
    assert "accounts (3), by the likeliest label" in out
    assert "no account is decided" not in out
    assert "threshold of fake above p = 1 − 1e-43: false positives 0.000 (" in out
    posts.write_text("account,text,label\nann,a,fake\nbob,b,real\n", encoding="utf-8")
    out = " ".join(run("eval", posts, "-m", strict)[1].split())
    assert (
        "no account is decided threshold of fake above p = 1 − 1e-43: false positives – (no other account was measured)" in out
    )


def test_eval_says_how_many_posts_are_needed(run, strict: Path, posts: Path) -> None:
    after = json.loads(run("eval", posts, "-m", strict, "--json")[1])["accounts"]["after"]
    assert [one["posts"] for one in after] == [1, None]
    assert [one["read"] for one in after] == pytest.approx([1, 5 / 3])
    assert [one["undecided"]["mean"] for one in after] == pytest.approx([1, 1 / 3])
    page = posts.parent / "page.html"
    assert "first posts  posts read" in run("eval", posts, "-m", strict, "--report", page)[1]
    assert "How many posts are needed" in page.read_text(encoding="utf-8")


def test_thresholds_need_accounts(run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,label\na,x\nb,y\nc,x\nd,y\n", encoding="utf-8")
    code, _, err = run("train", tmp_path / "t.csv", "--dry-run", "-m", tmp_path / "m", "--max-false-positive-rate", "x=.1")
    assert code == 2
    assert "--max-false-positive-rate" in err
    assert "--group-col" in err


def test_an_account_s_base_rates_are_said(run, model: Path, posts: Path) -> None:
    out = run("predict", "-f", posts, "-m", model, "--accounts", "--prior", "shop=.99")[1]
    rows = list(csv.DictReader(io.StringIO(out)))
    # Of accounts, fake was .2 and real .3, so that they share the rest two to three.
    assert all(row["base_rates"] == "shop=0.99 fake=0.004 real=0.006" for row in rows)


def test_accounts_can_be_written_as_a_table(run, model: Path, posts: Path, tmp_path: Path) -> None:
    code, _, err = run("predict", "-f", posts, "-m", model, "--accounts", "-o", tmp_path / "a.parquet")
    assert code == 0, err
    import pandas as pd

    found = pd.read_parquet(tmp_path / "a.parquet")
    assert found["account"].tolist() == ["ann", "bob", "cyd"]
    assert found["posts"].tolist() == [2, 2, 1]


def test_a_column_of_numbers_is_one_in_parquet_even_where_all_are_missing(run, model: Path, tmp_path: Path) -> None:
    """So that files of one run have one schema, however many rows without an account come first."""
    import pyarrow.parquet as pq

    table, out = tmp_path / "t.csv", tmp_path / "o.parquet"
    table.write_text("account,text,probability\n" + ",get followers,x\n" * 3, encoding="utf-8")
    schemas = []
    for last in ("", "ann,link in bio,y\n"):
        table.write_text(table.read_text(encoding="utf-8") + last, encoding="utf-8")
        code, _, err = run("predict", "-f", table, "-m", model, "--top-k", "2", "--prior", "shop=.5", "-o", out)
        assert code == 0, err
        schemas.append(pq.read_schema(out))
    assert schemas[0] == schemas[1]
    kinds = {field.name: str(field.type) for field in schemas[0]}
    assert kinds["probability"] == "string"  # that of the table
    assert {name for name, kind in kinds.items() if kind == "double"} == {
        "probability.2",
        "probability_2",
        "known",
        "account_probability",
    }
    assert (kinds["account_posts"], kinds["truncated"]) == ("int64", "bool")


def test_numbers_that_name_accounts_or_are_labels_stay_numbers(run, tmp_path: Path) -> None:
    """So that tables can be joined; an undecided account has no label, and is no text among numbers."""
    import pandas as pd

    rule = AccountRule((0.1, -0.1), 2.0, 0.5, (0.4, 0.6), 40, min_posts=2)
    path = write_bundle(tmp_path / "m", labels=("0", "1"), label_type="int", accounts=rule).path
    pd.DataFrame({"account": [7, 7, 9], "text": ["a", "b", "c"], "posts": ["x"] * 3}).to_parquet(tmp_path / "t.parquet")
    for asked, prefix in ((["--accounts"], ""), ([], "account_")):
        code, _, err = run("predict", "-f", tmp_path / "t.parquet", "-m", path, *asked, "-o", tmp_path / "o.parquet")
        assert code == 0, err
        found = pd.read_parquet(tmp_path / "o.parquet")
        assert found["account"].dtype == "int64"
        own = found.drop_duplicates("account").set_index("account")
        assert own[f"{prefix}predicted"].isna().tolist() == [False, True]
        assert own[f"{prefix}predicted"][7] in (0, 1)
        assert own[f"{prefix}likeliest"].dtype == "int64"
        assert own[f"{prefix}why"].tolist() == ["", "fewer than 2 posts"]
        assert own[f"{prefix}probability"].dtype == "float64"


def test_where_there_is_no_verdict_on_accounts_the_reason_is_said(run, model: Path, posts: Path, tmp_path: Path) -> None:
    code, _, err = run("predict", "-f", posts, "--accounts")
    assert code == 2
    assert "no rule for accounts" in err
    assert "train it with --group-col, which names the column of accounts" in err
    config = Config().override({"data": {"group_col": "account"}, "text": {"level": "char"}, "model": {"embedding": 8}})
    ruleless = write_untrained(tmp_path / "ruleless", config, TEXTS, LABELS, "str").path
    code, out, told = run("explain", "-f", posts, "-m", ruleless, "--accounts")
    assert (code, out) == (2, "")
    assert err.splitlines()[-2:] == told.splitlines()[-2:]
    code, _, err = run("predict", "a text", "-m", model, "--accounts")
    assert code == 2
    assert "the column 'account'" in err
    (tmp_path / "t.csv").write_text("account,text\n,a\n,b\n", encoding="utf-8")
    assert run("predict", "-f", tmp_path / "t.csv", "-m", model, "--accounts")[0] == 3
    assert run("predict", "-f", posts, "-m", model, "--accounts", "--top-k", "2")[0] == 2


def test_posts_without_accounts_are_labelled_all_the_same(run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text\na\nb\n", encoding="utf-8")
    code, out, err = run("predict", "-f", tmp_path / "t.csv", "-m", model)
    assert code == 0
    assert out.splitlines()[0] == "text,predicted,probability,known,truncated"
    assert f"no column 'account' in {tmp_path / 't.csv'}; posts are judged, and no accounts" in err


def test_accounts_under_another_name_have_a_way_out(run, model: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("user,text,label\nann,a,fake\nbob,b,real\n", encoding="utf-8")
    for command in ("predict", "explain"):
        code, out, err = run(command, "-f", tmp_path / "t.csv", "-m", model, "--accounts")
        assert (code, out) == (2, "")
        assert "a table with the column 'account' (found: user, text, label)\n  if accounts stand under another name" in err
        assert "warning" not in err
        assert "name it with --group-col" in run(command, "-f", tmp_path / "t.csv", "-m", model)[2]
    assert "name it with --group-col" in run("eval", tmp_path / "t.csv", "-m", model)[2]


COMMANDS = [
    ["predict", "-f"],
    ["predict", "--accounts", "-f"],
    ["predict", "--format", "jsonl", "-f"],
    ["explain", "--accounts", "-f"],
    ["explain", "--account", "ann", "--format", "jsonl", "-f"],
    ["eval"],
    ["eval", "--json"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_column_of_accounts_may_have_another_name_than_in_training(
    run, model: Path, posts: Path, command: list[str]
) -> None:
    same = run(*command, posts, "-m", model)
    posts.write_text(posts.read_text(encoding="utf-8").replace("account,text", "user,text", 1), encoding="utf-8")
    code, out, err = run(*command, posts, "-m", model, "--group-col", "user")
    out = out.replace("user,", "account,", 1).replace('"user":', '"account":')
    assert (code, out) == same[:2]
    assert "no column" not in err


def test_labels_are_no_accounts(run, model: Path, posts: Path) -> None:
    code, out, err = run("predict", "--accounts", "-f", posts, "-m", model, "--group-col", "label")
    assert (code, out) == (3, "")
    assert "the column 'label' is named for group, and held the labels in training" in err


def test_a_column_that_is_nearly_there_is_offered(run, model: Path, posts: Path) -> None:
    assert "did you mean 'account'?" in run("eval", posts, "-m", model, "--group-col", "Account")[2]


def test_a_column_of_accounts_that_is_not_there_is_refused(run, model: Path, posts: Path) -> None:
    for command in COMMANDS:
        code, out, err = run(*command, posts, "-m", model, "--group-col", "user")
        assert (code, out) == (3, "")
        assert "there is no column 'user' (found: account, text, label)" in err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_column_of_accounts_is_refused_where_it_would_mean_nothing(
    run, tmp_path: Path, posts: Path, command: list[str]
) -> None:
    model = write_bundle(tmp_path / "posts only").path
    code, out, err = run(*command, posts, "-m", model, "--group-col", "account")
    assert (code, out) == (2, "")
    assert "the model says nothing of accounts" in err


def test_texts_as_arguments_have_no_column_of_accounts(run, model: Path) -> None:
    for command in ("predict", "explain"):
        code, out, err = run(command, "a text", "-m", model, "--group-col", "account")
        assert (code, out) == (2, "")
        assert "--group-col is for tables, and texts come as arguments" in err


def test_piped_rows_with_a_named_column_of_accounts_are_a_table(run, model: Path) -> None:
    code, out, _ = run("predict", "-", "-m", model, "--group-col", "user", stdin=b"user,text\nann,a\nann,b\n")
    assert code == 0
    assert out.startswith("user,text,predicted,probability,known,truncated,account_predicted")
    assert len(out.splitlines()) == 3


def test_explain_explains_every_post(run, model: Path, posts: Path) -> None:
    lines = run("explain", "-f", posts, "-m", model, "--format", "jsonl")[1].splitlines()
    assert [json.loads(line)["text"] for line in lines] == [text for _, text, _ in ROWS]
    assert "account: ann" in json.loads(lines[0])["remarks"]
    predicted = run("predict", "-f", posts, "-m", model, "--format", "jsonl")[1].splitlines()
    assert [json.loads(line)["row"] for line in lines] == [json.loads(line)["row"] for line in predicted]
    assert [json.loads(line).get("account", "") for line in lines] == [name for name, _, _ in ROWS]


@pytest.mark.parametrize("kind", ["model", "model_of_both"])
def test_explain_an_account_shows_its_verdict_and_its_posts(run, kind: str, posts: Path, request) -> None:
    model = request.getfixturevalue(kind)
    asked = "explain", "-f", posts, "-m", model, "--account", "ann", "--prior", "fake=.02"
    code, out, err = run(*asked, "--format", "jsonl")
    assert code == 0, err
    record = json.loads(out)
    assert (record["account"], record["posts"]) == ("ann", 2)
    assert sorted(post["text"] for post in record["explained"]) == sorted(text for name, text, _ in ROWS if name == "ann")
    assert record["base_rates"]["fake"] == 0.02
    total = record["offset"]
    for post in record["explained"]:
        tokens = sum(token["evidence"] for token in post["tokens"])
        assert tokens == pytest.approx(post["evidence"], abs=1e-4)
        assert bool(post["by_account_model"]) == (kind == "model_of_both")
        own = post["weight"] * post["own_log_odds"]
        assert own + post["by_account_model"] == pytest.approx(post["evidence"], abs=1e-4)
        total += post["evidence"]
    assert total == pytest.approx(record["log_odds"], abs=1e-4)
    shown = " ".join(run(*asked)[1].split())
    assert "account ann" in shown
    assert "(base rate fake 0.02, " in shown
    assert "of 2 posts" in shown
    assert "is what the post adds to the account's log-odds" in " ".join(run(*asked, "--method", "evidence")[1].split())
    assert "; the post's own log-odds are " in " ".join(run(*asked, "--method", "loo")[1].split())
    assert ("counts account model strongest posts" in shown) == (kind == "model_of_both")
    assert all(f" ×{post['weight']:.2g} " in shown for post in record["explained"])
    assert " of 1 post evidence" in " ".join(run("explain", "-f", posts, "-m", model, "--account", "cyd")[1].split())
    page = run(*asked, "--format", "html")[1]
    assert "<h1>Account ann</h1>" in page
    assert page.count("<article>") == 2


def test_posts_of_an_account_have_room_on_a_narrow_terminal(
    run, model_of_both: Path, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = run("explain", "-f", posts, "-m", model_of_both, "--account", "ann")[1].splitlines()
    assert any("the library again, so" in line and "×" in line for line in lines)


@pytest.mark.parametrize("format_", ["text", "jsonl", "html"])
def test_explain_an_account_tells_which_posts_were_not_read(run, tmp_path: Path, format_: str) -> None:
    model = write_bundle(tmp_path / "m", accounts=RULE, max_length=5).path
    (tmp_path / "t.csv").write_text("account,text\nann,좋아요 정말 좋아요\nann,좋아\nbob,좋아\n", encoding="utf-8")
    asked = "-f", tmp_path / "t.csv", "-m", model
    told = run("predict", *asked, "--accounts")[2]
    assert "warning: 1 text is longer than the 5 tokens the network reads" in told
    for names in (["--account", "ann"], ["--accounts"]):
        code, _, err = run("explain", *asked, *names, "--format", format_, "-o", tmp_path / f"{names[0]}.out")
        assert code == 0, err
        assert told.strip() in err
    assert "longer than" not in run("explain", *asked, "--account", "bob")[2]


def test_explain_an_account_shows_the_error_of_its_threshold(run, strict: Path, posts: Path) -> None:
    out = " ".join(run("explain", "-f", posts, "-m", strict, "--account", "cyd")[1].split())
    assert "undecided (fewer than 2 posts; " in out
    assert "threshold of fake above p = 1 − 1e-43: false positives 0.004 (0.000–0.010), recall 0.82 (0.69–0.91)" in out


def test_an_account_that_is_not_there_is_an_error(run, model: Path, posts: Path) -> None:
    code, out, err = run("explain", "-f", posts, "-m", model, "--account", "anne")
    assert (code, out) == (3, "")
    assert "no account 'anne'" in err
    assert "'ann'" in err
    assert run("explain", "a text", "-m", model, "--account", "ann")[0] == 2
    assert "no rule for accounts" in run("explain", "-f", posts, "--account", "ann")[2]
    assert run("explain", "-f", posts, "-m", model, "--account", "ann", "--target", "fake")[0] == 2


def long_table(path: Path, order: list[str], posts: int = 3) -> Path:
    """A table in which each account of the order has so many posts, one after the other."""
    lines = [f"{account},{account} post {number}" for account in order for number in range(posts)]
    path.write_text("\n".join(["account,text", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Windows of four items, and the number of items in each window of whole accounts."""
    sizes: list[int] = []
    monkeypatch.setattr("attnclf.served.prediction.windows.__defaults__", (4,))
    monkeypatch.setattr("attnclf.cli.whole_accounts.WINDOW", 4)

    def measured(items):
        for window in _between_accounts(items):
            sizes.append(len(window))
            yield window

    monkeypatch.setattr("attnclf.cli.whole_accounts._between_accounts", measured)
    return sizes


@pytest.mark.parametrize("accounts", [["--accounts"], []])
def test_accounts_whose_rows_stand_together_are_judged_as_they_arrive(
    run, model: Path, tmp_path: Path, small_windows: list[int], accounts: list[str]
) -> None:
    """And give what they give in memory."""
    names = [f"a{number}" for number in range(9)]
    asked = "predict", "-m", model, "-f"
    code, out, err = run(*asked, long_table(tmp_path / "t.csv", names), *accounts)
    assert code == 0, err
    assert small_windows == [6, 6, 6, 6, 3]  # whole accounts, of three posts each
    assert "stand together" not in err
    small_windows.clear()
    again = long_table(tmp_path / "u.csv", [*names[:5], "a0", *names[5:]])  # in which one comes back
    code, out_again, err = run(*asked, again, *accounts)
    assert code == 0, err
    assert "the rows of an account do not stand together: all 30 rows are in memory, about 0 MB" in err
    assert [line for line in out.splitlines() if not line.startswith("a0,")] == [
        line for line in out_again.splitlines() if not line.startswith("a0,")
    ]
    posts = [row["posts" if accounts else "account_posts"] for row in csv.DictReader(io.StringIO(out_again))]
    assert posts == ((["6"] + ["3"] * 8) if accounts else ["6"] * 3 + ["3"] * 12 + ["6"] * 3 + ["3"] * 12)


def test_a_table_from_a_pipe_is_judged_as_it_arrives(run, model: Path, tmp_path: Path, small_windows: list[int]) -> None:
    """It is kept in a temporary file, and so can be read twice."""
    table = long_table(tmp_path / "t.csv", ["a", "b", "c"])
    code, out, err = run("predict", "-f", "-", "-m", model, "--accounts", stdin=table.read_bytes())
    assert code == 0, err
    assert small_windows == [6, 3]
    assert len(out.splitlines()) == 4


def test_rows_of_nobody_s_are_no_account_that_comes_back(run, model: Path, tmp_path: Path, small_windows: list[int]) -> None:
    table = long_table(tmp_path / "t.csv", ["", "a", "", "b", ""], posts=4)
    code, out, err = run("predict", "-f", table, "-m", model, "--accounts")
    assert code == 0, err
    assert small_windows == [4, 4, 4, 4, 4]
    assert [line.split(",")[0] for line in out.splitlines()] == ["account", "a", "b"]
    assert "12 rows name no account, and count in none" in err
    assert run("predict", "-f", long_table(tmp_path / "n.csv", ["", ""]), "-m", model, "--accounts")[:2] == (3, "")


def test_a_base_rate_that_is_none_of_accounts_fails_before_anything_is_written(run, tmp_path: Path, posts: Path) -> None:
    """No account had the label, though posts did."""
    path = write_bundle(tmp_path / "m", accounts=replace(RULE, shares=(0.0, 0.4, 0.6))).path
    for asked in ([], ["--accounts"], ["--format", "jsonl"]):
        code, out, err = run("predict", "-f", posts, "-m", path, "--prior", "real=.1", *asked)
        assert (code, out) == (2, "")
        assert "nothing in training was 'fake'" in err


@pytest.mark.parametrize("grouped", [False, True])
def test_equal_texts_are_read_once_and_counted_as_often_as_they_stand(
    run, model: Path, bundle_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, grouped: bool
) -> None:
    read: list[list[str]] = []
    logits = ServedModel.logits
    monkeypatch.setattr(ServedModel, "logits", lambda served, texts: read.append(list(texts)) or logits(served, texts))
    (tmp_path / "t.csv").write_text("text,account\n좋아요,a\n,b\n좋아요,b\n,a\n", encoding="utf-8")
    code, out, err = run("predict", "-f", tmp_path / "t.csv", "-m", model if grouped else bundle_path)
    assert code == 0
    assert read == [["좋아요", ""]]
    assert len(out.splitlines()) == 5
    assert "2 texts hold nothing the model knows" in err


def test_more_labels_than_the_model_has_are_refused_where_accounts_are_judged(run, model: Path, posts: Path) -> None:
    code, out, err = run("predict", "-f", posts, "-m", model, "--top-k", "9")
    assert (code, out) == (2, "")
    assert "--top-k is 9" in err


def test_truth_values_are_written_alike_for_posts_and_accounts(run, posts: Path, tmp_path: Path) -> None:
    rule = AccountRule((0.1, -0.1), 2.0, 0.5, (0.4, 0.6), 40)
    path = write_bundle(tmp_path / "m", labels=("False", "True"), label_type="bool", accounts=rule).path
    rows = list(csv.DictReader(io.StringIO(run("predict", "-f", posts, "-m", path)[1])))
    assert {row["predicted"] for row in rows} <= {"true", "false"}
    assert {row["account_predicted"] for row in rows} <= {"true", "false", ""}
    found = list(csv.DictReader(io.StringIO(run("predict", "-f", posts, "-m", path, "--accounts")[1])))
    assert {row["predicted"] for row in found} <= {"true", "false"}


@pytest.mark.parametrize(
    "command", [["predict", "--accounts"], ["predict"], ["explain", "--account", "ann"], ["explain", "--accounts"]]
)
@pytest.mark.parametrize(
    ("prior", "says"),
    [
        ("fake=0", "--prior of 'fake' is 0\n  a base rate is between 0 and 1"),
        ("fake=1", "--prior of 'fake' is 1\n  a base rate is between 0 and 1"),
        ("feke=.1", "--prior: the model has no label 'feke'\n  did you mean 'fake'"),
    ],
)
def test_a_base_rate_that_is_none_is_one_clear_error(
    run, model: Path, posts: Path, command: list[str], prior: str, says: str
) -> None:
    code, out, err = run(*command, "-f", posts, "-m", model, "--prior", prior)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("error: ") == 1
    code, out, err = run("eval", posts, "-m", model, "--prior", prior)
    assert (code, out) == (2, "")
    assert says in err


def test_an_account_that_is_read_whole_is_read_once(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many windows its rows are in."""
    whole = write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path
    monkeypatch.setattr("attnclf.served.prediction.windows.__defaults__", (4,))
    code, out, err = run("predict", "-f", long_table(tmp_path / "t.csv", ["a", "b", "a"], posts=5), "-m", whole)
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["text"] for row in rows] == [f"{name} post {number}" for name in "aba" for number in range(5)]
    assert len({row["probability"] for row in rows if row["account"] == "a"}) == 1
    assert "warning: 2 texts are longer than the 40 tokens the network reads" in err


def test_the_explanation_of_a_whole_account_has_its_name_and_no_row(run, posts: Path, tmp_path: Path) -> None:
    whole = write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path
    found = [json.loads(line) for line in run("explain", "-f", posts, "-m", whole, "--format", "jsonl")[1].splitlines()]
    assert [(one.get("account"), "row" in one) for one in found] == [
        ("ann", False),
        ("bob", False),
        (None, True),
        ("cyd", False),
    ]


def test_eval_of_accounts_that_are_read_whole_tells_what_it_does(
    run, posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    whole = write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path
    posts.write_text(posts.read_text(encoding="utf-8") + "cyd,more,fake\ncyd,again,fake\n", encoding="utf-8")
    asked = "eval", posts.name, "-m", whole
    code, out, err = run(*asked)
    assert code == 0, err
    assert "posts.csv (3 accounts)" in " ".join(out.split())
    assert "'cyd' (fake 2, shop 1)" in err
    assert "1 row names no account in column 'account'; such a row counts as an account of its own" in err
    assert "5 rows of 3 accounts" in err
    assert "left out of the scores of accounts: 1 account with several labels" in out
    found = json.loads(run(*asked, "--mixed-accounts", "majority", "--json")[1])
    assert {label["label"]: label["support"] for label in found["labels"]} == {"fake": 2, "real": 1, "shop": 1}
    assert run(*asked, "--mixed-accounts", "refuse")[0] == 3
    code, _, err = run(*asked, "--fail-under", "accuracy=1.1", "--fail-under", "accounts.accuracy=1.1")
    assert code == 6
    assert "error: accuracy is " in err
    assert "; accounts.accuracy is " in err


def test_accounts_with_unknown_labels_are_counted_as_accounts(run, posts: Path, tmp_path: Path) -> None:
    whole = write_bundle(tmp_path / "m", encoder="hierarchical", whole=True).path
    posts.write_text(posts.read_text(encoding="utf-8") + "dan,and,bot\n" * 3, encoding="utf-8")
    asked, page = ("eval", posts, "-m", whole), tmp_path / "page.html"
    assert "1 account has a label that the model does not know ('bot'); such accounts count as errors" in run(*asked)[2]
    _, out, err = run(*asked, "--unknown-labels", "skip", "--report", page)
    assert "1 account has a label that the model does not know ('bot'); such accounts are left out" in err
    for shown in (out, page.read_text(encoding="utf-8")):
        assert "left out: 1 account with an unknown label" in shown
    assert "--unknown-labels skip leaves such accounts out" in run(*asked, "--unknown-labels", "error")[2]


def test_a_model_that_got_no_rule_for_accounts_says_so(run, posts: Path, tmp_path: Path) -> None:
    columns = {"text_col": "text", "label_col": "label", "group_col": "account"}
    config = Config().override({"data": columns, "text": {"level": "char"}, "model": {"embedding": 8}})
    without = write_untrained(tmp_path / "m", config, TEXTS, LABELS, "str").path
    code, _, err = run("eval", posts, "-m", without)
    assert code == 0, err
    assert err.count("this model has no rule for accounts; only posts are scored\n") == 1
    err = run("eval", posts, "-m", without, "--mixed-accounts", "majority")[2]
    assert "warning: this model has no rule for accounts; only posts are scored, and --mixed-accounts has no effect" in err
    assert "no column of accounts" not in err
    code, _, err = run("predict", "-f", posts, "-m", without)
    assert code == 0, err
    assert err.count("this model has no rule for accounts; only posts are labelled") == 1
    assert "no rule for accounts" not in run("predict", "a text", "-m", without)[2]


def test_mixed_accounts_is_checked_before_texts_are_read_and_told_where_it_has_no_effect(run, tmp_path: Path) -> None:
    assert "--mixed-accounts is 'both'" in run("eval", tmp_path / "none.csv", "--mixed-accounts", "both")[2]
    (tmp_path / "t.csv").write_text("text,label\na,fake\n", encoding="utf-8")
    code, _, err = run("eval", tmp_path / "t.csv", "--mixed-accounts", "refuse")
    assert code == 0
    assert "--mixed-accounts has no effect" in err
