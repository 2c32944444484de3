"""Units (辖区) and roles: facts read once from the data files beside this module."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from models.language import current_language
from models.registry.access import NOT_FOR_GRID_WORKERS

_DATA = Path(__file__).parent / "data"
GRID_WORKER = "grid_worker"


BUREAU = "漳州市生态环境局"
"""In whose name papers are made (行政处罚法 art. 17); the seat's fact "bureau" replaces it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A county, district, development zone, department, or the city itself."""

    code: str
    """Six characters at most: GB/T 2260 for counties, our own `ZZ…` for zones and departments."""
    name: str
    en: str
    kind: str
    """"city", "district", "county", "zone" or "department"."""
    parents: tuple[str, ...]
    """Codes of the county-level units (for a zone) or of the city that it lies in."""
    longitude: str
    latitude: str
    """Seat of government in degrees, as decimal text; empty where none is kept."""
    mark: str
    """How sure the entry is: S2 secondary source, M from memory, D our own choice."""
    since: date | None
    old: tuple[tuple[str, str, date], ...]
    """Earlier (code, name, last day) of the same area."""
    towns: tuple[str, ...]
    statistical: str

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.en if current_language() == "en" else self.name


@dataclass(frozen=True, slots=True)
class Role:
    """What a person is in the bureau, and what that allows."""

    code: str
    zh: str
    en: str
    may: frozenset[str]

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.en if current_language() == "en" else self.zh

    @property
    def is_grid_worker(self) -> bool:
        """Whether the person is a grid worker, alone or among other roles: such a one never inspects."""
        return GRID_WORKER in self.code.split(",")


def units() -> tuple[Unit, ...]:
    """All units: the city, the 16 county-level ones in the bureau's order, then the departments."""
    return tuple(_units().values())


def city() -> Unit:
    """The city itself, which the pool of experts, bulletins and rankings belong to."""
    return next(each for each in _units().values() if each.kind == "city")


def county_level() -> tuple[Unit, ...]:
    """The 16: 11 counties and districts, 5 development zones."""
    return tuple(unit for unit in units() if unit.kind in ("district", "county", "zone"))


def unit(code: str) -> Unit | None:
    """The unit of a code in force or of an old one (350681 is Longhai); None where there is none."""
    return _units().get(code) or _old_codes().get(code)


def label_of(code: str | None) -> str:
    """The name of a code's unit in the reader's language; the code itself where it is none of ours."""
    found = unit(code or "")
    return found.label if found is not None else code or ""


def unit_named(text: str) -> Unit | None:
    """The unit meant by a code or name as people write it, old or new: "芗城", "350681", "漳州市芗城区"."""
    wanted = "".join(text.split())
    found = unit(wanted.upper())
    if found is not None:
        return found
    return _names().get(wanted) or _names().get(wanted.removeprefix("福建省").removeprefix("漳州市"))


def code_on(unit_code: str, on: date) -> str:
    """The code that the unit's area bore on a day (长泰 was 350625 until 2021-02-01)."""
    found = unit(unit_code)
    if found is None:
        return unit_code
    for code, _, last in sorted(found.old, key=lambda old: old[2]):
        if on <= last:
            return code
    return found.code


def roles() -> tuple[Role, ...]:
    """All roles in the order of the data file."""
    return tuple(_roles().values())


def role(code: str | None) -> Role | None:
    """The role of a code, or of several joined by commas (一人多角色); None when one of them is unknown."""
    if code and "," in code:
        return _several(code)
    return _roles().get(code or "")


@lru_cache
def _several(codes: str) -> Role | None:
    found = [_roles().get(code.strip()) for code in codes.split(",")]
    known = [each for each in found if each is not None]
    if not known or len(known) < len(found):
        return None
    names = [each.code for each in known]
    may = frozenset[str]().union(*(each.may for each in known))
    zh, en = "、".join(each.zh for each in known), ", ".join(each.en for each in known)
    return Role(",".join(names), zh, en, _allowed(names, may))


def _allowed(codes: Collection[str], may: frozenset[str]) -> frozenset[str]:
    """Without what no grid worker may, even where the data file or another role would give it."""
    return may - NOT_FOR_GRID_WORKERS if GRID_WORKER in codes else may


def role_named(text: str) -> Role | None:
    """The role meant by its code or its name in either language; several are joined by commas or 、."""
    parts = [part for part in re.split(r"[,，、]", text) if part.strip()]
    if len(parts) > 1:
        found = [role_named(part) for part in parts]
        codes = [each.code for each in found if each is not None]
        return role(",".join(dict.fromkeys(codes))) if len(codes) == len(parts) else None
    wanted = "".join(text.split()).casefold()
    for each in roles():
        if wanted in (each.code, each.zh.casefold(), "".join(each.en.split()).casefold()):
            return each
    return None


@lru_cache(maxsize=1)
def _units() -> dict[str, Unit]:
    found = {}
    for raw in tomllib.loads((_DATA / "units.toml").read_text("utf-8"))["unit"]:
        longitude, latitude = raw.get("seat", ("", ""))
        found[raw["code"]] = Unit(
            code=raw["code"],
            name=raw["name"],
            en=raw["en"],
            kind=raw["kind"],
            parents=tuple(raw.get("parents", ())),
            longitude=longitude,
            latitude=latitude,
            mark=raw["mark"],
            since=raw.get("since"),
            old=tuple((old["code"], old["name"], old["until"]) for old in raw.get("old", ())),
            towns=tuple(raw.get("towns", ())),
            statistical=raw.get("statistical", ""),
        )
    return found


@lru_cache(maxsize=1)
def _old_codes() -> dict[str, Unit]:
    return {code: each for each in units() for code, _, _ in each.old}


@lru_cache(maxsize=1)
def _names() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for each in units():
        for name in (each.name, *(old for _, old, _ in each.old)):
            for spelling in (name, name.removeprefix("漳州市"), name.removeprefix("漳州")):
                if len(spelling) > 1:
                    found.setdefault(spelling, each)
            if each.kind in ("district", "county"):
                found.setdefault(name[:-1], each)
    return found


@lru_cache(maxsize=1)
def _roles() -> dict[str, Role]:
    raw = tomllib.loads((_DATA / "roles.toml").read_text("utf-8"))["role"]
    return {
        each["code"]: Role(
            each["code"], each["zh"], each["en"], _allowed([each["code"]], frozenset(each["may"]))
        )
        for each in raw
    }


@lru_cache
def columns(kind: str) -> dict[str, str]:
    """Header as written (folded by `rules.folded_header`) to field, for the import of "site" or "officer"."""
    raw = tomllib.loads((_DATA / "columns.toml").read_text("utf-8"))[kind]
    return {alias: field for field, aliases in raw.items() for alias in (field.replace("_", ""), *aliases)}
