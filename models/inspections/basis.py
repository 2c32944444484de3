"""The legal basis of a rule of a visit, in one line."""

from __future__ import annotations

from datetime import date

from models.errors import BadInput


def basis_text(key: str, on: date) -> str:
    """The legal basis of a key on a day in one line; empty for a key that no pack knows."""
    from models.law import bases

    try:
        return bases.basis_text(key, on)
    except BadInput:
        return ""
