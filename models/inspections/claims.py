"""What a file says of its own time and place: claims with their source, never facts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Claims:
    """All None for a file that claims nothing."""

    time: str | None = None
    """As the file has it, ISO 8601 where it can be read."""
    time_source: str | None = None
    place: str | None = None
    """JSON object with latitude and longitude as decimal text."""
    place_source: str | None = None


def claims_of(path: Path) -> Claims:
    """The claims of a photo; nothing for what is no photo or cannot be read as one."""
    return Claims()
