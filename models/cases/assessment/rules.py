"""Who may not assess a case (回避), and what an opinion must say: pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.errors import RuleBroken
from models.language import N_
from models.registry.rules import tidy_code, tidy_line, tidy_text
from models.rooms import Choices, label

HOW: Choices = (("lot", N_("By lot")), ("named", N_("Named, with a reason")))
"""How experts were chosen."""
MODES: Choices = (
    ("in_place", N_("In place")),
    ("fish_release", N_("Fish release")),
    ("replanting", N_("Replanting")),
    ("watershed", N_("Small-watershed works")),
)
"""修复模式 that an opinion may suggest; the same as those of a restoration."""
TIES: Choices = (
    ("employer", N_("Works for the party or the site")),
    ("code", N_("Employer has the credit code of the party or the site")),
    ("named", N_("Is named in the case")),
    ("declared", N_("Declared a tie")),
    ("chosen", N_("Chosen for this case already")),
)
"""Why an expert is kept out of a draw."""
NEEDED = (
    "commissioned_by",
    "matter",
    "materials",
    "surveyed_on",
    "surveyed_place",
    "damage",
    "causation",
    "formula",
    "parameters",
    "parameter_source",
    "total_cents",
    "restoration_mode",
    "restoration_amount",
    "restoration_place",
    "restoration_term",
    "dissent",
    "dated_on",
)
"""What every opinion says, in the order of its form; experts, statement and signatures come beside them."""
_PART = 6
"""Characters from which one name within another means the same organisation ("福建农林大学林学院")."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Who is concerned by a case, for the check of ties."""

    organisations: tuple[str, ...] = ()
    """Names of the party and of the site."""
    codes: tuple[str, ...] = ()
    """Their unified social credit codes."""
    people: tuple[str, ...] = ()
    """Party, its representative, officers, approvers and checkers, by name."""


@dataclass(frozen=True, slots=True)
class Person:
    """What the check of ties looks at in an expert."""

    id: str
    name: str
    employer: str
    employer_code: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An expert kept out of a draw, and why."""

    id: str
    why: str
    """One of `TIES`."""
    name: str
    detail: str
    """The name, code or words that the tie rests on."""

    @property
    def line(self) -> str:
        """As a draw keeps it."""
        return tidy_line(f"{self.id} {self.why} {self.name.replace(' ', '')} {self.detail}")

    @property
    def words(self) -> str:
        """The reason in the reader's language, with what it rests on."""
        return f"{label(TIES, self.why)}：{self.detail}" if self.detail else label(TIES, self.why)


def exclusions(kept: str | None) -> tuple[Exclusion, ...]:
    """The lines that a draw keeps, read again."""
    found = []
    for each in (kept or "").splitlines():
        parts = [*each.split(" ", 3), "", "", ""]
        found.append(Exclusion(*parts[:4]))
    return tuple(found)


def tie(person: Person, concerned: Concerned, declared: Mapping[str, str]) -> Exclusion | None:
    """Why an expert may not assess the case; None where nothing is known.

    Source: 《司法鉴定程序通则》第二十条 and 《行政处罚法》第四十三条, by analogy.
    """
    for key in (person.id, person.name):
        if key in declared:
            return Exclusion(person.id, "declared", person.name, declared[key])
    code = tidy_code(person.employer_code)
    if code and code in {tidy_code(each) for each in concerned.codes}:
        return Exclusion(person.id, "code", person.name, code)
    for name in concerned.organisations:
        if same_organisation(name, person.employer):
            return Exclusion(person.id, "employer", person.name, name)
    for name in concerned.people:
        if _folded(name) and _folded(name) == _folded(person.name):
            return Exclusion(person.id, "named", person.name, name)
    return None


def same_organisation(one: str, other: str) -> bool:
    """Whether two names mean one organisation or a part of it."""
    short, long = sorted((_folded(one), _folded(other)), key=len)
    return bool(short) and (short == long or (len(short) >= _PART and short in long))


def declared_ties(text: str | None, known: Iterable[Person]) -> dict[str, str]:
    """Declared ties by name or id, from lines "name: tie".

    Raises:
        RuleBroken: a line has no tie after a colon, or names nobody of the pool.
    """
    names = {each for person in known for each in (person.id, person.name)}
    found: dict[str, str] = {}
    for row in tidy_text(text or "").splitlines():
        name, _colon, why = row.replace("：", ":").partition(":")
        name, why = name.strip(), why.strip()
        if not name and not why:
            continue
        if not why:
            raise RuleBroken(
                N_("“{line}”: write the name, a colon and the tie, one expert a line."),
                field="declared",
                line=row,
            )
        if name not in names:
            raise RuleBroken(N_("{name} is not in the pool on this day."), field="declared", name=name)
        found[name] = why
    return found


def odd_enough(count: int, least: int) -> bool:
    """Whether the number of experts is odd and not below what is recommended."""
    return count >= least and count % 2 == 1


def refuse_incomplete(values: Mapping[str, object], *, no_conflict: bool, signed: bool) -> None:
    """Refuse an opinion that leaves out what it must say.

    Raises:
        RuleBroken: naming the first field that is empty; for dissent "无" is an answer.
    """
    for name in NEEDED:
        value = values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise RuleBroken(N_("An opinion must say this. Fill it in."), field=name)
    if not no_conflict:
        raise RuleBroken(
            N_("Every expert must state in writing that no tie with party, site or officers exists."),
            field="no_conflict",
        )
    if not signed:
        raise RuleBroken(N_("Every expert must sign the opinion."), field="signed")


def _folded(name: str) -> str:
    return re.sub(r"[\s()（）·\-]", "", unicodedata.normalize("NFKC", name)).casefold()
