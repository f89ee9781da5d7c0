"""The tests of the pages find what stands on a page, and refuse what the program does not have."""

from pathlib import Path

import pytest

from attnclf.errors import AttnclfError
from tests.docs.markdown import Page
from tests.docs.test_pages import options_in, parse

TEXT = """\
# One `page` (really)

A [link](a.md#one-page-really), ![a picture](b.svg), [the web](https://example.org), `[no](link.md)`, and `make
quick`.

```python e2e
# attnclf/new.py (add)
x = 1  # [no](link)
```

## Twice

```sh
$ attnclf predict "one # text" | head -3 > out.txt   # a comment
KERAS_BACKEND=jax attnclf train a.csv \\
  --level word 2>&1 && echo done
echo attnclf
```

```console
$ attnclf --version
attnclf 0.1.0
```

## Twice
"""


@pytest.fixture
def page(tmp_path: Path) -> Page:
    (tmp_path / "page.md").write_text(TEXT, encoding="utf-8")
    return Page(tmp_path / "page.md")


def test_what_a_page_holds(page: Page) -> None:
    assert page.anchors == {"one-page-really", "twice", "twice-1"}
    assert page.links == {"a.md#one-page-really", "b.svg"}
    assert "make quick" in page.spans
    fence, *_ = page.fences
    assert (fence.language, fence.info, fence.path, fence.line) == ("python", "python e2e", "attnclf/new.py", 7)
    assert [fence.language for fence in page.section("Twice")] == ["sh", "console"]


def test_commands_of_a_page(page: Page) -> None:
    commands = [arguments for _, arguments in page.commands("attnclf")]
    assert commands == [["predict", "one # text"], ["train", "a.csv", "--level", "word"], ["--version"]]
    assert [line for line, _ in page.commands("attnclf")] == [14, 15, 21]


@pytest.mark.parametrize("line", ["predict -m model text", "train a.csv b.csv --epochs 3", "explain --help", "--version"])
def test_command_lines_that_parse(line: str) -> None:
    parse(line.split())


@pytest.mark.parametrize("line", ["predikt text", "predict --no-such-option text", "train a.csv --epochs few", "train"])
def test_command_lines_that_do_not(line: str) -> None:
    with pytest.raises(Exception) as raised:
        parse(line.split())
    assert isinstance(raised.value, AttnclfError) or hasattr(raised.value, "exit_code")


def test_options_within_words() -> None:
    assert options_in(["-m", "--fail-under=1", "word", "-1", "--", "-"]) == {"-m", "--fail-under"}
