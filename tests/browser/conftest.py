"""A headless browser that reads a page in a frame of a given width and answers what a probe asks of it."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# The page stands in a frame of its own and is left as it is; the probe gets its document and window.
HARNESS = """<!doctype html><meta charset="utf-8"><body style="margin: 0">
<iframe style="border: 0; width: {width}px; height: 900px"></iframe><pre id="answer"></pre>
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {{
  const page = frame.contentDocument, view = frame.contentWindow;
  const answer = (() => {{ {probe} }})();
  document.getElementById("answer").textContent = JSON.stringify(answer);
}};
frame.srcdoc = {page};
</script>"""

Look = Callable[..., Any]


@pytest.fixture(scope="session")
def browser() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here: the pages were not looked at; `make browser` installs it on Debian")
    return found


@pytest.fixture
def look(browser: str, tmp_path: Path) -> Look:
    """look(page, probe, width, dark): what JavaScript `probe`, the body of a function of `page` and `view`, returns."""

    def look(page: str, probe: str, width: int = 900, *, dark: bool = False) -> Any:
        literal = json.dumps(page).replace("</", "<\\/").replace("<!--", "<\\!--")
        (tmp_path / "harness.html").write_text(HARNESS.format(width=width, probe=probe, page=literal), encoding="utf-8")
        options = [f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--window-size={width + 100},1000"]
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", *options]
        command += ["--virtual-time-budget=20000", "--dump-dom", (tmp_path / "harness.html").as_uri()]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True).stdout
        answer = re.search(r'<pre id="answer">(.+?)</pre>', shown, re.DOTALL)
        assert answer, shown[-2000:]
        return json.loads(html.unescape(answer[1]))

    return look
