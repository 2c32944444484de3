"""What the notice and the law demand of committees, grids, patrols and reports: pure functions.

Sources: 《关于在社区居民委员会下设环境和物业管理委员会的通知（试行）》 of 2021-11-29, 国办发〔2024〕54号,
生态环境法典 arts. 51 and 146; see `instruments.toml` and `checklists/index.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from models.community.choices import LEVELS, values
from models.community.facts import GridItem
from models.errors import RuleBroken
from models.language import N_
from models.registry import personal
from models.registry.access import NO_GRID_WORKERS
from models.registry.days import CHINA, local

NOTICE = "《关于在社区居民委员会下设环境和物业管理委员会的通知（试行）》"
CONFIDENTIAL = "生态环境法典第五十一条、第一百四十六条"
MOST = ("observe", "guide", "dissuade", "stop")
"""Disposal limits (处置上限), the least first."""
ACTION_NEEDS = {
    "learn": "observe",
    "patrol": "observe",
    "report": "observe",
    "handle": "observe",
    "coordinate": "guide",
    "self_supervise": "guide",
    "stop": "stop",
}
"""The limit that each of the seven actions takes at least."""
OUTCOME_NEEDS = {"none": "observe", "reported": "observe", "dissuaded": "dissuade", "stopped": "stop"}


# --- committees -------------------------------------------------------------------------------------------


class Counted(Protocol):
    """A member as the quorum counts it."""

    party_member: bool | None


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether enough members of a committee are Party members."""

    count: int
    party: int
    ok: bool
    missing: int
    """How many more of the seats would have to be held by Party members; 1 for an empty committee."""


def party_quorum(members: Iterable[Counted], percent: int) -> Quorum:
    """Whether at least so many per cent are Party members (党员比例不低于50%): exactly that is enough.

    An empty committee fails whatever the share demanded.

    Args:
        members: those in office; see `in_office`.
        percent: parameter `party_members_percent` of the day.
    """
    found = [bool(member.party_member) for member in members]
    count, party = len(found), sum(found)
    if not count:
        return Quorum(0, 0, False, 1)
    needed = -(-count * percent // 100)
    return Quorum(count, party, party * 100 >= count * percent, max(0, needed - party))


def stands(first: str | None, end: str | None, on: str) -> bool:
    """Whether something that began on a day (ever, where empty) and ended before another stands on a day."""
    return (not first or first <= on) and (not end or on < end)


@dataclass(frozen=True, slots=True)
class FoundingRate:
    """How many communities have a committee (设立率 = 已设/全部)."""

    founded: int
    communities: int

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None where there is no community."""
        return self.founded / self.communities if self.communities else None

    @property
    def percent(self) -> str:
        """In per cent with one digit at most, cut and never rounded up to 100; "–" where there is none."""
        if not self.communities:
            return "–"
        whole, tenth = divmod(self.founded * 1000 // self.communities, 10)
        return f"{whole}.{tenth}%" if tenth else f"{whole}%"


# --- grids ------------------------------------------------------------------------------------------------


def refuse_superior(level: str, superior_level: str | None) -> None:
    """Refuse a grid that is not directly under the level above (市-县-街-社区-网格).

    Raises:
        RuleBroken: naming the level that it has to be under.
    """
    order = values(LEVELS)
    place = order.index(level)
    if place == 0:
        if superior_level is not None:
            raise RuleBroken(N_("The city's grid has no superior grid."), field="superior")
        return
    if superior_level != order[place - 1]:
        raise RuleBroken(
            N_("Choose its superior grid, of the level directly above (city, county, street, community)."),
            field="superior",
        )


# --- patrols ----------------------------------------------------------------------------------------------


def refuse_beyond(
    item: GridItem | None, *, action: str, outcome: str, manner: str, whom: str, basis: str = ""
) -> None:
    """Refuse what is more than a patrol may do at an item, or at all.

    Args:
        item: what it is about; None for a round on which nothing in particular was found.
        basis: of the item on that day, put behind 国办发〔2024〕54号.

    Raises:
        RuleBroken: with 国办发〔2024〕54号 as its basis; the sentence says what to do instead.
    """
    reason = "；".join(dict.fromkeys(each for each in (NO_GRID_WORKERS, basis) if each))
    if manner == "handled" and (item is None or item.hands_off):
        raise RuleBroken(
            N_("Never touch or move what may be hazardous. Keep away, cordon it off and report it at once."),
            field="manner",
            basis=reason,
        )
    if manner != "outside" and (whom == "shop" or (item is not None and item.stay_out)):
        raise RuleBroken(
            N_("A patrol never goes in to inspect here: look from outside, photograph and report."),
            field="manner",
            basis=reason,
        )
    if item is None:
        if outcome in ("dissuaded", "stopped") or action == "stop":
            raise RuleBroken(
                N_("Name the item that this is about: it says how far you may go."), field="item"
            )
        return
    most = MOST.index(item.most)
    for field, need in (("action", ACTION_NEEDS[action]), ("outcome", OUTCOME_NEEDS[outcome])):
        if MOST.index(need) > most:
            raise RuleBroken(
                N_("{item}: this goes beyond what a patrol may do here. Keep to its limit and report."),
                field=field,
                basis=reason,
                item=item.code,
            )
    if item.must_report and outcome != "reported":
        raise RuleBroken(
            N_("{item} is always reported upward. Choose “Reported upward”."),
            field="outcome",
            basis=reason,
            item=item.code,
        )


def escalates(item: GridItem, running: int) -> bool:
    """Whether a problem found so many times running must go upward."""
    return running > 0 and (item.must_report or item.at_once or bool(item.after and running >= item.after))


def read_moment(given: str | int | None, on: str, field: str) -> int | None:
    """A moment in ms: given in ms, as "14:30" on the day `on`, or as "2026-11-23 14:30"; China's time.

    Raises:
        RuleBroken: it is no time.
    """
    if given is None or isinstance(given, int):
        return given
    text = unicodedata.normalize("NFKC", given).strip()
    found = re.fullmatch(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})", text, re.ASCII)
    try:
        if found is None:
            raise ValueError
        day = date.fromisoformat(found[1] or on)
        moment = datetime.combine(day, time(int(found[2]), int(found[3])), CHINA).astimezone(UTC)
    except (ValueError, OverflowError):  # the second at the ends of time
        raise RuleBroken(
            N_("“{value}” is no time: give it as 14:30, or as 2027-06-30 14:30."), field=field, value=given
        ) from None
    return int(moment.timestamp()) * 1000


def moment_text(ms: int | None) -> str:
    """A moment as "2026-11-23 14:30" in China; empty for none, and for what lies outside the calendar."""
    if ms is None:
        return ""
    try:
        return f"{local(int(ms)):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return ""


# --- reports upward ---------------------------------------------------------------------------------------


def report_key(source: str, item: str, target: str) -> str:
    """What is reported to whom: while a report with this key is open, no second one is made.

    Args:
        source: id of the patrol, complaint or report that it comes from; or grid, time and words.
        item: code of the checklist item; empty for none.
        target: id of the superior grid, or key of the department.
    """
    return f"{source}/{item}/{target}"


class Reported(Protocol):
    """A report as its state is read."""

    sent_at: int | None
    received_at: int | None
    closed_on: str | None


def report_state(row: Reported) -> str:
    """ "waiting", "sent", "received" or "closed": follows from what was noted, and is kept nowhere."""
    if row.closed_on:
        return "closed"
    if row.received_at is not None:
        return "received"
    return "sent" if row.sent_at is not None else "waiting"


def refuse_moments(now: int, *moments: tuple[str, int | None]) -> None:
    """Refuse moments that lie after now or not in their order (first seen, sent, received).

    Raises:
        RuleBroken: naming the field.
    """
    last = 0
    for field, moment in moments:
        if moment is None:
            continue
        if moment > now:
            raise RuleBroken(
                N_("{moment} has not come yet. Check day and time."), field=field, moment=moment_text(moment)
            )
        if moment < last:
            raise RuleBroken(
                N_("{moment} is before {earlier}, which comes first."),
                field=field,
                moment=moment_text(moment),
                earlier=moment_text(last),
            )
        last = moment


# --- personal data ----------------------------------------------------------------------------------------

_ROLE_WORDS = re.compile(r"业主|居民|租户|住户|商户|代表|先生|女士|同志|[（(].*?[)）]")
_HOME = re.compile(r"[A-Za-z0-9一二三四五六七八九十]+(?:栋|幢|座|号楼|单元|梯|室|号房)")
_NUMBERS = re.compile(
    r"(?<![0-9])(?:\d{17}[0-9Xx]|1\d{10}|0\d{2,3}-?\d{7,8})(?![0-9])|[\w.+-]+@[\w-]+\.[\w.]+", re.ASCII
)


def names_in(parties: str | None) -> tuple[str, ...]:
    """The names in a list of parties, with and without their role words and doors; the longest first."""
    found: dict[str, None] = {}
    for part in re.split(r"[、,，;；\n]", parties or ""):
        whole = part.strip()
        bare = _HOME.sub("", _ROLE_WORDS.sub("", whole)).strip()
        found.update(dict.fromkeys(each for each in (whole, bare) if len(each) > 1))
    return tuple(sorted(found, key=len, reverse=True))


def without_personal_data(text: str, names: Iterable[str]) -> str:
    """A text without these names, telephone and identity numbers, mail addresses, and doors of homes."""
    wanted = tuple(names)
    while found := personal.told_in(text, wanted) or personal.number_in(text):
        text = text.replace(found, "某" if personal.told_in(found, wanted) else "×")
    return _HOME.sub("×", _NUMBERS.sub("×", text))


def refuse_personal_data(text: str, names: Iterable[str], field: str) -> None:
    """Refuse a text for the public, or for everyone with the unit, that names one of these or has a number.

    However they are written: with spaces, full-width digits, brackets or titles.

    Raises:
        RuleBroken: quoting what has to go, as the text has it.
    """
    number = _NUMBERS.search(text)
    refuse_named(text, names, field)
    _refuse_found(personal.number_in(text) or (number.group() if number is not None else ""), field)


def refuse_named(text: str, names: Iterable[str], field: str) -> None:
    """Refuse a text that tells one of these names or numbers, however they are written.

    Raises:
        RuleBroken: quoting what has to go, as the text has it.
    """
    _refuse_found(personal.told_in(text, names), field)


def _refuse_found(found: str, field: str) -> None:
    if found:
        raise RuleBroken(
            N_("“{value}” is personal data and does not belong here. Take it out."),
            field=field,
            basis=CONFIDENTIAL,
            value=found,
        )
