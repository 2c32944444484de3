"""A measurement's verdict, by the limits in force (`models.law.limits`), as the fields that keep it."""

from __future__ import annotations

from typing import Any


def judged(values: dict[str, Any]) -> dict[str, Any]:
    """The verdict fields for a measurement's values."""
    return {"verdict": "undecidable", "times": None, "limit_text": None, "clause": None, "reasons": "[]"}
