"""Days and times of China, which keeps one time, UTC+8, without summer time: on every laptop alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.store.seat import Seat

CHINA = timezone(timedelta(hours=8))


def local(ms: int) -> datetime:
    """An instant in ms since 1970 UTC as a naive date and time in China."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(CHINA).replace(tzinfo=None)


def day_of(ms: int) -> date:
    """The day in China at an instant in ms since 1970 UTC."""
    return local(ms).date()


def day_start(ms: int) -> int:
    """The instant, in ms, at which the Chinese day of `ms` began."""
    day = day_of(ms)
    return int(datetime(day.year, day.month, day.day, tzinfo=CHINA).timestamp()) * 1000


def today(seat: Seat) -> date:
    """This day in China by the device's clock."""
    return day_of(seat.clock.wall_ms())
