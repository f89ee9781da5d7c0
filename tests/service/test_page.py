"""The page in a real browser: typed into, clicked, looked at, in light and dark, at the width of a phone and of a desk."""

import csv
import gzip
import io
import json
import lzma
import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest

from tests.browser.conftest import NAMES
from tests.models import TEXTS, write_bundle
from tests.service.chromium import Chromium, chromium
from tests.service.conftest import NEEDED, Service, serving

pytest.importorskip("fastapi", reason=NEEDED)

import attnclf
from attnclf.service import model as models

DECISION = "document.querySelector('.decision').textContent"
PIECES = "[...document.querySelectorAll('.text [role=button]')].map(e => e.textContent)"
SHOWN = "document.querySelector('.text').textContent"
CHANGE = "document.querySelector('.change').textContent"
UNDONE = "document.querySelector('.without').hidden"
FIELD = "document.querySelector('textarea')"
KOREAN, ARABIC = "오늘 성수동에서 라떼 마셨다 👩‍👩‍👧‍👦 ㅋㅋ", "مرحبا بكم في المقهى"
HOSTILE = '<img src=x onerror="document.title=1"> </span><script>document.title=2</script> &amp; \u202e\x07 "\''


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium here: the page was not looked at; `make browser` installs it on Debian")
    with chromium(program, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def page(browser: Chromium, service: Service) -> Iterator[Chromium]:
    """The page, freshly opened. Whatever is done with it, it runs into no error and asks nobody else."""
    browser.window(1000)
    browser.go(f"http://127.0.0.1:{service.port}/")
    yield browser
    assert browser.complaints == []
    assert {urlparse(address).netloc for address in browser.asked if not address.startswith(("data:", "blob:"))} == {
        f"127.0.0.1:{service.port}"
    }


def answered(page: Chromium, text: str) -> None:
    """Waits until the answer to this text is shown."""
    page.until(f"{SHOWN} === {text!r}" if text.isascii() else f"{SHOWN}.length > 0 && !document.querySelector('.waiting')")


def expected(path: Path, text: str) -> str:
    (found,) = attnclf.load(path).predictions([text])
    return f"{found.label} {100 * found.probability:.1f} %"


def test_an_answer_appears_as_someone_types(page: Chromium, judging_path: Path) -> None:
    assert page.look("document.activeElement.tagName") == "TEXTAREA"
    assert page.look("document.querySelector('.answer').hidden")
    text = "get 1000 followers, DM me"
    page.type(text)
    answered(page, text)
    assert page.look(DECISION) == expected(judging_path, text)
    assert page.look(PIECES) == text.split()
    rows = page.look("[...document.querySelectorAll('.shares tr')].map(e => e.textContent)")
    assert len(rows) == 3
    assert page.look("[...document.querySelectorAll('.text [class]')].some(e => /^[sao][1-5]/.test(e.className))")
    page.press("a", control=True)
    page.press("Backspace")
    page.until("document.querySelector('.answer').hidden")
    typed = [address for address in page.asked if address.endswith("/page/text")]
    assert len(typed) < len(text)  # not one for each key


def test_the_answer_is_that_to_what_stands_there_however_late_another_comes(page: Chromium, judging_path: Path) -> None:
    page.look(
        "(() => { const real = fetch; let n = 0; window.fetch = async (...a) => { const late = n++ === 0;"
        " const b = await real(a[0], {...a[1], signal: undefined});"
        " if (late) await new Promise(r => window.release = r); return b; }; })()"
    )
    page.type("one")
    page.until("window.release")
    page.type(" two")
    answered(page, "one two")
    page.look("window.release()")
    page.look("new Promise(r => setTimeout(r, 300))")
    assert page.look(SHOWN) == "one two"
    assert page.look(DECISION) == expected(judging_path, "one two")


def test_a_click_leaves_a_piece_out_and_says_what_changes(page: Chromium, judging_path: Path) -> None:
    page.type("get 1000 followers, DM me")
    answered(page, "get 1000 followers, DM me")
    page.click("document.querySelectorAll('.text [role=button]')[1]")
    page.until(f"!{UNDONE}")
    without = expected(judging_path, "get followers, DM me")
    assert page.look(CHANGE).endswith(f"{without}.")
    assert "“1000”" in page.look(CHANGE)
    assert page.look("document.querySelector('.gone').getAttribute('aria-pressed')") == "true"
    label = without.split()[0]
    row = page.look(f"document.querySelector('.shares tr[data-label={label}] .n').textContent")
    assert row.startswith(without.removeprefix(label).strip())
    assert "(" in row
    page.click("document.querySelectorAll('.text [role=button]')[4]")
    page.until(f"{CHANGE}.includes('“1000” and “me”')")
    page.click("document.querySelector('.restore')")
    page.until(UNDONE)
    assert page.look("document.querySelectorAll('.gone').length") == 0
    page.click("document.querySelectorAll('.text [role=button]')[1]")
    page.until(f"!{UNDONE}")
    page.click("document.querySelector('.keep')")
    answered(page, "get followers, DM me")
    assert page.look(f"{FIELD}.value") == "get followers, DM me"
    assert page.look(DECISION) == without


def test_everything_can_be_done_by_keyboard(page: Chromium) -> None:
    page.type("one two three")
    answered(page, "one two three")
    page.press("Tab")
    focused = "document.activeElement.textContent"
    assert page.look(focused) == "one"
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.press("ArrowRight")
    assert page.look(focused) == "three"
    page.press("Home")
    page.press("ArrowRight")
    assert page.look(focused) == "two"
    page.press("Enter")
    page.until(f"!{UNDONE}")
    assert "“two”" in page.look(CHANGE)
    page.press(" ")
    page.until(UNDONE)
    page.press("Tab")
    assert page.look("document.activeElement.id") == "file"  # one stop for all pieces of a text


def test_methods_and_units_can_be_chosen(page: Chromium) -> None:
    page.type("library again, so tired")
    answered(page, "library again, so tired")
    before = page.look("document.querySelector('.title').textContent")
    page.click("document.querySelector('input[value=evidence]')")
    assert page.look("document.querySelector('.title').textContent") != before
    assert "sum" in page.look("document.querySelector('.scale').textContent")
    words = page.look(PIECES)
    page.click("document.querySelector('input[value=token]')")
    page.until(f"{PIECES}.length > {len(words)}")
    assert "," in page.look(PIECES)


def test_two_texts_side_by_side(page: Chromium, judging_path: Path) -> None:
    page.type("one")
    answered(page, "one")
    page.click("document.querySelector('#compare')")
    page.type("followers")
    page.until("document.querySelectorAll('.decision')[1]?.textContent")
    found = page.look("[...document.querySelectorAll('.decision')].map(e => e.textContent)")
    assert found == [expected(judging_path, "one"), expected(judging_path, "followers")]
    tops = "[...document.querySelectorAll('.panel')].map(e => e.getBoundingClientRect()).map(b => [b.top, b.left])"
    (top, left), (other, right) = page.look(tops)
    assert (top, left < right) == (other, True)
    page.window(375)
    (top, left), (other, right) = page.look(tops)
    assert (left, top < other) == (right, True)
    page.click("document.querySelector('#compare')")
    assert page.look("document.querySelectorAll('.panel').length") == 1


@pytest.mark.parametrize(("text", "direction"), [(KOREAN, "ltr"), (ARABIC, "rtl"), ("a\nb 👩‍👩‍👧‍👦", "ltr")])
def test_any_script_is_shown_as_it_is(page: Chromium, text: str, direction: str) -> None:
    page("Input.insertText", text=text)
    page.until("document.querySelector('.decision').textContent && !document.querySelector('.waiting')")
    assert page.look(SHOWN) == text
    assert page.look("getComputedStyle(document.querySelector('.text')).direction") == direction
    page.click("[...document.querySelectorAll('.text [role=button]')].at(-1)")
    page.until(f"!{UNDONE}")
    page.click("document.querySelector('.keep')")
    page.until(f"{FIELD}.value !== {text!r}" if "\n" not in text else f"!{FIELD}.value.includes('👩')")
    assert text.startswith(page.look(f"{FIELD}.value").rstrip())


def test_arrows_go_where_they_point_in_a_text_from_right_to_left(page: Chromium) -> None:
    page("Input.insertText", text=ARABIC)
    page.until(f"{PIECES}.length > 0")
    page.press("Tab")
    page.press("ArrowLeft")
    assert page.look("document.activeElement.textContent") == ARABIC.split()[1]


def test_a_hostile_text_is_only_a_text(page: Chromium) -> None:
    title = page.look("document.title")
    page("Input.insertText", text=HOSTILE)
    page.until("document.querySelector('.decision').textContent && !document.querySelector('.waiting')")
    for place in (0, 1):
        page.click(f"document.querySelectorAll('.text [role=button]')[{place}]")
    page.until(f"!{UNDONE}")
    assert page.look("document.querySelectorAll('main img, main script').length") == 0
    assert page.look("document.title") == title
    assert "\\u202e" in page.look(SHOWN)


def test_what_the_service_refuses_is_said(page: Chromium) -> None:
    page("Input.insertText", text="a" * 20_001)
    page.until("document.querySelector('.panel .problem').textContent.includes('20,001 characters')")
    page.press("a", control=True)
    page.type("b")
    answered(page, "b")
    assert page.look("document.querySelector('.panel .problem').textContent") == ""
    page.events = [event for event in page.events if event["method"] != "Log.entryAdded"]  # the browser notes a 422 itself


def test_an_answer_is_not_shown_under_another_text_that_is_refused(page: Chromium) -> None:
    page.type("one")
    answered(page, "one")
    page("Input.insertText", text="a" * 20_001)
    page.until("document.querySelector('.panel .problem').textContent.includes('characters')")
    assert page.look("document.querySelector('.answer').hidden")
    page.events = [event for event in page.events if event["method"] != "Log.entryAdded"]


def test_two_models_are_not_compared(browser: Chromium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "LOOKING", 0.05)
    path = write_bundle(tmp_path / "m", labels=("old", "older")).path
    with serving(path) as service:
        browser.window(1000)
        browser.go(f"http://127.0.0.1:{service.port}/")
        browser.type("one two")
        answered(browser, "one two")
        write_bundle(path, labels=("new", "newer"))
        browser.until("(await fetch('model').then(a => a.json())).taken_over === 1")
        browser.click("document.querySelectorAll('.text [role=button]')[1]")
        browser.until("document.querySelector('.panel .problem').textContent.includes('replaced')")
        assert browser.look(DECISION) == expected(path, "one two")
        assert browser.look(UNDONE)
        browser.click("document.querySelectorAll('.text [role=button]')[1]")
        browser.until(f"!{UNDONE}")
        assert browser.look("document.querySelector('.panel .problem').textContent") == ""


ANSWER = "document.querySelector('#file-answer').textContent"


def test_files_are_dropped_one_at_a_time(page: Chromium, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("text\nfollow me\n", encoding="utf-8")
    page.drop("document.body", tmp_path / "a.csv", tmp_path / "b.csv")
    page.until(f"{ANSWER} === 'Drop one file at a time.'")
    page.drop("document.body", tmp_path)
    page.until(f"{ANSWER}.endsWith('cannot be read. Is it a folder? Drop a file.')")


def test_the_answer_to_an_earlier_file_does_not_replace_that_to_a_later_one(page: Chromium, tmp_path: Path) -> None:
    page.look(
        "(() => { const real = fetch; let n = 0; window.fetch = async (...a) => { const late = n++ === 0;"
        " const b = await real(a[0], {...a[1], signal: undefined});"
        " if (late) await new Promise(r => window.release = r); return b; }; })()"
    )
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text("text\nfollow me\n", encoding="utf-8")
    page.drop("document.body", tmp_path / "a.csv")
    page.until("window.release")
    page.drop("document.body", tmp_path / "b.csv")
    page.until("document.querySelector('#file-answer a')?.download === 'b.labelled.csv'")
    page.look("window.release()")
    page.look("new Promise(r => setTimeout(r, 300))")
    assert page.look("document.querySelector('#file-answer a').download") == "b.labelled.csv"


@pytest.mark.parametrize("way", ["dropped", "chosen"])
def test_a_file_comes_back_labelled(page: Chromium, judging_path: Path, tmp_path: Path, way: str) -> None:
    path = tmp_path / "글.csv"
    path.write_text("id,text\n" + "".join(f'{n},"{text}"\n' for n, text in enumerate(TEXTS[:4])), encoding="utf-8")
    if way == "dropped":
        page.drop("document.querySelector('#drop')", path)
    else:
        node = page("DOM.querySelector", nodeId=page("DOM.getDocument")["root"]["nodeId"], selector="#file")["nodeId"]
        page("DOM.setFileInputFiles", files=[str(path)], nodeId=node)
    page.until("document.querySelector('#file-answer a')")
    assert page.look("document.querySelector('#file-answer a').download") == "글.labelled.csv"
    assert page.look("document.querySelector('#file-answer').textContent").startswith("4 rows: ")
    page("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.click("document.querySelector('#file-answer a')")
    labelled = tmp_path / "글.labelled.csv"
    end = time.monotonic() + 60
    while not labelled.exists() or not labelled.stat().st_size:
        assert time.monotonic() < end
        time.sleep(0.02)
    rows = list(csv.DictReader(io.StringIO(labelled.read_text(encoding="utf-8"))))
    classifier = attnclf.load(judging_path)
    assert [row["text"] for row in rows] == TEXTS[:4]
    assert [row["predicted"] for row in rows] == classifier.predict(TEXTS[:4]).tolist()
    assert [row["id"] for row in rows] == ["0", "1", "2", "3"]


def test_a_file_that_holds_no_texts_is_said_to(page: Chromium, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"a,b\n1,2\n")
    page.drop("document.body", tmp_path / "x.csv")
    page.until("document.querySelector('#file-answer.problem')")
    assert "x.csv: which column holds the text?" in page.look("document.querySelector('#file-answer').textContent")
    page.events = [event for event in page.events if event["method"] != "Log.entryAdded"]


def test_a_token_is_asked_for_once(browser: Chromium, bundle_path: Path) -> None:
    with serving(bundle_path, token="a-long-token") as service:
        browser.window(1000)
        browser.go(f"http://127.0.0.1:{service.port}/")
        assert browser.look("document.activeElement.id") == "token"
        browser.type("wrong")
        browser.click(FIELD)
        browser.type("a")
        browser.until("document.querySelector('#access-problem').textContent === 'This token is not the right one.'")
        browser.click("document.querySelector('#token')")
        browser.type("토큰")
        browser.until("document.querySelector('#access-problem').textContent.startsWith('This is no token')")
        browser.click("document.querySelector('#token')")
        browser.press("a", control=True)
        browser.type("a-long-token")
        browser.until(DECISION)
        assert browser.look("document.querySelector('#access-problem').textContent") == ""
        browser.go(f"http://127.0.0.1:{service.port}/?again")
        assert browser.look("document.activeElement.tagName") == "TEXTAREA"
        browser.look("sessionStorage.clear()")


CONTRAST = """(() => {
  const channel = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const ground = e => { const c = getComputedStyle(e).backgroundColor, n = numbers(c);
    return c.startsWith("rgb(") ? n : e.parentElement ? ground(e.parentElement) : [255, 255, 255]; };
  let least = [99, ""];
  for (const e of document.querySelectorAll("body *")) {
    if (!e.checkVisibility() || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => x - y);
    const found = (b + .05) / (a + .05);
    if (found < least[0]) least = [found, e.outerHTML.slice(0, 99)];
  }
  return [...least, light(ground(document.body))];
})()"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 1000])
def test_it_can_be_read_and_stays_inside_the_window(page: Chromium, dark: bool, width: int) -> None:
    page.window(width, dark=dark)
    page("Input.insertText", text=f"get 1000 followers {KOREAN} " + "x" * 300)
    page.until("document.querySelector('.decision').textContent && !document.querySelector('.waiting')")
    page.click("document.querySelectorAll('.text [role=button]')[0]")
    page.until(f"!{UNDONE}")
    page.click("document.querySelector('#compare')")
    page.type("one")
    page.until("document.querySelectorAll('.decision')[1]?.textContent")
    least, where, ground = page.look(CONTRAST)
    assert least >= 4.5, where
    assert (ground < 0.1) == dark
    assert page.look("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    unnamed = (
        "[...document.querySelectorAll('button, input, textarea')].filter(e => !(e.labels?.length || e.textContent.trim()))"
    )
    assert page.look(f"{unnamed}.length") == 0


def test_nothing_is_asked_of_others_and_little_is_allowed(service: Service) -> None:
    status, headers, body = service.ask("GET", "/")
    assert status == 200
    assert b"http" not in body.replace(b"http-equiv", b"")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert service.ask("GET", "/page/files/routes.py")[0] == 404
    assert service.ask("GET", "/page/files/..%2f__init__.py")[0] == 404


def test_labels_that_are_html_are_only_labels(browser: Chromium, tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m", labels=("<b>a</b>", "<script>document.title=3</script>")).path
    with serving(path) as service:
        browser.window(1000)
        browser.go(f"http://127.0.0.1:{service.port}/")
        browser.type("one")
        browser.until(DECISION)
        assert browser.look("document.querySelectorAll('b, main script, header script').length") == 0
        assert browser.look("document.title") == "m · attnclf"
        assert browser.complaints == []


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.txt", "가\n".encode() * 51_000, "more than 50,000 rows"),
        ("a.txt", b"a" * 20_001, "row 1 of a.txt has 20,001 characters"),
        ("a.csv", b"text\n" + b"a" * 8_400_000, "larger than 8,388,608 bytes"),
        ("a.csv.gz", gzip.compress(b"id,title,body\n1," + b"a" * 40_000_000 + b",x\n"), "more than 34 MB unpacked"),
        ("a.zip", zipped({"b.csv": b"text\n" + b"a" * 40_000_000}), "more than 34 MB unpacked"),
        ("a.zip", zipped({"b.csv.xz": lzma.compress(b"text\n" + b"a" * 40_000_000)}), "more than 34 MB unpacked"),
        ("a.parquet", b"PAR1 and no more", "a.parquet"),
        ("../../etc/a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 50, "a.jpg"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_files_that_are_not_labelled(service: Service, name: str, content: bytes, says: str) -> None:
    error = service.refused(f"/page/file?name={name}", content, headers={"content-type": "application/octet-stream"})
    assert error["status"] in (413, 422)
    assert says in error["message"]


def test_lines_and_other_encodings_come_back_too(service: Service) -> None:
    status, _, body = service.ask("POST", "/page/file?name=a.txt", "좋아요\nDM me\n".encode())
    assert status == 200
    assert [row["text"] for row in csv.DictReader(io.StringIO(body.decode()))] == ["좋아요", "DM me"]
    table = "text\n" + "오늘 라떼 마셨다\n정말 좋아요\n" * 20
    status, headers, body = service.ask("POST", "/page/file?name=b.csv", table.encode("cp949"))
    assert status == 200
    assert len(list(csv.DictReader(io.StringIO(body.decode("cp949"))))) == 40
    assert "cp949" in headers["x-attnclf-summary"]


def test_rows_of_accounts_are_said_to_be_labelled_one_by_one(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "whole", level="word", encoder="hierarchical", whole=True).path
    with serving(path) as whole:
        status, headers, _ = whole.ask("POST", "/page/file?name=a.csv", b"account,text\nx,follow me\nx,the library\n")
    assert status == 200
    assert "reads all rows of an account together" in headers["x-attnclf-summary"]


def remarks_on(service: Service, name: str, content: bytes) -> tuple[str, bytes]:
    status, headers, body = service.ask("POST", f"/page/file?name={name}", content)
    assert status == 200, body
    return "\n".join(json.loads(headers["x-attnclf-summary"])["remarks"]), body


def test_what_the_command_says_of_a_file_is_said_here_too(service: Service) -> None:
    said, _ = remarks_on(service, "a.csv", b"account,text,predicted\nx,follow me,1\nx,,2\n")
    assert "column 'account' was not used: attnclf predict -f FILE judges accounts, too" in said
    assert "1 text holds nothing the model knows" in said
    assert "the table has 'predicted' already: what is written now is 'predicted.2'" in said
    said, _ = remarks_on(service, "a.csv", b"text\n" + b"follow me " * 1_500)
    assert "1 text is longer" in said
    said, _ = remarks_on(service, "a.csv", b"follow me\nDM me\n")
    assert "a.csv: its first line was read as a header; attnclf predict -f FILE --input-format lines reads" in said
    said, body = remarks_on(service, "a.csv", b"text,n\nDM me,1\ntext,n\nDM me,2\n")
    assert ("a.csv, line 3: repeats the header, and is read as a text" in said, body.count(b"\n")) == (True, 4)
    said, _ = remarks_on(service, "a.txt", b"one, text\nDM me\n")
    assert "the first line too; attnclf predict -f FILE --input-format csv reads a table" in said


def test_what_to_do_about_a_file_can_be_done_without_options(service: Service) -> None:
    error = service.refused("/page/file?name=a.csv", b"a,b\n1,2\n")
    assert error["hint"] == "rename the column to 'text'; or name it with attnclf predict -f FILE --text-col"
    error = service.refused("/page/file?name=a.txt", bytes(range(128, 256)) * 3)
    assert error["hint"].startswith("save it as UTF-8; or name ")
    assert "attnclf predict -f FILE --encoding" in error["hint"]


def test_a_label_that_the_encoding_of_a_file_lacks_is_written_in_utf_8(tmp_path: Path) -> None:
    path = write_bundle(tmp_path / "m", labels=("🔥", "❄")).path
    with serving(path) as service:
        said, body = remarks_on(service, "a.csv", ("text\n" + "오늘 라떼 마셨다\n정말 좋아요\n" * 20).encode("cp949"))
    assert "written as utf-8: cp949, as the file is, has no '🔥'" in said
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert (rows[0]["text"], rows[0]["predicted"] in "🔥❄") == ("오늘 라떼 마셨다", True)
