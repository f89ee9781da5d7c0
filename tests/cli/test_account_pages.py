"""`explain --accounts`, and its folder of pages: an index, and a page for each account."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from attnclf.cli.explain_account import PAGES
from attnclf.cli.folders import open_folder
from attnclf.errors import DataError
from attnclf.render.account_pages import INDEX, MARK, is_page, page_name
from attnclf.results import AccountRule, Interval, Threshold
from tests.models import write_bundle

RULE = AccountRule((0.1, 0.0, -0.1), 2.0, 0.5, (0.5, 0.3, 0.2), 40)
NAMES = ["ann", "Ann", "a/b", "a_b", "../../up", "con", "<b>x</b>", "민수", "a" * 300, "x\u202ey"]
POSTS = ["좋아요 정말 좋아요", "get 1000 followers, DM me", "the library again, so tired"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("rule") / "model", accounts=RULE).path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reads accounts whole."""
    return write_bundle(tmp_path_factory.mktemp("whole") / "model", encoder="hierarchical", whole=True).path


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A table with two posts of each account, and one of nobody's."""
    rows = [{"account": name, "text": text} for text in POSTS[:2] for name in NAMES] + [{"account": "", "text": POSTS[2]}]
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return path


def rows_of(folder: Path) -> list[tuple[str, str, str, float, int]]:
    """Page, account, verdict, probability and posts of each row of the index."""
    row = r'<tr><td><a href="(.*?)">(.*?)</a></td><td>(.*?)</td><td.*?>(.*?)</td><td.*?>(.*?)</td></tr>'
    found = re.findall(row, (folder / INDEX).read_text(encoding="utf-8"))
    return [(page, html.unescape(name), verdict, float(p), int(n)) for page, name, verdict, p, n in found]


def test_every_account_has_a_page_and_a_row_of_the_index(run, model: Path, posts: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    code, out, err = run("explain", "-f", posts, "-m", model, "--accounts", "--format", "html", "-o", folder)
    assert (code, out) == (0, ""), err
    assert f"10 accounts in {folder / INDEX}" in err
    assert "1 row names no account, and counts in none" in err
    rows = rows_of(folder)
    assert {path.name for path in folder.iterdir()} == {INDEX, *(page for page, *_ in rows)}
    shares = [p for *_, p, _ in rows]
    assert shares == sorted(shares, reverse=True)
    predicted = run("predict", "-f", posts, "-m", model, "--accounts", "--format", "jsonl")[1]
    records = {one["account"]: one for one in map(json.loads, predicted.splitlines())}
    index = (folder / INDEX).read_text(encoding="utf-8")
    assert "sorted by the probability of shop" in index  # which is the rarest
    assert "<b>" not in index
    for page, name, verdict, p, count in rows:
        record = records["x\u202ey" if name == "x\\u202ey" else name]
        assert verdict == f"{record['label']} {record['probability']:.3f}"
        assert p == pytest.approx(record["probabilities"]["shop"], abs=1e-3)
        assert count == 2
        content = (folder / page).read_text(encoding="utf-8")
        assert f"<h1>Account {html.escape(name)}</h1>" in content
        assert f'<a href="{INDEX}">all accounts</a>' in content
        assert content.count("<article>") == 2


def test_names_of_pages_are_safe_and_differ_wherever_names_do() -> None:
    names = [
        *NAMES,
        "",
        " ",
        ".",
        "..",
        "/",
        "\\",
        "a\\b",
        "a b",
        "A B",
        "nul",
        "index",
        "index.html",
        "\ud800",
        "e\u0301",
        "é",
    ]
    pages = [page_name(name) for name in names]
    assert len({page.lower() for page in pages}) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]{1,57}\.html", page) and is_page(page) and page != INDEX for page in pages)
    assert page_name("ann").startswith("ann-")
    assert page_name("민수").startswith("account-")


def test_some_accounts_have_pages_too_and_one_is_a_page_by_itself(run, model: Path, posts: Path, tmp_path: Path) -> None:
    asked = "explain", "-f", posts, "-m", model, "--format", "html", "--account", "ann"
    code, _, err = run(*asked, "--account", "a/b", "-o", tmp_path / "pages")
    assert code == 0, err
    assert {name for _, name, *_ in rows_of(tmp_path / "pages")} == {"ann", "a/b"}
    page = run(*asked)[1]
    assert "<h1>Account ann</h1>" in page
    assert "href" not in page


def test_accounts_in_other_formats_come_one_after_another(run, model: Path, posts: Path) -> None:
    asked = "explain", "-f", posts, "-m", model
    lines = run(*asked, "--accounts", "--format", "jsonl")[1].splitlines()
    assert [json.loads(line)["account"] for line in lines] == NAMES
    shown = run(*asked, "--account", "ann", "--account", "con")[1]
    assert shown.index("account ann") < shown.index("account con")


@pytest.mark.parametrize("asked", [("--accounts",), ("--account", "ann", "--account", "con")])
def test_a_folder_of_pages_that_is_one_file_of_text_is_told(run, model: Path, posts: Path, asked: tuple[str, ...]) -> None:
    command = ("explain", "-f", posts, "-m", model, *asked)
    pages = posts.parent / "pages"
    told = f"{pages} is written as one file of text; --format html makes it a folder of pages"
    assert told in run(*command, "-o", pages)[2]
    assert pages.is_file()
    assert told not in run(*command, "-o", pages, "--format", "text")[2]
    for name in (posts.parent / "pages.txt", "/dev/null"):
        assert "is written as" not in run(*command, "-o", name)[2]
    (posts.parent / "there").mkdir()
    code, out, err = run(*command, "-o", posts.parent / "there")
    assert (code, out) == (2, "")
    told = f"error: -o {posts.parent / 'there'} is a folder, and text is one file\n  --format html writes a folder of pages; or"
    assert err.startswith(told)


def test_the_index_is_by_the_label_with_a_threshold_and_says_its_error(run, posts: Path, tmp_path: Path) -> None:
    share = Interval(0.004, 0.0, 0.01)
    never = Threshold("real", 0.01, 99.0, 400, share, 50, Interval(0.82, 0.69, 0.91), promised=True)
    path = write_bundle(tmp_path / "m", accounts=replace(RULE, min_posts=3, thresholds=(never,))).path
    asked = "--accounts", "--format", "html", "-o", tmp_path / "pages", "--prior", "fake=.02"
    assert run("explain", "-f", posts, "-m", path, *asked)[0] == 0
    index = (tmp_path / "pages" / INDEX).read_text(encoding="utf-8")
    assert "10 accounts: undecided 10" in index
    assert "threshold of real above p = 1 − 1e-43 at the base rates of training: false positives 0.004 (0.000–0.010)" in index
    assert "sorted by the probability of real" in index
    assert "(base rate fake 0.02, real 0.588, shop 0.392)" in index
    assert all("undecided (fewer than 3 posts; " in verdict for _, _, verdict, *_ in rows_of(tmp_path / "pages"))


def test_accounts_that_are_read_whole_have_pages(run, whole: Path, posts: Path, tmp_path: Path) -> None:
    asked = "explain", "-f", posts, "-m", whole
    code, _, err = run(*asked, "--accounts", "--format", "html", "-o", tmp_path / "pages")
    assert code == 0, err
    assert "1 row names no account, and counts in none" in err
    rows = rows_of(tmp_path / "pages")
    assert len(rows) == len(NAMES)
    assert {count for *_, count in rows} == {2}
    for page, *_ in rows:
        content = (tmp_path / "pages" / page).read_text(encoding="utf-8")
        assert content.count('<p class="text" dir="auto">') == 2  # a post a line
        assert f'<a href="{INDEX}">all accounts</a>' in content
    (one,) = run(*asked, "--account", "a/b", "--format", "jsonl")[1].splitlines()  # and of nobody else
    assert "account: a/b" in json.loads(one)["remarks"]
    code, out, err = run(*asked, "--account", "a/b", "--account", "an")
    assert (code, out) == (3, "")
    assert "no account 'an'" in err


def test_a_folder_of_pages_is_replaced_and_nothing_else_is(run, model: Path, posts: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    asked = "explain", "-f", posts, "-m", model, "--format", "html", "-o", folder
    (tmp_path / "to").mkdir()
    folder.symlink_to("to")
    assert run(*asked, "--accounts")[0] == 0
    assert run(*asked, "--account", "ann", "--account", "con")[0] == 0
    assert folder.is_symlink()
    assert len(list(folder.iterdir())) == 3
    before = sorted(folder.iterdir())
    code, _, err = run(*asked, "--account", "ann", "--account", "nobody")
    assert code == 3
    assert "no account 'nobody'" in err
    assert sorted(folder.iterdir()) == before
    (folder / "mine.txt").write_text("kept", encoding="utf-8")
    code, _, err = run(*asked, "--accounts")
    assert code == 3
    assert "holds 'mine.txt'" in err
    assert "nothing there was touched" in err
    assert sorted(folder.iterdir()) == sorted([*before, folder / "mine.txt"])
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("theirs", [{INDEX: "<title>my site</title>"}, {page_name("ann"): MARK}, {INDEX: MARK, "a.css": ""}])
def test_a_site_of_somebody_else_s_is_kept(run, model: Path, posts: Path, tmp_path: Path, theirs: dict[str, str]) -> None:
    site = tmp_path / "site"
    site.mkdir()
    asked = "explain", "-f", posts, "-m", model, "--format", "html", "-o", site, "--accounts"
    for name, content in theirs.items():
        (site / name).write_text(content, encoding="utf-8")
    code, _, err = run(*asked)
    assert code == 3
    assert f"holds '{min(theirs)}'" in err
    assert {path.name: path.read_text(encoding="utf-8") for path in site.iterdir()} == theirs
    for name in theirs:
        (site / name).unlink()
    assert run(*asked)[0] == 0  # an empty folder is nobody's
    (site / page_name("con")).unlink()
    (site / page_name("con")).mkdir()
    assert run(*asked)[0] == 3


@pytest.mark.parametrize("format_", ["text", "jsonl", "pages"])
@pytest.mark.parametrize("kind", ["model", "whole"])
def test_a_table_in_which_nobody_is_named_is_an_error(
    run, request: pytest.FixtureRequest, tmp_path: Path, kind: str, format_: str
) -> None:
    (tmp_path / "t.csv").write_text("account,text\n,a\n,b\n", encoding="utf-8")
    written = ["html", "-o", tmp_path / "pages"] if format_ == "pages" else [format_]
    asked = "explain", "-f", tmp_path / "t.csv", "-m", request.getfixturevalue(kind), "--accounts", "--format", *written
    code, out, err = run(*asked)
    assert (code, out) == (3, "")
    assert "error: no row names an account" in err
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--accounts"], 2, "a folder of pages"),
        (["--accounts", "-o", "pages.html"], 2, "-o is 'pages.html'"),
        (["--accounts", "-o", "posts.jsonl/pages"], 3, "posts.jsonl' is a file, and not a folder"),
        (["--accounts", "-o", "posts.jsonl"], 2, "--format is html, and -o names a file of jsonl"),
        (["--accounts", "--account", "ann", "-o", "pages"], 2, "leave one of them out"),
        (["--accounts", "--target", "fake", "-o", "pages"], 2, "without --target or --against"),
        (["--accounts", "--prior", "fake=1", "-o", "pages"], 2, "'fake' is 1"),
        (["--accounts", "--global", "posts.jsonl"], 2, "--global cannot be combined"),
    ],
)
def test_what_cannot_be_pages_is_an_error(
    run, model: Path, posts: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], code: int, says: str
) -> None:
    monkeypatch.chdir(posts.parent)
    texts = [] if "--global" in options else ["-f", "posts.jsonl"]
    found, out, err = run("explain", *texts, "-m", model, "--format", "html", *options)
    assert (found, out) == (code, "")
    assert says in err
    assert {path.name for path in posts.parent.iterdir()} == {"posts.jsonl"}


def test_accounts_need_a_column_and_somebody_in_it(run, model: Path, tmp_path: Path) -> None:
    assert "--accounts needs a table with the column 'account'" in run("explain", "a", "-m", model, "--accounts")[2]
    (tmp_path / "t.csv").write_text("account,text\n,a\n,b\n", encoding="utf-8")
    code, _, err = run(
        "explain", "-f", tmp_path / "t.csv", "-m", model, "--accounts", "--format", "html", "-o", tmp_path / "pages"
    )
    assert code == 3
    assert "no row names an account" in err
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize("exchange", [True, False])
def test_pages_appear_all_at_once_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exchange: bool) -> None:
    if not exchange:
        monkeypatch.setattr("attnclf.cli.folders.exchanged", lambda one, other: False)
    for content in ("old", "new"):
        with open_folder(tmp_path / "pages", PAGES) as place:
            (place / INDEX).write_text(MARK + content, encoding="utf-8")
            assert not (place / INDEX).samefile(tmp_path / "pages" / INDEX) if content == "new" else True
    with pytest.raises(ZeroDivisionError), open_folder(tmp_path / "pages", PAGES) as place:
        (place / INDEX).write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()] == [f"{MARK}new"]
    with pytest.raises(DataError, match="holds 'mine'"), open_folder(tmp_path / "pages", PAGES) as place:
        (tmp_path / "pages" / "mine").touch()  # while pages are written
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {INDEX, "mine"}
