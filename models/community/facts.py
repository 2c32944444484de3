"""The grid's checklist with its limits, the departments that it reports to, and what all rests on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.inspections.items import Checklist, ChecklistItem, read
from models.language import current_language

if TYPE_CHECKING:
    from models.forms.model import Form

_HERE = Path(__file__).parent
FOLDER = _HERE / "checklists"
_CODE_SINCE = date(2026, 8, 15)
"""First day of the 生态环境法典."""


@dataclass(frozen=True, slots=True)
class GridItem:
    """An item of the grid's checklist: what to look at, what may be done at most, when it goes upward."""

    code: str
    asked: ChecklistItem
    objects: tuple[str, ...]
    most: str
    """Disposal limit (处置上限): "observe", "guide", "dissuade" or "stop"."""
    stay_out: bool
    hands_off: bool
    must_report: bool
    at_once: bool
    after: int
    """Found so many times running, it is reported; 0 where that is no reason."""
    problem_class: str
    departments: tuple[str, ...]
    """Keys of departments that it goes to."""
    when_zh: str
    when_en: str
    see: tuple[str, ...]
    basis_before: str
    basis_code: str
    basis_since: date
    """First day of `basis_before`; the first day of all where it is not given."""
    basis_first: str
    """What it rested on before that."""

    @property
    def title(self) -> str:
        """What to look at, in the reader's language."""
        return self.asked.title

    @property
    def when(self) -> str:
        """When it goes upward, in the reader's language."""
        return self.when_en if current_language() == "en" else self.when_zh

    def basis(self, on: date) -> str:
        """The basis in force on a day."""
        if on >= _CODE_SINCE:
            return self.basis_code
        return self.basis_before if on >= self.basis_since else self.basis_first


@dataclass(frozen=True, slots=True)
class Department:
    """A body that a grid may report to."""

    key: str
    zh: str
    en: str

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return self.en if current_language() == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Instrument:
    """A paper that the committees and grids rest on."""

    key: str
    zh: str
    en: str
    issued_on: date | None
    by: tuple[str, ...]
    """Who issued it (Chinese data)."""
    source: str
    mark: str
    demands: tuple[str, ...]
    duties: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its title in the reader's language."""
        return self.en if current_language() == "en" else self.zh


def grid_items() -> dict[str, GridItem]:
    """The fifteen items by code, in the order of the form."""
    return _items()


def grid_form() -> Form:
    """The grid's checklist as a form: what `qingcha form` shows, and a filling can be made of.

    pyxform takes half a second; lists and verbs read the items alone (`grid_items`).
    """
    from models.forms.load import load

    return load(FOLDER / str(_index()["file"]))


def grid_checklist() -> Checklist:
    """The grid's own checklist, which no inspection can choose."""
    index = _index()
    return Checklist(index["code"], index["zh"], index["en"], index["version"], FOLDER / str(index["file"]))


def departments() -> dict[str, Department]:
    """The bodies that a grid may report to, by key."""
    return _departments()


def department_label(key: str | None) -> str:
    """A department's name in the reader's language; the key itself for one that is not kept."""
    found = _departments().get(key or "")
    return found.label if found is not None else key or ""


def instruments() -> dict[str, Instrument]:
    """What committees and grids rest on, by key; "committee_notice" is the notice of 2021-11-29."""
    return _instruments()


def _index() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "index.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _items() -> dict[str, GridItem]:
    index = _index()
    asked = read(FOLDER / str(index["file"]))
    return {
        raw["code"]: GridItem(
            code=raw["code"],
            asked=asked[raw["code"]],
            objects=tuple(raw["objects"]),
            most=raw["most"],
            stay_out=raw.get("stay_out", False),
            hands_off=raw.get("hands_off", False),
            must_report=raw.get("must_report", False),
            at_once=raw.get("at_once", False),
            after=raw.get("after", 0),
            problem_class=raw.get("class", ""),
            departments=tuple(raw["to"]),
            when_zh=raw["when_zh"],
            when_en=raw["when_en"],
            see=tuple(raw.get("see", ())),
            basis_before=raw["basis"],
            basis_code=raw["basis_code"],
            basis_since=raw.get("basis_since", date.min),
            basis_first=raw.get("basis_first", ""),
        )
        for raw in index["item"]
    }


@lru_cache(maxsize=1)
def _departments() -> dict[str, Department]:
    raw = tomllib.loads((_HERE / "departments.toml").read_text("utf-8"))["department"]
    return {each["key"]: Department(each["key"], each["zh"], each["en"]) for each in raw}


@lru_cache(maxsize=1)
def _instruments() -> dict[str, Instrument]:
    raw = tomllib.loads((_HERE / "instruments.toml").read_text("utf-8"))["instrument"]
    return {
        each["key"]: Instrument(
            each["key"],
            each["zh"],
            each["en"],
            each.get("issued_on"),
            tuple(each["by"]),
            each["source"],
            each["mark"],
            tuple(each["demands"]),
            tuple(each["duties"]),
        )
        for each in raw
    }
