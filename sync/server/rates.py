"""How much one address, one device and one guesser of codes may ask in a time; in memory, per process.

What is over is refused as `slow-down` with a Retry-After: a notebook waits and goes on. Addresses of this
machine are not limited: behind a proxy that does not say who asks, the proxy has to.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from sync.problems import Problem


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many at once, and so many a second afterwards."""

    burst: float
    per_second: float


ADDRESS = Allowance(4000, 200)
"""Calls from one address: a whole office may stand behind it."""
DEVICE = Allowance(10_000, 500)
"""Calls of one device: far beyond what one notebook makes, who sends its files one after another."""
FILE_BYTES = Allowance(64 << 30, (64 << 30) / 86_400)
"""Bytes of files of one device: 64 GiB, and as much a day."""
WRONG_CODES = Allowance(20, 1 / 60)
"""Enrolment codes from one address that are none of ours."""
_MOST_KEYS = 20_000


class Rates:
    """Counts what was asked, by what and by whom."""

    def __init__(self, mono_ms: Callable[[], int]) -> None:
        self._mono_ms = mono_ms
        self._left: dict[tuple[str, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def address(self, address: str) -> None:
        """Count a call from an address.

        Raises:
            Problem: slow-down.
        """
        if _is_remote(address):
            self._take("address", address, ADDRESS, 1)

    def device(self, device: str) -> None:
        """Count a call of a device that proved who it is.

        Raises:
            Problem: slow-down.
        """
        self._take("device", device, DEVICE, 1)

    def file_bytes(self, device: str, count: int) -> None:
        """Count bytes of a file that a device sends.

        Raises:
            Problem: slow-down.
        """
        self._take("files", device, FILE_BYTES, count)

    def before_code(self, address: str) -> None:
        """Ask whether one more code may be tried from an address.

        Raises:
            Problem: slow-down.
        """
        if _is_remote(address):
            self._take("code", address, WRONG_CODES, 0)

    def wrong_code(self, address: str) -> None:
        """Count a code that was none of ours."""
        if _is_remote(address):
            self._take("code", address, WRONG_CODES, 1)

    def _take(self, what: str, key: str, allowed: Allowance, cost: int) -> None:
        now = self._mono_ms()
        with self._lock:
            left, at = self._left.get((what, key), (allowed.burst, now))
            # a clock that runs backwards gives nothing and takes nothing
            left = min(allowed.burst, left + max(0, now - at) / 1000 * allowed.per_second)
            if left < 1:
                self._left[what, key] = (left, now)
                wait = math.ceil((1 - left) / allowed.per_second)
                raise Problem("slow-down", f"too much from this {what}", retry_after=max(1, wait))
            if cost:
                self._left[what, key] = (left - cost, now)
            if len(self._left) > _MOST_KEYS:
                # the longest unheard of, which have their whole allowance again
                for old in sorted(self._left, key=lambda each: self._left[each][1])[: _MOST_KEYS // 2]:
                    del self._left[old]


def _is_remote(address: str) -> bool:
    try:
        return not ip_address(address).is_loopback
    except ValueError:
        return False
