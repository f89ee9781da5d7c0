"""Chromium driven as a person would: keys, clicks and dropped files, by its own protocol over a pair of pipes.

https://chromedevtools.github.io/devtools-protocol/ (`--remote-debugging-pipe`: JSON messages that end with a NUL)
"""

import base64
import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

PATIENCE = 60.0  # seconds
KEYS = {"Enter": 13, "Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "Home": 36, "End": 35, "Backspace": 8, "Delete": 46, " ": 32}


class Chromium:
    """A headless browser with one tab."""

    def __init__(self, program: str, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ]

        def as_three_and_four() -> None:
            # By way of high numbers, since 3 and 4 may be taken by each other.
            os.dup2(to_browser, 30)
            os.dup2(from_browser, 31)
            os.dup2(30, 3)
            os.dup2(31, 4)

        self._process = subprocess.Popen(
            [program, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=as_three_and_four,  # noqa: PLW1509
        )
        os.close(to_browser)
        os.close(from_browser)
        self._messages: Queue[dict[str, Any]] = Queue()
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self._session = ""
        threading.Thread(target=self._listen, daemon=True).start()
        (page,) = [one for one in self("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        self._session = self("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self(f"{domain}.enable")

    def _listen(self) -> None:
        rest = b""
        while block := os.read(self._read, 1 << 16):
            *whole, rest = (rest + block).split(b"\0")
            for message in whole:
                self._messages.put(json.loads(message))

    def __call__(self, method: str, **parameters: Any) -> Any:
        """What a command of the protocol returns. Events that arrive meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._messages.get(timeout=max(0.1, end - time.monotonic()))
            except Empty:
                raise TimeoutError(method) from None
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def close(self) -> None:
        """Ends the browser."""
        with contextlib.suppress(OSError, TimeoutError):
            os.write(self._write, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)

    # What a person does.

    def go(self, address: str) -> None:
        """Opens a page, and waits until it is there."""
        self.events.clear()
        self("Page.navigate", url=address)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def look(self, expression: str) -> Any:
        """The value of an expression on the page."""
        found = self("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression: str) -> None:
        """Waits until an expression holds."""
        end = time.monotonic() + PATIENCE
        while not self.look(f"(async () => Boolean({expression}))()"):
            assert time.monotonic() < end, (expression, self.look("document.body.innerText"))
            time.sleep(0.02)

    def type(self, text: str) -> None:
        """Types into what has the focus, a character at a time."""
        for character in text:
            self("Input.insertText", text=character)

    def press(self, key: str, *, control: bool = False) -> None:
        """Presses a key."""
        letter = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 and not control else {}
        code = KEYS.get(key, ord(key[0].upper()))
        facts: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 2 if control else 0}
        commands = {"commands": ["selectAll"]} if control and key == "a" else {}
        self("Input.dispatchKeyEvent", type="keyDown", **facts, **letter, **commands)
        self("Input.dispatchKeyEvent", type="keyUp", **facts)

    def click(self, expression: str) -> None:
        """Clicks into the middle of the first box of an element, an expression."""
        x, y = self.look(
            f"(() => {{ const e = {expression}; e.scrollIntoView({{block: 'center'}}); const b = e.getClientRects()[0];"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def drop(self, expression: str, *paths: Path) -> None:
        """Drops files on an element."""
        x, y = self.look(
            f"(() => {{ const e = {expression}; e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def window(self, width: int, height: int = 900, *, dark: bool = False) -> None:
        """The size of the window, and the scheme of colours that its person prefers."""
        self("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self("Emulation.setEmulatedMedia", features=scheme)

    def picture(self, path: Path) -> None:
        """Writes what is shown, the whole page, as a PNG."""
        found = self("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    @property
    def complaints(self) -> list[str]:
        """Errors that the page ran into: of its scripts, of its policy, of what it loaded."""
        self.look("0")  # what has happened has arrived
        found = []
        for event in self.events:
            facts = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(facts["exceptionDetails"].get("exception", {}).get("description", "exception"))
            elif event["method"] == "Log.entryAdded" and facts["entry"]["level"] == "error":
                found.append(f"{facts['entry']['text']} {facts['entry'].get('url', '')}")
        return found

    @property
    def asked(self) -> list[str]:
        """The addresses of everything that the page asked for."""
        self.look("0")
        sent = [event["params"] for event in self.events if event["method"] == "Network.requestWillBeSent"]
        return [facts["request"]["url"] for facts in sent]


@contextlib.contextmanager
def chromium(program: str, profile: Path) -> Iterator[Chromium]:
    """A browser, which is ended afterwards."""
    browser = Chromium(program, profile)
    try:
        yield browser
    finally:
        browser.close()
