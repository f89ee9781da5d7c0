"""Accounts on the command line, by a model with random weights and a rule that was written by hand."""

import json
from pathlib import Path

import pytest

from attnclf.results import AccountRule
from attnclf.served.model import ServedModel
from tests.models import write_bundle

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
