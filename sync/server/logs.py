"""The server's log: one JSON object a line, with nothing in it that a person typed or a key made.

What is logged is chosen, not filtered: an event's name, the call, numbers, the first digits of a device id.
Of an exception its kind and place are told, never its words, which may quote a record. What other libraries
log is told by the first line of its template, without what they fill in.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger("qingcha.server")
_ROOT = Path(__file__).parents[2]
_FRAMES = 12
_EVENT = 80


@dataclass(slots=True)
class Seen:
    """A request while it is answered."""

    call: str
    """Method and path as the table of calls has them."""
    id: str = field(default_factory=lambda: secrets.token_hex(6))
    device: str = ""
    """The caller, once it is proved."""
    status: int = 0
    begun: float = field(default_factory=time.perf_counter)

    def seconds(self) -> float:
        """Since it came."""
        return time.perf_counter() - self.begun

    def facts(self) -> dict[str, Any]:
        """What every line about it bears."""
        facts = {"call": self.call, "request": self.id}
        return facts | ({"device": self.device[:8]} if self.device else {})


_seen: ContextVar[Seen | None] = ContextVar("the request that is answered", default=None)


@contextmanager
def seeing(call: str) -> Iterator[Seen]:
    """Every line that is logged within tells which request it is about; the last one tells how it went."""
    seen = Seen(call)
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        level = logging.ERROR if seen.status >= 500 else logging.INFO
        told(level, "request", status=seen.status, ms=round(seen.seconds() * 1000, 1))
        _seen.reset(token)


def caller_is(device: str) -> None:
    """Note who the request is from, now that it is proved."""
    seen = _seen.get()
    if seen is not None:
        seen.device = device


def told(level: int, event: str, *, failed: bool = False, **facts: Any) -> None:
    """Log an event.

    Args:
        failed: tell the kind and place of the exception at hand.
        facts: numbers and names of ours; nothing from outside.
    """
    log.log(level, event, exc_info=failed, extra={"facts": facts})


class JsonFormatter(logging.Formatter):
    """A record as one line of ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
            "level": record.levelname.lower(),
            "event": str(record.msg).partition("\n")[0][:_EVENT],
        }
        if record.name != log.name:
            line["of"] = record.name
        seen = _seen.get()
        line |= seen.facts() if seen is not None else {}
        line |= getattr(record, "facts", {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= _failure(record.exc_info[1])
        return json.dumps(line, default=lambda value: type(value).__name__)


def _failure(error: BaseException) -> dict[str, Any]:
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < _FRAMES:
        kinds.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return {
        "error": kinds,
        "at": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _short(file: str) -> str:
    path = Path(file)
    return path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else path.name


def log_to_stderr() -> None:
    """Send what is logged in this process to standard error: requests of ours, warnings of others."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO)
