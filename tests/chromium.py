"""A real headless Chromium, driven by its DevTools protocol over a pipe: JSON on descriptors 3 and 4, each
message ended by a zero byte (`--remote-debugging-pipe`). No library is needed for that."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--password-store=basic",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""Nothing but the page under test is asked for."""
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}


def found() -> str | None:
    """Path of the Chromium on this machine; None where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """One page of it."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._buffer = b""
        self._numbers = itertools.count(1)
        self._session = ""
        self.events: list[dict[str, Any]] = []

    def open(self) -> None:
        """Open a tab of a phone's size."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "DOM", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", **PHONE)
        self.call("Emulation.setTouchEmulationEnabled", enabled=True)
        self.call("Page.setInterceptFileChooserDialog", enabled=True)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """What a method answers."""
        number = self._say(method, **params)
        answer = self._next(lambda one: one.get("id") == number, 120)
        assert "error" not in answer, (method, answer["error"])
        return answer["result"]

    def _say(self, method: str, **params: Any) -> int:
        number = next(self._numbers)
        said = {"id": number, "method": method, "params": params}
        if self._session:
            said["sessionId"] = self._session
        os.write(self._write, json.dumps(said).encode() + b"\0")
        return number

    def event(self, method: str, seconds: float = 120) -> dict[str, Any]:
        """The next event of a name, waited for; one that came before counts."""
        for at, each in enumerate(self.events):
            if each["method"] == method:
                return self.events.pop(at)["params"]
        return self._next(lambda one: one.get("method") == method, seconds)["params"]

    def _next(self, wanted: Callable[[dict[str, Any]], bool], seconds: float) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while True:
            while b"\0" in self._buffer:
                raw, _zero, self._buffer = self._buffer.partition(b"\0")
                told = json.loads(raw)
                if wanted(told):
                    return told
                if told.get("method") == "Page.javascriptDialogOpening":
                    self._say("Page.handleJavaScriptDialog", accept=True)  # leave the page all the same
                if "method" in told:
                    self.events.append(told)
            left = end - time.monotonic()
            assert left > 0, "Chromium does not answer"
            if select.select([self._read], [], [], left)[0]:
                piece = os.read(self._read, 1 << 16)
                assert piece, "Chromium has ended"
                self._buffer += piece

    # -- what a person does ---------------------------------------------------------------------------------

    def go(self, url: str) -> None:
        """Open an address and wait until it is there."""
        self.events.clear()
        told = self.call("Page.navigate", url=url)
        assert "errorText" not in told, told
        self.event("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression gives on the page."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def tap(self, selector: str) -> None:
        """Touch the middle of an element."""
        box = self.value(
            f"(e=>{{e.scrollIntoView({{block:'center'}});const b=e.getBoundingClientRect();"
            f"return [b.x+b.width/2,b.y+b.height/2]}})(document.querySelector({json.dumps(selector)}))"
        )
        for kind, points in (("touchStart", [{"x": box[0], "y": box[1]}]), ("touchEnd", [])):
            self.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def give(self, selector: str, *files: Path) -> str:
        """Touch a button that asks for files, and give them as the camera or gallery does; its mode."""
        self.tap(selector)
        asked = self.event("Page.fileChooserOpened")
        self.call(
            "DOM.setFileInputFiles", files=[str(each) for each in files], backendNodeId=asked["backendNodeId"]
        )
        return str(asked["mode"])

    def picture(self, path: Path) -> None:
        """Write what is on the screen as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextlib.contextmanager
def chromium(folder: Path) -> Iterator[Tab]:
    """A tab of a Chromium of its own, ended with the block.

    Args:
        folder: an empty one for its profile.
    """
    program = found()
    assert program is not None
    ours_read, theirs_write = os.pipe()
    theirs_read, ours_write = os.pipe()
    script = f'exec "$0" "$@" 3<&{theirs_read} 4>&{theirs_write}'
    arguments = [program, *FLAGS, "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(
        ["/bin/bash", "-c", script, *arguments],
        pass_fds=(theirs_read, theirs_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
        start_new_session=True,
    )
    os.close(theirs_read)
    os.close(theirs_write)
    tab = Tab(ours_read, ours_write)
    try:
        tab.open()
        yield tab
    finally:
        with contextlib.suppress(OSError, AssertionError):
            os.write(ours_write, b'{"id":0,"method":"Browser.close"}\0')
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        os.close(ours_read)
        os.close(ours_write)
