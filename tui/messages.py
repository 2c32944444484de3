"""What workers say to screens: data only; one handler each changes what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from textual.message import Message


@dataclass
class Answered(Message):
    """A question asked off the event loop has its answer."""

    then: Callable[[Any], None] | None
    answer: Any


@dataclass
class Failed(Message):
    """A question asked off the event loop broke."""

    error: Exception
    failed: Callable[[Exception], bool] | None
    """Shows the error at its place; False leaves it to a toast."""


@dataclass
class RecordsChanged(Message):
    """The notebook changed; the app holds which records. Noisy, so the newest replaces those that wait."""

    def can_replace(self, message: Message) -> bool:
        """One is enough, however many wait."""
        return isinstance(message, RecordsChanged)


@dataclass
class Progressed(Message):
    """How far a long thing is."""

    done: int
    total: int
    unit: str
    """msgid of what is counted: "bytes", "entries"."""
    what: str
    """A sentence for the reader, already in their language."""

    def can_replace(self, message: Message) -> bool:
        """Only the newest state matters."""
        return isinstance(message, Progressed)


class KeyPassed(Message):
    """Follows a key on its way from widget to widget: where it arrives, the key was taken or came by."""
