"""Taking a list of experts in from CSV or XLSX, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.language import N_, _
from models.registry import keeping
from models.registry.days import today
from models.registry.experts import rules, verbs
from models.registry.imports import ImportReport, Plan, take_in
from models.registry.typed import read_choice
from models.rooms import Choices

if TYPE_CHECKING:
    from models.store.seat import Seat

_SHOWN = 5
"""Faults that a sentence names; the rest is counted."""


def import_experts(seat: Seat, path: Path, *, only_good_rows: bool = False) -> ImportReport:
    """Take a list of experts in: all rows or none, in one write, unless `only_good_rows` is asked for.

    Somebody of the same name and employer who stands twice in the file or is in the pool already is an error.

    Raises:
        BadInput: the file cannot be read or has no column for the name. RuleBroken: the person may not.
    """
    keeping.allow(seat, "expert")
    day = today(seat)

    def checked(values: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if value}
        if "source" in given:
            given["source"] = _by_words(given["source"], "source", rules.SOURCES)
        if "fields" in given:
            given["fields"] = _all_by_words(given["fields"])
        if "title_grade" in given:
            named = rules.grade_of(given["title_grade"]) or rules.grade(given["title_grade"])
            given["title_grade"] = named.key if named else given["title_grade"]
        return keeping.tidy("expert", {**rules.checked(given, day), "active": True})

    plan = Plan(
        kind="expert",
        columns={
            alias: field
            for field, aliases in rules.facts()["columns"].items()
            for alias in (field.replace("_", ""), *aliases)
        },
        headers="姓名、工作单位、职称、领域、来源、县区",
        key="name",
        known=verbs.identities(seat),
        checked=checked,
        identity=lambda values: verbs.identity(values.get("name"), values.get("employer")),
        owner=verbs.owner(),
    )
    return take_in(seat, path, plan, only_good_rows=only_good_rows)


def import_list(seat: Seat, *, path: str, only_good_rows: bool = False) -> None:
    """As `import_experts`, from a path as typed.

    Raises:
        BadInput: the file cannot be read. RuleBroken: rows are wrong, which it names; or the person may not.
    """
    report = import_experts(seat, Path(path).expanduser(), only_good_rows=only_good_rows)
    if report.errors and not (only_good_rows and report.written):
        faults = [
            _("row {row}: {what}").format(row=error.row, what=error.message)
            for error in report.errors[:_SHOWN]
        ]
        raise RuleBroken(
            N_("Nothing was taken in. Rows that are wrong: {count}. {faults}"),
            field="path",
            count=len(report.errors),
            faults=" ".join(faults),
        )


def _by_words(text: str, what: str, choices: Choices) -> str:
    for key, words in rules.facts()["words"][what].items():
        if any(word in text for word in words):
            return str(key)
    return read_choice(text, what, choices)


def _all_by_words(text: str) -> str:
    """The fields of a cell: every one whose word it holds; where none is, its parts must be choices."""
    found, rest = [], text
    for key, words in rules.facts()["words"]["fields"].items():
        for word in words:
            if word in rest:
                found.append(str(key))
                rest = rest.replace(word, "、")
    left = [part for part in rest.replace("，", "、").replace(",", "、").split("、") if part.strip(" /；;和")]
    found += [read_choice(part, "fields", rules.FIELDS) for part in left]
    return ",".join(dict.fromkeys(found))
