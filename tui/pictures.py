"""Pictures of every screen, drawn cell by cell as a terminal would: `python -m tui.pictures FOLDER`.

An SVG from Textual depends on the fonts of whoever looks; here wide characters take exactly two cells.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.pilot import Pilot

from tui.app import QingchaApp
from tui.place import Modal
from tui.quirks import screen_strips
from tui.settings import Settings, save, settings_path

CELL = (10, 21)
"""Width and height of a narrow cell in pixels."""
SIZE = {False: 16, True: 18}
"""Font size in pixels of narrow and wide characters."""
FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc", 7),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc", 2),
    ("/System/Library/Fonts/PingFang.ttc", 0),
    ("C:/Windows/Fonts/msyh.ttc", 0),
)
"""Where a Chinese font may be: path with {weight}, and the face within the collection (Mono CJK SC first)."""
NARROW = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{bold}.ttf",
    "/System/Library/Fonts/Menlo.ttc",
    "C:/Windows/Fonts/consola.ttf",
)


class NoFont(Exception):
    """No Chinese font is installed."""


@lru_cache
def _font(bold: bool, wide: bool) -> ImageFont.FreeTypeFont:
    candidates: list[tuple[str, int]] = list(FONTS)
    if not wide:
        candidates = [(path, 0) for path in NARROW] + candidates
    for path, index in candidates:
        name = path.format(weight="Bold" if bold else "Regular", bold="-Bold" if bold else "")
        if Path(name).exists():
            return ImageFont.truetype(name, SIZE[wide], index=index)
    raise NoFont("install a Chinese font first (on Debian: apt install fonts-noto-cjk fonts-dejavu-core)")


def picture(app: App[Any]) -> Image.Image:
    """What is on the app's screen now."""
    lines = screen_strips(app)
    width, height = app.size
    image = Image.new("RGB", (width * CELL[0], height * CELL[1]), "#ffffff")
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        _draw_line(draw, row, line)
    return image


def _draw_line(draw: ImageDraw.ImageDraw, row: int, segments: Iterable[Segment]) -> None:
    column = 0
    top = row * CELL[1]
    for segment in segments:
        style = segment.style
        front, back = _colours(style)
        bold = bool(style and style.bold)
        for character in segment.text:
            cells = max(cell_len(character), 0)
            if cells == 0:
                continue
            left = column * CELL[0]
            box = (left, top, left + cells * CELL[0] - 1, top + CELL[1] - 1)
            draw.rectangle(box, fill=back)
            if character != " " and not _drawn(draw, character, box, front):
                font = _font(bold, cells == 2)
                place = (left + cells * CELL[0] / 2, top + CELL[1] - 5)
                draw.text(place, character, font=font, fill=front, anchor="ms")
            if style and style.underline:
                draw.line((left, box[3], box[2], box[3]), fill=front)
            column += cells


_LINES = {"─": "lr", "│": "tb", "┌": "rb", "┐": "lb", "└": "rt", "┘": "lt"}
_HEAVY = {"━": "lr", "┃": "tb", "┏": "rb", "┓": "lb", "┗": "rt", "┛": "lt"}


def _drawn(draw: ImageDraw.ImageDraw, character: str, box: tuple[int, int, int, int], fill: str) -> bool:
    """Draw a border sign as lines that meet; False for any other character."""
    ways = _LINES.get(character) or _HEAVY.get(character)
    if ways is None:
        return False
    thick = 3 if character in _HEAVY else 1
    left, top, right, bottom = box
    across, down = (left + right) // 2, (top + bottom) // 2
    ends = {"l": (left, down), "r": (right + 1, down), "t": (across, top), "b": (across, bottom + 1)}
    for way in ways:
        draw.line((across, down, *ends[way]), fill=fill, width=thick)
    return True


def _colours(style: Any) -> tuple[str, str]:
    front, back = "#000000", "#ffffff"
    if style is not None:
        if style.color is not None and style.color.triplet is not None:
            front = style.color.triplet.hex
        if style.bgcolor is not None and style.bgcolor.triplet is not None:
            back = style.bgcolor.triplet.hex
        if style.reverse:
            front, back = back, front
    return front, back


LANGUAGES = ("zh", "en")
SIZES = ((80, 24), (120, 36), (200, 50))
THEMES = ("day", "night", "sunlight")
SHOTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("today", ()),
    ("help", ("question_mark",)),
    ("palette", ("ctrl+p",)),
    ("go", ("g",)),
    ("inspections", ("slash",)),
    ("new", ("n",)),
    ("new-site", ("n", "s")),
    ("settings", ("g", "p")),
    ("tour", ("g", "h")),
    ("inspection", ("i",)),
    ("missing", ("i", "x")),
    ("evidence", ("i", "e")),
    ("record", ("i", "r")),
    ("sync", ("g", "s")),
)
"""Name of a picture, and the keys from Today to what it shows."""


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until nothing is under way."""
    app: Any = pilot.app
    for _ in range(3):
        await pilot.pause(0.06)  # longer than the rest that a search line takes before it asks
        await app.workers.wait_for_complete()
        await asyncio.wrap_future(app.verbs.submit(int))
        await pilot.pause()


async def take_all(home: Path, folder: Path, unlock: Callable[[], Any], server: str) -> int:
    """A picture of every place in every language, theme and size; returns how many.

    Args:
        home: of the app; its settings are overwritten.
        folder: where the pictures go.
        unlock: opens the notebook anew (each run of the app closes it).
        server: address shown in Settings.
    """
    count = 0
    for language, theme, size in itertools.product(LANGUAGES, THEMES, SIZES):
        save(settings_path(home), Settings(language=language, theme=theme, server=server))
        name = f"{language}-{theme}-{size[0]}x{size[1]}"
        app = QingchaApp(home)
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            _keep(app, folder / f"unlock-{name}.png")
            app.enter(unlock())
            await settled(pilot)
            for shot, keys in SHOTS:
                for key in keys:
                    await pilot.press(key)
                    await settled(pilot)
                _keep(app, folder / f"{shot}-{name}.png")
                count += 1
                while isinstance(app.screen, Modal):
                    app.screen.dismiss(None)
                    await pilot.pause()
                app.go("today")
                await settled(pilot)
        count += 1
    return count


def _keep(app: App[Any], path: Path) -> None:
    picture(app).quantize(64).save(path, optimize=True)


def main() -> int:
    """`python -m tui.pictures FOLDER`: of the demo notebook, made anew in a folder of its own."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    from models.store.notebook import Notebook
    from tui.demo.world import PASSPHRASE, open_world

    with tempfile.TemporaryDirectory() as home:
        with open_world(Path(home), told=print) as world:
            place, url = world.folder, world.address.url
        print(
            asyncio.run(take_all(place, folder, lambda: Notebook.open(place / "notebook", PASSPHRASE), url))
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
