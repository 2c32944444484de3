"""The columns of a laboratory's file: the names under which they come, their titles, an example of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.registry.rules import folded_header

_COLUMNS = Path(__file__).parent / "lab_columns.toml"
_PARTS = ("row", "report")


@lru_cache(maxsize=1)
def _kept() -> dict[str, Any]:
    with _COLUMNS.open("rb") as file:
        return tomllib.load(file)


@lru_cache(maxsize=1)
def aliases() -> Mapping[str, str]:
    """Folded header to "row.field" or "report.field"."""
    return {
        folded_header(alias): f"{part}.{name}"
        for part in _PARTS
        for name, words in _kept()[part].items()
        for alias in words
    }


@lru_cache(maxsize=1)
def titles() -> Mapping[str, str]:
    """ "row.field" or "report.field" to the title that we give the column (Chinese data), in order."""
    return {f"{part}.{name}": words[0] for part in _PARTS for name, words in _kept()[part].items()}


@lru_cache(maxsize=1)
def example() -> Mapping[str, str]:
    """ "row.field" or "report.field" to a cell as it should be (Chinese data)."""
    kept = _kept()["example"]
    return {f"{part}.{name}": text for part in _PARTS for name, text in kept[part].items()}
