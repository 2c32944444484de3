"""What the pool demands of an expert: pure functions."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from models.errors import RuleBroken
from models.language import N_, listed
from models.registry import units
from models.registry.rules import NAME_LIMIT, is_credit_code, tidy_code, tidy_line
from models.registry.typed import read_day
from models.rooms import Choices, label

_HERE = Path(__file__).parent

FIELDS: Choices = (
    ("forestry", N_("Forestry")),
    ("water", N_("Water resources")),
    ("natural_resources", N_("Natural resources")),
    ("environment", N_("Ecology and environment")),
    ("agriculture", N_("Agriculture")),
    ("fisheries", N_("Ocean and fisheries")),
    ("other", N_("Another field")),
)
"""Fields of the pool: six, and others."""
SOURCES: Choices = (
    ("court", N_("Technical experts of the Intermediate Court")),
    ("system", N_("The environmental authorities' own")),
)
"""Where an expert was taken from."""

GRADES: Choices = (
    ("professor", N_("Professor-level senior engineer")),
    ("senior", N_("Senior engineer")),
    ("engineer", N_("Engineer")),
    ("assistant", N_("Assistant engineer")),
    ("technician", N_("Technician")),
)
"""Grades of professional titles, the highest first; `pool.toml` has their order and names."""


@dataclass(frozen=True, slots=True)
class Grade:
    """A rung of the ladder of professional titles."""

    key: str
    order: int
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """Its name in the reader's language."""
        return label(GRADES, self.key)


class Dated(Protocol):
    """What `in_pool` needs of an expert; `tables.Expert` is one."""

    entered_on: str | None
    left_on: str | None
    active: bool | None


def in_pool(expert: Dated, on: date) -> bool:
    """Whether the expert was in the pool on the day: from the first day on, until the day of leaving."""
    day = on.isoformat()
    if expert.entered_on and day < expert.entered_on:
        return False
    if expert.left_on:
        return day < expert.left_on
    return expert.active is not False


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """`pool.toml` as it is."""
    return tomllib.loads((_HERE / "pool.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def grades() -> tuple[Grade, ...]:
    """The ladder of titles, lowest first."""
    found = [Grade(row["key"], row["order"], tuple(row["names"])) for row in facts()["grade"]]
    return tuple(sorted(found, key=lambda grade: grade.order))


def grade(key: str | None) -> Grade | None:
    """A rung by its key; None for one that there is not."""
    return next((each for each in grades() if each.key == key), None)


def grade_of(title: str) -> Grade | None:
    """The rung that a title names, the longest name that it ends in ("水利高级工程师"); None where none."""
    plain = re.sub(r"\s|[（(].*?[)）]", "", unicodedata.normalize("NFKC", title))
    found = [(len(name), each) for each in grades() for name in each.names if plain.endswith(name)]
    return max(found, key=lambda pair: (pair[0], pair[1].order))[1] if found else None


def checked(values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The fields of an expert as they are kept.

    Raises:
        RuleBroken: naming the field: name, employer, title, field of work or source is missing; the grade is
            not that of the title; one of the environmental authorities' own is below senior engineer; a code,
            unit or day is not possible.
    """
    found = dict(values)
    for name in ("name", "employer", "title"):
        found[name] = _line(found.get(name), name)
    found["fields"] = _fields(found.get("fields"))
    if found.get("source") not in dict(SOURCES):
        raise RuleBroken(N_("Say which source the expert was taken from."), field="source")
    found["title_grade"] = _grade(found["title"], found.get("title_grade"))
    _refuse_low_grade(found["source"], found["title_grade"])
    home = units.unit_named(str(found.get("unit_code") or ""))
    if home is None:
        raise RuleBroken(
            N_("“{value}” is no unit of Zhangzhou. Give its name or code, such as 芗城区 or 350602."),
            field="unit_code",
            value=found.get("unit_code") or "",
        )
    found["unit_code"] = home.code
    code = tidy_code(str(found.get("employer_code") or ""))
    if code and not is_credit_code(code):
        raise RuleBroken(
            N_(
                "“{value}” is no unified social credit code: 18 characters, and the last must check. "
                "Compare it with the licence."
            ),
            field="employer_code",
            value=code,
        )
    found["employer_code"] = code or None
    found["phone"] = tidy_line(str(found.get("phone") or "")) or None
    found["entered_on"] = read_day(str(found.get("entered_on") or today.isoformat()), "entered_on")
    if found["entered_on"] > today.isoformat():
        raise RuleBroken(N_("This day has not come yet."), field="entered_on")
    return found


def _line(value: Any, field: str) -> str:
    text = tidy_line(str(value or ""))
    if not text:
        raise RuleBroken(N_("Fill this in."), field=field)
    if len(text) > NAME_LIMIT:
        raise RuleBroken(
            N_("This text has {length} characters; {most} fit. Shorten it."),
            field=field,
            length=len(text),
            most=NAME_LIMIT,
        )
    return text


def _fields(value: Any) -> str:
    wanted = {each.strip() for each in str(value or "").split(",") if each.strip()}
    wrong = wanted - {key for key, _words in FIELDS}
    if wrong or not wanted:
        raise RuleBroken(
            N_("Give at least one field of work: {choices}."),
            field="fields",
            choices=listed(label(FIELDS, key) for key, _words in FIELDS),
        )
    return ",".join(key for key, _words in FIELDS if key in wanted)


def _grade(title: str, given: Any) -> str:
    by_title, wanted = grade_of(title), grade(given)
    if given and wanted is None:
        raise RuleBroken(
            N_("“{value}” is none of the choices here: {choices}."),
            field="title_grade",
            value=given,
            choices=listed(each.label for each in grades()),
        )
    if by_title and wanted and by_title != wanted:
        raise RuleBroken(
            N_("“{title}” is of the grade {grade}. Correct one of the two."),
            field="title_grade",
            title=title,
            grade=by_title.label,
        )
    found = wanted or by_title
    if found is None:
        raise RuleBroken(
            N_("The grade of “{title}” is not known here: choose it."), field="title_grade", title=title
        )
    return found.key


def _refuse_low_grade(source: str, key: str) -> None:
    least, held = grade(facts()["system_least"]), grade(key)
    assert least is not None
    assert held is not None
    if source == "system" and held.order < least.order:
        raise RuleBroken(
            N_("Experts of the environmental authorities are {least} or higher; this one is {grade}."),
            field="title_grade",
            basis=facts()["system_basis"],
            least=least.label,
            grade=held.label,
        )
