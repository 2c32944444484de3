"""Time limits: hours, calendar days, working days, months and years, by the limit in force on the day.

The day on which a period begins is not counted, a period in hours runs from its moment (民法典201); periods
of two, three, five and seven days are working days (行政处罚法85). A period in calendar days, months or years
is not lengthened where its last day is a holiday: the earlier day is the safe one for those who must act.

Dates are those of China (UTC+8, no summer time). Working days are counted only in years whose holiday
arrangement is kept in `calendar/holidays.toml`; a period that reaches into another year is refused, because a
guessed holiday is a wrong deadline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, cast, get_args

from dateutil.relativedelta import relativedelta

from models.errors import BadInput
from models.language import N_, current_language
from models.packs import MISSING, UNKNOWN, PackFile, read_toml
from models.registry.days import day_of

Kind = Literal["hours", "days", "working_days", "months", "years"]
_HOUR_MS = 3_600_000
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Limit:
    """A time limit as one version of the law sets it."""

    key: str
    zh: str
    en: str
    amount: int
    kind: Kind
    backwards: bool
    """Counted back from the event (a notice to be given before a hearing)."""
    starts: str
    """The event it runs from (Chinese data)."""
    extension: str
    basis: str
    mark: str
    """Provenance of the basis: S, S2, M, L or D."""
    in_force: date | None
    until: date | None

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.zh if current_language() == "zh" else self.en


@dataclass(frozen=True)
class Deadline:
    """When a limit runs out."""

    due_on: date
    """Last day on which the act is in time, in China."""
    due_at: int | None
    """For hours only: the last moment, ms since the epoch, UTC."""
    kind: Kind
    basis: str
    mark: str

    def late(self, now_ms: int) -> bool:
        """Whether it has passed at that time (ms since the epoch, UTC)."""
        if self.due_at is not None:
            return now_ms > self.due_at
        return day_of(now_ms) > self.due_on


class WorkCalendar:
    """Which days are worked, for the years whose arrangement is known."""

    def __init__(self, years: Mapping[int, tuple[frozenset[date], frozenset[date]]]) -> None:
        self._years = dict(years)

    @classmethod
    def of(cls, *paths: Path) -> WorkCalendar:
        """Read calendar files; a later file replaces a year of an earlier one.

        Raises:
            BadInput: naming the file and what is wrong with it.
        """
        years: dict[int, tuple[frozenset[date], frozenset[date]]] = {}
        for path in paths:
            for name, row in read_toml(path).items():
                if not name.isdecimal() or not isinstance(row, dict):
                    raise BadInput(
                        N_("{file}, {key}: not a year. Write [2027] above its days."),
                        file=path.name,
                        key=name,
                    )
                off, on = (_days(row.get(part, []), int(name), path) for part in ("off", "on"))
                years[int(name)] = (off, on)
        return cls(years)

    @property
    def years(self) -> list[int]:
        """The years that can be counted."""
        return sorted(self._years)

    def is_worked(self, day: date) -> bool:
        """Whether offices work on that day.

        Raises:
            BadInput: if that year's holiday arrangement is not kept.
        """
        if day.year not in self._years:
            raise BadInput(
                N_(
                    "No holiday calendar is kept for {year}, so working days cannot be counted. "
                    "Add the State Council's arrangement of {year} to the calendar file."
                ),
                year=day.year,
            )
        off, on = self._years[day.year]
        return day in on or (day.weekday() < 5 and day not in off)

    def add(self, start: date, count: int) -> date:
        """The day on which the count-th working day after the start falls; before it for a negative count.

        Raises:
            BadInput: if the count reaches a year that is not kept.
        """
        step = timedelta(days=1 if count >= 0 else -1)
        day, left = start, abs(count)
        while left:
            day += step
            left -= self.is_worked(day)
        return day


def due(start: int | date, limit: Limit, calendar: WorkCalendar | None = None) -> Deadline:
    """When the limit runs out, counted from the start (ms since the epoch, or a day in China).

    Raises:
        BadInput: hours counted from a day without time, or working days in a year without calendar.
    """
    amount = -limit.amount if limit.backwards else limit.amount
    due_at = None
    if limit.kind == "hours":
        if isinstance(start, date):
            raise BadInput(N_("A limit in hours runs from a time. Give the time of day as well."))
        due_at = start + amount * _HOUR_MS
        due_on = day_of(due_at)
    else:
        day = start if isinstance(start, date) else day_of(start)
        if limit.kind == "working_days":
            due_on = (calendar or work_calendar()).add(day, amount)
        elif limit.kind == "days":
            due_on = day + timedelta(days=amount)
        elif limit.kind == "months":
            due_on = day + relativedelta(months=amount)
        else:
            due_on = day + relativedelta(years=amount)
    return Deadline(due_on, due_at, limit.kind, limit.basis, limit.mark)


def limit(key: str, on: date) -> Limit | None:
    """The limit of that name in force on the day its period begins; None where none was.

    Raises:
        BadInput: for a name that is not kept.
    """
    if key not in LIMITS():
        raise BadInput(N_("No time limit is called “{key}”."), key=key)
    for one in LIMITS()[key]:
        if (one.in_force is None or one.in_force <= on) and (one.until is None or on <= one.until):
            return one
    return None


def limit_keys() -> list[str]:
    """The names of all limits kept."""
    return list(LIMITS())


def work_calendar() -> WorkCalendar:
    """The calendar in use: ours, and years that the bureau added."""
    return CALENDAR()


def _read_limits(paths: tuple[Path, ...]) -> dict[str, tuple[Limit, ...]]:
    return {key: versions for path in paths for key, versions in load_limits(path).items()}


LIMITS = PackFile(_read_limits, *sorted(_HERE.glob("deadlines*.toml")))
"""Versions of each time limit; the bureau's replace ours key by key."""
CALENDAR = PackFile(lambda paths: WorkCalendar.of(*paths), _HERE / "calendar" / "holidays.toml")
"""Working days; the bureau's file brings further years."""


def load_limits(path: Path) -> dict[str, tuple[Limit, ...]]:
    """Read a file of limits.

    Raises:
        BadInput: naming the file, the key and what is wrong.
    """
    found: dict[str, tuple[Limit, ...]] = {}
    for key, row in read_toml(path).get("limits", {}).items():
        rows = row.get("versions") if isinstance(row, dict) else None
        if not rows:
            raise BadInput(MISSING, file=path.name, key=key, what="versions")
        found[key] = tuple(_limit(key, row, version, path) for version in rows)
    return found


def _limit(key: str, row: dict[str, Any], version: dict[str, Any], path: Path) -> Limit:
    amount, kind = version.get("amount"), version.get("kind")
    if type(amount) is not int or amount < 1:
        raise BadInput(MISSING, file=path.name, key=key, what="amount")
    if kind not in get_args(Kind):
        raise BadInput(UNKNOWN, file=path.name, key=key, what=kind)
    return Limit(
        key=key,
        zh=row.get("zh", key),
        en=row.get("en", key),
        amount=amount,
        kind=cast(Kind, kind),
        backwards=bool(version.get("backwards")),
        starts=version.get("starts", ""),
        extension=version.get("extension", ""),
        basis=version.get("basis", ""),
        mark=version.get("mark", "M"),
        in_force=version.get("from"),
        until=version.get("until"),
    )


def _days(ranges: Any, year: int, path: Path) -> frozenset[date]:
    days: set[date] = set()
    for text in ranges if isinstance(ranges, list) else [ranges]:
        first, _slash, last = str(text).partition("/")
        try:
            day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            day, end = date.max, date.min
        if day > end or day.year != year or end.year != year:
            raise BadInput(
                N_("{file}, {key}: “{what}” is not a day or range of that year (2026-01-01/2026-01-03)."),
                file=path.name,
                key=str(year),
                what=str(text),
            )
        while day <= end:
            days.add(day)
            day += timedelta(days=1)
    return frozenset(days)
