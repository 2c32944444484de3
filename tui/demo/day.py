"""An inspector's day, played by keys alone: one inspection from the first key to the server's receipts.

The demo shows it and a test holds it (tests/day/test_whole_day.py); `docs/keystrokes.md` counts its keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from models.inspections import queries
from models.inspections.items import items_of
from models.inspections.samples import jpeg_with_exif
from models.language import N_, translate
from tui.demo.player import Player
from tui.screens.sync_parts import run_of
from tui.widgets.form import Form

CHECKLISTS = "A,C,W"
PROBLEMS = {"W04": "jyzz", "W09": "pfkw"}
"""Items found wrong, and the pinyin initials of the stock phrase noted on them."""
NOT_APPLICABLE = ("W11", "W12", "W14", "W16")
MEASURED = (("cod", "180", "rl"), ("ad", "12.6", "qt"), ("ss", "45", "qt"))
"""Parameter as it is searched for, value in mg/L, category as it is searched for."""
PHOTOS = 6


@dataclass(slots=True)
class Day:
    """What was done."""

    inspection: str = ""
    number: str = ""
    paper: Path | None = None
    code: Path | None = None
    keys: int = 0


async def play_day(player: Player, folder: Path, *, site: str = "slqy04") -> Day:
    """Play the day on a running app that shows Today.

    Args:
        player: of the app.
        folder: where photos come from and papers go to; not in the notebook.
        site: pinyin initials of the site to inspect.

    Raises:
        Stuck: when a screen does not do what the day needs.
    """
    day = Day()
    await player.at("today")
    await _start(player, day, site)
    await _checklists(player)
    await _measurements(player)
    await _photos(player, folder)
    await _record(player, day)
    await _seal_and_print(player, day, folder)
    await _send(player)
    day.keys = player.keys
    return day


def _say(player: Player, msgid: str, **params: object) -> None:
    player.told(translate(msgid).format(**params))


async def _start(player: Player, day: Day, site: str) -> None:
    _say(player, N_("Start an inspection: the site by pinyin initials, two officers, three checklists."))
    await player.press("n")
    form = await player.at("new")
    await player.pick(site)
    if not form.query_one(Form).values["second_officer"]:  # the first visit of a new notebook
        await player.field("second_officer")
        await player.pick("zfy02")
    await player.field("checklists")
    await player.press("c", "w")  # A is chosen already
    await player.press("f10")
    screen = await player.at("inspection")
    day.inspection = screen.inspection_id
    row = queries.inspection(screen.notebook, day.inspection)
    day.number = (row.number if row is not None else None) or ""
    _say(player, N_("Begun: {number}."), number=day.number)


async def _checklists(player: Player) -> None:
    items = items_of(CHECKLISTS)
    _say(player, N_("Work through {count} items: one key each."), count=len(items))
    for code in items:
        screen = player.app.screen
        await player.until(lambda: screen.item == code, code)  # noqa: B023 -- awaited in this round
        if code in PROBLEMS:
            await player.press("n")
            await player.type(PROBLEMS[code])
            await player.until(lambda: screen.checklist.box.phrases, code)  # noqa: B023
            await player.press("tab", "enter")
            await player.idle()
            await player.press("2")
        else:
            await player.press("3" if code in NOT_APPLICABLE else "1")
    await player.idle()
    _say(player, N_("Two problems noted with stock phrases by pinyin initials."))


async def _measurements(player: Player) -> None:
    await player.press("slash")
    await player.type("W01")
    await player.idle()
    await player.press("enter")
    screen = player.app.screen
    await player.until(lambda: screen.item == "W01", "W01")
    await player.press("m")
    for count, (parameter, value, category) in enumerate(MEASURED, 1):
        form = await player.at("measurement")
        await player.field("parameter")
        await player.pick(parameter)
        await player.field("value")
        await player.type(value)
        await player.field("category")
        if category:
            await player.pick(category)
        await player.idle()
        verdict = form.query_one("#verdict").text
        _say(
            player,
            N_("Measured {parameter} {value}: {verdict}"),
            parameter=parameter.upper(),
            value=value,
            verdict=verdict.splitlines()[0],
        )
        await player.press("f9" if count < len(MEASURED) else "escape")
        await player.idle()
    await player.at("inspection")


async def _photos(player: Player, folder: Path) -> None:
    _say(
        player,
        N_("Take in {count} photos; what they say of time and place is kept as a claim."),
        count=PHOTOS,
    )
    inspection = (await player.at("inspection")).inspection_id
    china = datetime.now(UTC) + timedelta(hours=8)
    await player.press("e")
    for number in range(1, PHOTOS + 1):
        photo = folder / f"IMG_{number:04d}.jpg"
        gps = (24.51, 117.65) if number % 3 else None
        jpeg_with_exif(photo, taken=china - timedelta(minutes=number), gps=gps, text=f"演示 {number}")
        if number > 1:
            await player.at("evidence")
            await player.press("a")
        await player.window("AskLine")
        await player.paste(str(photo))
        await player.press("enter")
        notebook = player.app.open_notebook
        await player.until(
            lambda: len(queries.evidence_of(notebook, inspection)) == number,  # noqa: B023
            photo.name,
        )
        await player.idle()
    await player.at("evidence")
    await player.press("escape")
    await player.at("inspection")


async def _record(player: Player, day: Day) -> None:
    _say(player, N_("Fill the official record: situation, certificates shown, rights told, signature."))
    await player.press("r")
    await player.at("record")
    await player.press("b")
    await player.at("facts")
    for key, text in (
        ("contact_name", "负责人04"),
        ("contact_duty", "厂长"),
        ("approval_number", "漳环检批004"),
        ("notice_number", "漳环检通004"),
    ):
        await player.field(key)
        await player.type(text)
    await player.press("escape")
    await player.at("record")
    await player.press("w")
    await player.at("signatures")
    await player.press("f4")
    await player.window("Picker")
    await player.type("zcsc")
    await player.idle()
    await player.press("enter")
    await player.idle()
    for key, steps in (
        ("shown_certificates", 1),
        ("told_rights", 1),
        ("avoidance", 1),
        ("present", 1),
        ("signed", 1),
    ):
        await player.field(key)
        await player.press(*["right"] * steps)
    await player.press("escape")
    await player.at("record")


async def _seal_and_print(player: Player, day: Day, folder: Path) -> None:
    _say(player, N_("Look at what is missing, then seal."))
    await player.press("s")
    await player.window("Confirm")
    await player.press("y")
    screen = await player.at("record")
    await player.until(lambda: screen._view.seal is not None, "seal")
    _say(player, N_("Sealed. Write the record as a document and its code as a picture."))
    await player.press("o")
    await player.window("AskLine")
    day.paper = folder / f"{day.number}.docx"
    await player.press("ctrl+u")
    await player.paste(str(day.paper))
    await player.press("enter")
    await player.idle()
    await player.until(lambda: day.paper is not None and day.paper.exists(), "docx")


async def _send(player: Player) -> None:
    _say(player, N_("End of the day: one key sends everything."))
    await player.press("f5")
    await player.at("sync")
    await player.until(lambda: (run := run_of(player.app)) is not None and run.done, "sync")
    await player.idle()
    words = player.app.screen.query_one("#sync-outcome").text
    _say(player, N_("The server answers: {words}"), words=words.splitlines()[0])
