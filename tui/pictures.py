"""Pictures of every screen, drawn cell by cell as a terminal would: `python -m tui.pictures FOLDER`.

An SVG from Textual depends on the fonts of whoever looks; here wide characters take exactly two cells.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.pilot import Pilot

from models.rooms import TITLES
from tui.app import QingchaApp
from tui.place import Modal
from tui.quirks import screen_strips
from tui.settings import Settings, save, settings_path

if TYPE_CHECKING:
    from models.store.notebook import Notebook
    from tui.demo.world import World

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
    raise NoFont(
        "There is no Chinese font to draw with: install one first "
        "(on Debian and Ubuntu: apt install fonts-noto-cjk fonts-dejavu-core)."
    )


def picture(app: App[Any]) -> Image.Image:
    """What is on the app's screen now."""
    lines = screen_strips(app)
    width, height = app.size
    image = Image.new("RGB", (width * CELL[0], height * CELL[1]), "#ffffff")
    for row, line in enumerate(lines):
        _draw_line(image, row, line)
    return image


def _draw_line(image: Image.Image, row: int, segments: Iterable[Segment]) -> None:
    column = 0
    for segment in segments:
        style = segment.style
        front, back = _colours(style)
        bold = bool(style and style.bold)
        underline = bool(style and style.underline)
        for character in segment.text:
            cells = max(cell_len(character), 0)
            if cells:
                tile = _tile(character, cells, front, back, bold, underline)
                image.paste(tile, (column * CELL[0], row * CELL[1]))
            column += cells


@lru_cache(20_000)
def _tile(character: str, cells: int, front: str, back: str, bold: bool, underline: bool) -> Image.Image:
    """One character in its cells."""
    tile = Image.new("RGB", (cells * CELL[0], CELL[1]), back)
    draw = ImageDraw.Draw(tile)
    box = (0, 0, tile.width - 1, tile.height - 1)
    if character != " " and not _lines(draw, character, box, front) and not _blocks(draw, character, front):
        place = (tile.width / 2, CELL[1] - 5)
        draw.text(place, character, font=_font(bold, cells == 2), fill=front, anchor="ms")
    if underline:
        draw.line((0, box[3], box[2], box[3]), fill=front)
    return tile


_LINES = {"─": "lr", "│": "tb", "┌": "rb", "┐": "lb", "└": "rt", "┘": "lt"}
_HEAVY = {"━": "lr", "┃": "tb", "┏": "rb", "┓": "lb", "┗": "rt", "┛": "lt"}


def _lines(draw: ImageDraw.ImageDraw, character: str, box: tuple[int, int, int, int], fill: str) -> bool:
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


def _blocks(draw: ImageDraw.ImageDraw, character: str, fill: str) -> bool:
    """Draw a block character, as QR codes and thumbnails are made of; False for any other character."""
    width, height = CELL
    halves = {"█": (0, 0, 2, 2), "▀": (0, 0, 2, 1), "▄": (0, 1, 2, 2), "▌": (0, 0, 1, 2), "▐": (1, 0, 2, 2)}
    if character in halves:
        left, top, right, bottom = halves[character]
        middle = (height + 1) // 2
        rows = (0, middle, height)
        draw.rectangle((left * width // 2, rows[top], right * width // 2 - 1, rows[bottom] - 1), fill=fill)
        return True
    number = ord(character) - 0x2581
    if 0 <= number < 7:  # lower eighths: the ends of a scroll bar's handle
        draw.rectangle((0, height - round(height * (number + 1) / 8), width - 1, height - 1), fill=fill)
        return True
    number = ord(character) - 0x1FB00
    if not 0 <= number < 60:
        return False
    pattern = number + 1 + (number >= 20) + (number >= 40)  # the two halves have characters of their own
    for place in range(6):
        if pattern >> place & 1:
            down, across = divmod(place, 2)
            left, top = across * width // 2, down * height // 3
            draw.rectangle((left, top, left + width // 2 - 1, (down + 1) * height // 3 - 1), fill=fill)
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


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: from which place, and the keys that lead from there to what it shows."""

    name: str
    keys: tuple[str, ...] = ()
    place: str = "today"
    of: str = ""
    """What the place opens: a key of `_subjects`."""
    item: str = ""
    after: tuple[str, ...] = ()
    """Keys that take back what was typed for the picture."""


ROOMS = (
    *(Shot(name, place=name) for name in TITLES),
    Shot("case", place="sheet", of="case"),
    Shot("act", place="act", of="act"),
    Shot("sampling-record", place="sheet", of="sampling"),
    Shot("interview", place="interview", of="interview"),
    Shot("chart", place="chart"),
)
"""Every room, a case's sheet and what opens from it, a form, an interview, the chart."""
MORNING = (
    Shot("today"),
    Shot("help", ("question_mark",)),
    Shot("palette", ("ctrl+p",)),
    Shot("inspections", place="inspections"),
    Shot("new", place="new"),
    Shot("settings", place="settings"),
    Shot("tour", place="tour"),
    Shot("inspection", place="inspection", of="draft", item="W04"),
    Shot("inspection-findings", ("tab",), place="inspection", of="draft"),
    Shot("inspection-values", ("tab", "tab"), place="inspection", of="draft"),
    Shot("note", ("n", "p", "s", "k"), place="inspection", of="draft", item="W05", after=("backspace",) * 3),
    Shot("missing", ("x",), place="inspection", of="draft"),
    Shot("facts", place="facts", of="draft"),
    Shot("measurement", place="measurement", of="measurement"),
    Shot("evidence", place="evidence", of="draft", item="W04"),
    Shot("evidence-add", ("a",), place="evidence", of="draft", item="W04"),
    Shot("evidence-label", ("b",), place="evidence", of="draft", item="W04"),
    Shot("custody", place="custody", of="evidence"),
    Shot("record", place="record", of="draft"),
    Shot("signatures", place="signatures", of="draft"),
    Shot("sync", place="sync"),
    *ROOMS,
)
"""Of a day's work that nobody has sent."""
EVENING = (
    Shot("sealed", place="record", of="sealed"),
    Shot("code", ("q",), place="record", of="sealed"),
    Shot("amendment", place="amendment", of="sealed"),
    Shot("receipts", ("r",), place="sync"),
    Shot("receipt", ("r", "enter"), place="sync"),
    Shot("conflict", ("e",), place="sync"),
)
"""After the sync, which brought what another laptop wrote of the same inspection."""


async def settled(pilot: Pilot[Any]) -> None:
    """Wait until nothing is under way and the screen stays as it is."""
    app: Any = pilot.app
    before: Any = None
    for _ in range(20):
        await pilot.pause(0.06)  # longer than the rest that a search line takes before it asks
        await app.workers.wait_for_complete()
        await asyncio.wrap_future(app.verbs.submit(int))
        await pilot.pause()
        now = screen_strips(app)
        if now == before:
            return
        before = now


@dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are taken.

    Args:
        home: of the app; its settings are overwritten.
        folder: where the pictures go.
        unlock: opens the notebook anew (each run of the app closes it).
        subjects: what `Shot.of` names, as arguments of its place.
    """

    home: Path
    folder: Path
    unlock: Callable[[], Notebook]
    subjects: dict[str, dict[str, str]]

    async def take_all(self, shots: Iterable[Shot]) -> int:
        """A picture of each in every language, theme and size; returns how many."""
        shots = tuple(shots)
        for language, theme, size in itertools.product(LANGUAGES, THEMES, SIZES):
            save(
                settings_path(self.home),
                Settings(language=language, theme=theme, server="https://sync.example.cn"),
            )
            app = QingchaApp(self.home)
            name = f"{language}-{theme}-{size[0]}x{size[1]}.png"
            async with app.run_test(size=size) as pilot:
                await settled(pilot)
                _keep(app, self.folder / f"unlock-{name}")
                app.enter(self.unlock())
                for shot in shots:
                    await settled(pilot)
                    await self._take(app, pilot, shot, self.folder / f"{shot.name}-{name}")
        return len(LANGUAGES) * len(THEMES) * len(SIZES) * (len(shots) + 1)

    async def _take(self, app: QingchaApp, pilot: Pilot[Any], shot: Shot, path: Path) -> None:
        given = dict(self.subjects.get(shot.of, {}))
        if shot.item:
            given["item"] = shot.item
        app.go(shot.place, **given)
        await settled(pilot)
        for key in shot.keys:
            await pilot.press(key)
            await settled(pilot)
        if shot.place in ("inspection", "evidence"):
            await pilot.pause(0.5)  # what stands beside the list waits for the cursor to rest
            await settled(pilot)
        _keep(app, path)
        await pilot.press(*shot.after)
        while isinstance(app.screen, Modal):
            app.screen.dismiss(None)
            await pilot.pause()
        app.go("today")


def _keep(app: App[Any], path: Path) -> None:
    import oxipng  # of the tools: nobody else draws pictures

    picture(app).quantize(16).save(path)
    oxipng.optimize(path, level=2)


def _subjects(notebook: Notebook) -> dict[str, dict[str, str]]:
    """The records of the demo that the pictures show, as arguments of their places."""
    from models import rooms
    from models.inspections import queries
    from models.inspections.sampling.queries import of_visit
    from tui.named import papers_of

    rows = queries.inspection_rows(notebook, queries.inspection_ids(notebook))
    draft, sealed = (
        next(row.id for row in rows if (row.site_name or "").startswith(name) and not row.assigned)
        for name in ("示例企业01", "示例企业03")
    )
    sheet = queries.sheet(notebook, draft)
    board = rooms.listing_of("damage_case")
    assert board is not None
    talks = rooms.listing_of("interview")
    assert talks is not None
    open_interview = talks.find(notebook, "操作工01")[0]
    case = {"kind": "damage_case", "record_id": board.find(notebook, "")[0]}
    return {
        "case": case,
        "paper": {**case, "paper": papers_of("damage_case")[0][0]},
        "act": {"room": "cases", "act": "register"},
        "sampling": {"kind": "sampling", "record_id": of_visit(notebook, draft)[0].id},
        "interview": {"interview_id": open_interview},
        "draft": {"inspection_id": draft},
        "sealed": {"inspection_id": sealed},
        "measurement": {"inspection_id": draft, "record_id": sheet.measurements[0].id},
        "evidence": {"inspection_id": draft, "record_id": sheet.evidence[0].id},
    }


def _send(world: World, notebook: Notebook, inspection: str) -> None:
    """Another laptop writes of the same inspection; then both sync."""
    from models.store import keys
    from models.store.change import put
    from models.store.notebook import Notebook as Book
    from sync.client import enrol, synchronise
    from sync.server import admin
    from tui.demo.people import OFFICERS, UNIT

    synchronise(notebook, world.address)
    central = world.server.central
    code = admin.code(central, OFFICERS[1].name)
    other = Book.create(
        world.folder / "other", "demo-qingcha", person=code.officer, unit=UNIT, cost=keys.FAST, demo=True
    )
    enrol(other, world.address, code.code)
    synchronise(other, world.address)
    other.write(put("inspection", inspection, UNIT, situation="曝气机停运，药剂桶空置，排水口有水流出。"))
    notebook.write(put("inspection", inspection, UNIT, situation="曝气机停运，药剂桶空置，排水口无水流出。"))
    synchronise(other, world.address)
    synchronise(notebook, world.address)
    other.close()


def main() -> int:
    """`python -m tui.pictures FOLDER`: of the demo notebook, made anew in a folder of its own."""
    parser = argparse.ArgumentParser(prog="python -m tui.pictures", description="Pictures of every screen.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these pictures")
    given = parser.parse_args()

    def wanted(shots: Iterable[Shot]) -> tuple[Shot, ...]:
        return tuple(shot for shot in shots if not given.only or shot.name in given.only)

    try:
        _font(True, True), _font(True, False)
    except NoFont as missing:
        print(missing, file=sys.stderr)
        return 2
    folder: Path = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    from models.store.notebook import Notebook
    from tui.demo.world import PASSPHRASE, open_world

    with tempfile.TemporaryDirectory() as home, open_world(Path(home), told=print) as world:

        def unlock() -> Notebook:
            return Notebook.open(world.folder / "notebook", PASSPHRASE)

        subjects = _subjects(world.notebook)
        world.notebook.close()
        studio = Studio(world.folder, folder, unlock, subjects)
        count = asyncio.run(studio.take_all(wanted(MORNING)))
        with contextlib.closing(unlock()) as notebook:
            _send(world, notebook, subjects["draft"]["inspection_id"])
        count += asyncio.run(studio.take_all(wanted(EVENING)))
    print(count)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
