"""The real app under a pilot, with everything that it would write to its terminal kept and read."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

from rich.color import ColorSystem
from textual.drivers.headless_driver import HeadlessDriver

from models.language import translate
from tests.hostile.terminal import foreign, printed
from tests.hostile.world import World
from tests.tui.helpers import settle
from tui.app import QingchaApp
from tui.quirks import screen_strips
from tui.settings import Settings, save, settings_path
from tui.trouble import LOG_NAME


class KeptDriver(HeadlessDriver):
    """A driver without a terminal that keeps what would have gone to it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.written: list[str] = []

    @property
    def is_headless(self) -> bool:
        """Textual draws nothing for a driver that says yes."""
        return False

    def write(self, data: str) -> None:
        self.written.append(data)

    def flush(self) -> None:
        """Nothing waits."""


class WatchedApp(QingchaApp):
    """The app, with its output kept and its ending noticed."""

    ended = 0

    def _build_driver(self, headless: bool, inline: bool, mouse: bool, size: Any) -> KeptDriver:
        return KeptDriver(self, debug=False, mouse=mouse, size=size)

    def exit(self, *args: Any, **options: Any) -> None:
        self.ended += 1
        super().exit(*args, **options)

    def taken(self) -> str:
        """What was written since the last call."""
        driver: Any = self._driver
        text = "".join(driver.written)
        driver.written.clear()
        return text


def problems(app: WatchedApp) -> list[str]:
    """What is wrong with all that was drawn since the last call: bytes, links, actions, crashes."""
    written = app.taken()
    found = [repr(each) for each in foreign(written)]
    for line in screen_strips(app):
        for segment in line:
            style = segment.style
            if style is not None and (style.link or _acts(style.meta)):
                found.append(f"text acts: {segment.text!r} {style.link!r} {style.meta!r}")
    if app.ended or not app.is_running:
        found.append("the app ended")
    log = app.home / LOG_NAME
    if log.exists():
        found.append(log.read_text("utf-8"))
        log.unlink()
    words = translate(app.trouble_words())
    if words[:12] in printed(written):
        found.append("trouble was told")
    return found


SCROLL_BAR = {("@mouse.down", "grab"), ("@mouse.up", "release")} | {
    (name, way) for name in ("@mouse.up", "@mouse.down") for way in ("scroll_down", "scroll_up")
}
"""What Textual's own scroll bar does under the mouse."""


def _acts(meta: dict[str, Any]) -> bool:
    return any(name.startswith("@") and (name, value) not in SCROLL_BAR for name, value in meta.items())


@asynccontextmanager
async def watched(world: World, *, size: tuple[int, int] = (80, 24), language: str = "zh") -> Any:
    """The app on the world's notebook; gives the app and its pilot, settled on Today."""
    save(settings_path(world.home), Settings(language=language, lock_minutes=0))
    app = WatchedApp(world.home, world.open())
    app.console._color_system = ColorSystem.TRUECOLOR  # its sequences are told from any that text may hold
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        yield app, pilot
