"""The legal basis of an item or a rule of a visit, in one line."""

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


def basis_caution(key: str, on: date) -> str:
    """What to check before a paper rests on the basis of a key; empty where nothing is doubtful or known."""
    from models.law import bases

    try:
        found = bases.basis(key, on)
    except BadInput:
        return ""
    return found.caution if found is not None else ""


def law_changed(key: str, on: date, today: date) -> str:
    """从旧兼从轻: the law of today where it is another than that of the violation; else empty."""
    from models.law import bases

    try:
        return bases.law().later_law(key, on, today)
    except BadInput:
        return ""
