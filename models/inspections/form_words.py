"""How the answers of a filled form read: on a screen, on a sheet, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from models.forms.filling import Filling
from models.forms.model import EVIDENCE
from models.forms.styling import unstyled
from models.language import N_, listed, translate


def choice_words(filling: Filling, path: str, value: str) -> str:
    """A choice as it reads."""
    return unstyled(filling.choice_label(path, value))


def answer_words(filling: Filling, path: str, value: str, files: Mapping[str, str]) -> str:
    """An answer in the filling's language; "" where there is none.

    Args:
        value: the answer as it is kept.
        files: what pieces of evidence are called, by record id.
    """
    kind = filling.field(path).kind
    if not value:
        return ""
    if kind == "select_one":
        return choice_words(filling, path, value)
    if kind in ("select_multiple", "rank"):
        return listed([choice_words(filling, path, each) for each in value.split()])
    if kind in EVIDENCE:
        return files.get(value, value)
    if kind == "acknowledge":
        return translate(N_("Confirmed"))
    if kind == "dateTime":
        return _moment(value)
    return value


def _moment(value: str) -> str:
    try:
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}"
    except ValueError:
        return value
