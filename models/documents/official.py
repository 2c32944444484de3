"""What every paper without a seal of its own shares: in whose name, drawn up from a record, days on paper."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.documents.facts import BUREAU
from models.documents.paper import Block, Paper

if TYPE_CHECKING:
    from models.store.seat import Seat

BLANK_DAY = "    年  月  日"
_TICK = {True: "■", False: "□"}


def official(
    seat: Seat,
    title: str,
    number: str,
    blocks: tuple[Block, ...],
    *,
    row: Any = None,
    bureau: str = "",
    landscape: bool = False,
) -> Paper:
    """A paper as a value, to be signed and stamped by hand.

    Args:
        row: the record that it is drawn up from; a withdrawn one says so on each page.
        bureau: in whose name, unless it is the bureau itself.
    """
    withdrawn = row is not None and row.voided is not None
    return Paper(
        bureau=bureau or seat.meta("bureau") or BUREAU,
        title=title,
        number=number,
        demo=seat.demo,
        blocks=blocks,
        page_signature="",
        seal_note="本文书所依据的记录已撤回，不得使用。" if withdrawn else "",
        promise="",
        qr_text="",
        landscape=landscape,
    )


def chinese_day(day: str | None) -> str:
    """A day on paper: 2021年11月30日; blanks to fill in by hand where it is not known."""
    if not day:
        return BLANK_DAY
    try:
        found = date.fromisoformat(day)
    except ValueError:  # a day that no verb of ours wrote
        return day
    return f"{found.year}年{found.month}月{found.day}日"


def ticked(choices: tuple[tuple[str, str], ...], value: str | None) -> str:
    """Boxes with Chinese words, the one of the value ticked: ■同意  □不同意."""
    return "    ".join(f"{_TICK[key == value]}{words}" for key, words in choices)


def lines(text: str | None) -> tuple[str, ...]:
    """The paragraphs of a text, without empty ones."""
    return tuple(each for each in (text or "").split("\n") if each.strip())


def room(text: str | None) -> tuple[str, ...]:
    """The paragraphs of a text; where there is none an empty one, which leaves room to write by hand."""
    return lines(text) or ("",)


def yes_no(value: bool | None) -> str:
    """是, 否, or nothing where it was not said."""
    return "" if value is None else "是" if value else "否"
