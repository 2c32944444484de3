"""What a file says of its own time and place: claims with their source, never facts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput
from models.inspections.photo import PhotoFacts, PhotoReader, facts, looks_like_photo
from models.language import filled


@dataclass(frozen=True, slots=True)
class Claims:
    """All None for a file that claims nothing."""

    time: str | None = None
    """ISO 8601 with the camera's offset where it has one; as the file has it where it is no time."""
    time_source: str | None = None
    place: str | None = None
    """JSON object: latitude and longitude in degrees, altitude in metres, as decimal text."""
    place_source: str | None = None
    problems: str | None = None
    """JSON list of [field, value, msgid]: what cannot be right."""
    sound_time: str | None = None
    """The time where nothing speaks against it."""


def claims_of(source: Path | bytes, photos: PhotoReader | None = None) -> Claims:
    """The claims of a photo; nothing for what is no photo, or one that cannot be opened safely."""
    try:
        if not looks_like_photo(_start(source)):
            return Claims()
        found = photos.facts(source) if photos is not None else facts(source)
    except (BadInput, OSError):
        return Claims()
    return of_photo(found)


def _start(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:12]
    with source.open("rb") as file:
        return file.read(12)


def of_photo(found: PhotoFacts) -> Claims:
    """The claims as they are kept; pure."""
    source = f"EXIF, {found.camera}" if found.camera else "EXIF"
    time = f"{found.taken}{found.offset or ''}" if found.taken else None
    place = {
        name: getattr(found, name)
        for name in ("latitude", "longitude", "altitude")
        if getattr(found, name) is not None
    }
    problems = [[each.field, each.value, each.msgid] for each in found.problems]
    return Claims(
        time=time,
        time_source=source if time else None,
        place=json.dumps(place, ensure_ascii=False) if place else None,
        place_source=source if place else None,
        problems=json.dumps(problems, ensure_ascii=False) if problems else None,
        sound_time=time if found.sound("taken") else None,
    )


def problem_sentences(kept: str | None) -> list[str]:
    """The sentences, in the reader's language, of what `Evidence.claim_problems` holds."""
    try:
        return [filled(str(msgid), {"value": value}) for _, value, msgid in json.loads(kept or "[]")]
    except (ValueError, KeyError, TypeError):
        return []  # another version's, or another's idea of it
