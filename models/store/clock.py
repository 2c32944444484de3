"""What time it says it is here: wall, boot and monotonic time, all claims of this device.

No clock decides what is lost (sync.md R12): times order what is shown first, never what is kept.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path


def now_ms() -> int:
    """Wall time in ms since 1970-01-01 UTC, as this device has it."""
    return time.time_ns() // 1_000_000


def rfc3339(ms: int, offset_minutes: int = 480) -> str:
    """The instant with milliseconds and UTC offset, as in `2026-11-23T14:05:06.789+08:00` (RFC 3339)."""
    sign = "-" if offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(offset_minutes), 60)
    local = datetime.fromtimestamp((ms + offset_minutes * 60_000) // 1000, UTC)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}{sign}{hours:02d}:{minutes:02d}"


def parse_rfc3339(text: str) -> int:
    """The instant in ms since 1970 UTC.

    Raises:
        ValueError: when the text is no RFC 3339 instant with an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return round(moment.timestamp() * 1000)


def local_offset_minutes(ms: int) -> int:
    """This machine's UTC offset at that instant, in minutes."""
    offset = datetime.fromtimestamp(ms / 1000, UTC).astimezone().utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0


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
