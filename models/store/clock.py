"""What time it says it is here: wall, boot and monotonic time, all claims of this device.

No clock decides what is lost (sync.md R12): times order what is shown first, never what is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path

_SET_BACK_MS = 2000
"""A clock that went back by more than this is marked (R12)."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 -- plain arithmetic: offsets are added by hand
# by hand, as `fromisoformat` reads more from one Python to the next, and replicas must agree
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def now_ms() -> int:
    """Wall time in ms since 1970-01-01 UTC, as this device has it."""
    return time.time_ns() // 1_000_000


def rfc3339(ms: int, offset_minutes: int = 480) -> str:
    """The instant with milliseconds and UTC offset, as in `2026-11-23T14:05:06.789+08:00` (RFC 3339)."""
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    seconds, millis = divmod(ms + offset_minutes * 60_000, 1000)
    local = (_EPOCH + timedelta(seconds=seconds)).isoformat()
    return f"{local}.{millis:03d}{sign}{hours:02d}:{minutes:02d}"


def parse_rfc3339(text: str) -> int:
    """The instant in ms since 1970 UTC.

    Raises:
        ValueError: when the text is no RFC 3339 instant with an offset.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    date, hour, minute, second, fraction, zone = found.groups()
    if hour > "23" or minute > "59" or second > "59":
        raise ValueError(text)
    minutes = 0 if zone == "Z" else int(zone[:3]) * 60 + int(zone[0] + zone[4:])
    seconds = _seconds_to(date) + (int(hour) * 60 + int(minute) - minutes) * 60 + int(second)
    return seconds * 1000 + int((fraction or "0").ljust(3, "0")[:3])


@lru_cache(maxsize=64)
def _seconds_to(date: str) -> int:
    # an entry's time is read wherever it is folded, and most are of few days
    day = datetime(int(date[:4]), int(date[5:7]), int(date[8:]))  # noqa: DTZ001
    return (day - _EPOCH).days * 86_400


def local_offset_minutes(ms: int) -> int:
    """This machine's UTC offset at that instant, in minutes."""
    return _offset_of_quarter(ms // 900_000)


@lru_cache(maxsize=8)
def _offset_of_quarter(quarter: int) -> int:
    # zones change their offset at full quarters of an hour only; asking the system costs 20 µs
    offset = datetime.fromtimestamp(quarter * 900, UTC).astimezone().utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0


def corrected(anchor: str | None, wall: int, mono: int, boot: str) -> tuple[int, bool]:
    """What the last contact with a server says of a time of this device.

    Args:
        anchor: server's and own times at that contact, as `Seat.remember_server_time` keeps them.
        wall: the time, ms.
        mono: monotonic ms at that time.
        boot: name of the boot that `mono` counts from.

    Returns:
        The correction in ms, and whether the clock was set back since.
    """
    if not anchor:
        return 0, False
    then = json.loads(anchor)
    expected = then["wall"] + (max(0, mono - then["mono"]) if boot == then["boot"] else 0)
    return then["server"] - then["wall"], wall < expected - _SET_BACK_MS


@cache
def boot_id() -> str:
    """A short name of this boot of the machine; a fresh one where the system tells none."""
    try:
        source = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
    except OSError:
        # macOS and Windows: the boot instant, to the minute, stands for the boot
        source = str((time.time_ns() - time.monotonic_ns()) // 60_000_000_000)
    return hashlib.sha256(source.strip().encode()).hexdigest()[:8]


@dataclass(slots=True)
class Clock:
    """The clock of a seat; tests give their own functions."""

    wall_ms: Callable[[], int] = now_ms
    mono_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000
    boot: Callable[[], str] = field(default=boot_id)
    offset_minutes: Callable[[int], int] = local_offset_minutes
    _asked: tuple[int, int, str] | None = field(default=None, init=False, repr=False)

    def was_set_back(self, wall: int, mono: int, boot: str) -> bool:
        """Whether it was set back since this was asked last, in the same boot; for who never met a server."""
        before, self._asked = self._asked, (wall, mono, boot)
        if before is None or before[2] != boot:
            return False
        return wall < before[0] + max(0, mono - before[1]) - _SET_BACK_MS
