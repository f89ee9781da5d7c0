"""A hierarchical model judges accounts from their posts, from training to explanation, by the command line."""

import csv
import io
import json
from collections import defaultdict
from pathlib import Path

import pytest

import attnclf
from tests.e2e.test_whole import run


@pytest.fixture(scope="module")
def unmeasured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a training that does not measure its explanations: nothing here looks at how faithful they are."""
    path = tmp_path_factory.mktemp("settings") / "unmeasured.toml"
    path.write_text("[training]\nfaithfulness = 0\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(unmeasured: Path, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("accounts") / "model"
    settings = "--config", unmeasured, "--epochs", 1, "--size", "small", "--no-baseline"
    result = run("train", sample / "train.csv", "-m", path, "--group-col", "account", "--encoder", "hierarchical", *settings)
    assert result.returncode == 0, result.stderr
    assert "accounts, each classified from all its rows" in result.stderr
    return path


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table)))


def posts_by_account(file: Path) -> dict[str, list[dict[str, str]]]:
    accounts = defaultdict(list)
    for row in rows_of(file.read_text(encoding="utf-8")):
        accounts[row["account"]].append(row)
    return accounts


def test_eval_counts_accounts(model: Path, sample: Path) -> None:
    result = run("eval", sample / "test.csv", "-m", model, "--json")
    assert json.loads(result.stdout)["rows"] == len(posts_by_account(sample / "test.csv"))
    assert attnclf.load(model).evaluate(sample / "test.csv").rows == len(posts_by_account(sample / "test.csv"))
    assert " accounts of " not in result.stderr
    many = len(posts_by_account(sample / "train.csv"))
    assert f"{many} of {many} accounts of " in run("eval", sample / "train.csv", "-m", model).stderr


def test_predict_writes_the_account_s_label_beside_each_of_its_rows(model: Path, sample: Path) -> None:
    result = run("predict", "-f", sample / "test.csv", "-m", model)
    rows, given = rows_of(result.stdout), rows_of((sample / "test.csv").read_text(encoding="utf-8"))
    assert [row["text"] for row in rows] == [row["text"] for row in given]
    answers = defaultdict(set)
    for row in rows:
        answers[row["account"]].add((row["predicted"], row["probability"]))
    assert all(len(found) == 1 for found in answers.values())
    right = [row["predicted"] == row["label"] for row in rows]
    assert sum(right) > 0.75 * len(right)  # some accounts are copied or sold, or have a wrong label


def test_an_explanation_says_which_posts_and_which_words(model: Path, sample: Path) -> None:
    result = run("explain", "-f", sample / "test.csv", "-m", model, "--format", "jsonl")
    records = [json.loads(line) for line in result.stdout.splitlines()]
    accounts = posts_by_account(sample / "test.csv")
    assert len(records) == len(accounts)
    for record, (account, rows) in zip(records, accounts.items(), strict=True):
        assert f"account: {account}" in record["remarks"]
        posts = [" ".join(row["text"].split()) for row in rows]
        assert record["text"] == "\n".join(posts)
        assert [post["text"] for post in record["sentences"]] == [post for post in posts if post]
        for figure in ("attention", "evidence"):
            whole = sum(token[figure] for token in record["tokens"])
            assert sum(post[figure] for post in record["sentences"]) == pytest.approx(whole, abs=1e-6)
        assert sum(token["evidence"] for token in record["tokens"]) == pytest.approx(record["log_odds"], abs=1e-4)


def test_a_text_of_several_lines_is_an_account_of_several_posts(model: Path) -> None:
    result = run("explain", "followers 1000, link in bio\n오늘 라떼 마셨다", "-m", model)
    assert "strongest posts" in result.stdout
    page = run("explain", "followers 1000, link in bio\n오늘 라떼 마셨다", "-m", model, "--format", "html")
    assert "strongest posts" in page.stdout


@pytest.fixture(scope="module")
def post_model(unmeasured: Path, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("posts") / "model"
    settings = "--config", unmeasured, "--epochs", 2, "--size", "small", "--no-baseline", "--encoder", "embedding"
    result = run("train", sample / "train.csv", "-m", path, "--group-col", "account", *settings)
    assert result.returncode == 0, result.stderr
    assert "by a rule fitted to 30 held-out accounts" in result.stderr
    assert "accounts (30)" in result.stdout
    return path


def test_a_model_of_posts_judges_accounts_better_than_posts(post_model: Path, sample: Path) -> None:
    result = run("eval", sample / "test.csv", "-m", post_model, "--json")
    found = json.loads(result.stdout)
    assert found["rows"] == len(rows_of((sample / "test.csv").read_text(encoding="utf-8")))
    assert "300 of 300 accounts of " in run("eval", sample / "train.csv", "-m", post_model).stderr
    accounts = found["accounts"]
    assert accounts["verdicts"]["report"]["rows"] == len(posts_by_account(sample / "test.csv"))
    assert accounts["verdicts"]["report"]["accuracy"] > accounts["posts"]["report"]["accuracy"] + 0.05
    assert accounts["posts"]["intervals"]["accuracy"]["mean"] == pytest.approx(accounts["posts"]["report"]["accuracy"])
    assert "## Accounts" in (post_model / "README.md").read_text(encoding="utf-8")
