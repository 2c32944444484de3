"""Judging by tables whose limits stand by grade: municipal plants, surface water, hospitals and others.

GB 18918-2002 (J8, J10, J21), GB 3838-2002, GB 18596-2001, GB 18466-2005, GB 37822-2019, GB 18483-2001.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from models.language import N_, listed
from models.law import comparing
from models.law import limit_data as data
from models.law.judgement import Judgement, Reason, Sample, not_limited, reason
from models.law.readings import converted, read_number, read_value

_ROMAN = str.maketrans({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "类": "", "級": "级"})


@dataclass(frozen=True)
class GradedRow:
    """One limit of a table."""

    standard: str
    table: str
    parameter: str
    category: str
    unit: str
    grade: str
    """Empty where the table has none."""
    limit: str
    cold: str
    """The limit in brackets, for water of 12 ℃ and less; mostly empty."""
    built_from: date | None
    built_until: date | None
    note: str

    def clause(self) -> str:
        """Table, grade and category."""
        category = "" if self.category == data.EVERYTHING else self.category
        return " ".join(part for part in (self.table, self.grade, category) if part)


@lru_cache(maxsize=1)
def graded_rows() -> tuple[GradedRow, ...]:
    """Every row of every graded table."""
    with (data.FOLDER / "graded.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            GradedRow(
                row["standard"],
                row["table"],
                row["parameter"],
                row["category"],
                row["unit"],
                row["grade"],
                row["limit"],
                row["cold"],
                date.fromisoformat(row["from"]) if row["from"] else None,
                date.fromisoformat(row["until"]) if row["until"] else None,
                row["note"],
            )
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def _graded() -> frozenset[str]:
    return frozenset(row.standard for row in graded_rows())


def is_graded(standard: str) -> bool:
    """Whether a standard's tables are these."""
    return standard in _graded()


def graded_parameters(standard: str, table: str = "") -> list[data.Parameter]:
    """What a standard limits, in its order."""
    rows = (row for row in graded_rows() if row.standard == standard and table in ("", row.table))
    return [data.all_parameters()[name] for name in dict.fromkeys(row.parameter for row in rows)]


def grades_of(standard: str) -> list[str]:
    """The grades of a standard, in its order."""
    return [
        each for each in dict.fromkeys(row.grade for row in graded_rows() if row.standard == standard) if each
    ]


def judge_graded(sample: Sample) -> Judgement:
    """Judge a value by a graded table; what is not told is asked for only where it would make a difference.

    Raises:
        BadInput: for a value or unit that cannot be read.
    """
    reading = read_value(sample.value, sample.detection_limit)
    found = Judgement("undecidable", sample.standard, "", "", "")
    parameter = data.parameter_named(sample.parameter, data.all_standards()[sample.standard].medium)
    rows = [
        row
        for row in graded_rows()
        if parameter is not None and (row.standard, row.parameter) == (sample.standard, parameter.name)
    ]
    if parameter is None or not rows:
        return not_limited(sample.standard, sample.parameter)
    rows, why = _chosen(rows, sample)
    if not rows:
        return replace(found, reasons=why)
    verdicts: dict[str, tuple[Judgement, tuple[Reason, ...]]] = {}
    for row in rows:
        for limit, asked in _limits(row, sample):
            value = converted(reading, sample.unit or row.unit, row.unit)
            notes = (reason(N_("Note of the table: {note}"), note=row.note),) if row.note else ()
            one = replace(
                found,
                clause=row.clause(),
                limit=limit,
                limit_text=comparing.limit_text(limit, row.unit),
                result=comparing.shown(value),
                unit=row.unit,
                reasons=notes,
            )
            one = comparing.compared(one, value, limit, parameter)
            verdicts.setdefault(one.verdict, (one, asked + _built_asked(rows, sample)))
    if len(verdicts) > 1:
        asked = tuple(dict.fromkeys(each for _one, told in verdicts.values() for each in told))
        return replace(found, clause=rows[0].clause(), reasons=asked)
    ((judged, _asked),) = verdicts.values()
    return replace(judged, reasons=(*judged.reasons, *_mean(sample)))


def _chosen(rows: Sequence[GradedRow], sample: Sample) -> tuple[list[GradedRow], tuple[Reason, ...]]:
    """The rows of the grade, category and building date, or why there are none."""
    parameter = rows[0].parameter
    grades = list(dict.fromkeys(row.grade for row in rows))
    if grades != [""]:
        grade = data.folded(sample.grade.translate(_ROMAN))
        water = data.water_named(sample.water) if sample.water else None
        if not grade and water is not None:
            grade = data.folded(data.grade_by_water(sample.standard, water.key))
        known = grades_of(sample.standard)
        if grade not in map(data.folded, known):
            return [], (reason(N_("Give the grade: {known}."), "J10", known=listed(known)),)
        rows = [row for row in rows if data.folded(row.grade) == grade]
        if not rows:
            why = N_("{table} sets no limit for {parameter} at this grade.")
            return [], (reason(why, table=sample.standard, parameter=parameter),)
    categories = list(dict.fromkeys(row.category for row in rows))
    if len(categories) > 1 or categories[0] != data.EVERYTHING:
        rows = [row for row in rows if data.folded(row.category) == data.folded(sample.category)]
        if not rows:
            why = N_("Choose the category for {parameter}: {known}.")
            return [], (reason(why, parameter=parameter, known=listed(categories)),)
    if sample.built is not None:
        rows = [
            row
            for row in rows
            if (row.built_from or date.min) <= sample.built <= (row.built_until or date.max)
        ]
    return list(rows), ()


def _limits(row: GradedRow, sample: Sample) -> list[tuple[str, tuple[Reason, ...]]]:
    """The limits that may hold (J21), each with what would have to be told to know."""
    if not row.cold:
        return [(row.limit, ())]
    if not sample.temperature:
        asked = reason(N_("Give the temperature of the water: at 12 ℃ and below it is another limit."), "J21")
        return [(row.limit, (asked,)), (row.cold, (asked,))]
    cold = read_number(sample.temperature) <= data.cold_up_to()
    return [(row.cold if cold else row.limit, ())]


def _built_asked(rows: Sequence[GradedRow], sample: Sample) -> tuple[Reason, ...]:
    if sample.built is None and any(row.built_from or row.built_until for row in rows):
        return (reason(N_("Give the building date (built): it decides the limit."), "J8"),)
    return ()


def _mean(sample: Sample) -> tuple[Reason, ...]:
    if sample.standard in {"GB 18918-2002", "GB 18596-2001", "GB 18466-2005"} and not sample.sampling:
        why = N_("State whether the sample is instant or composite: the limits are daily averages.")
        return (reason(why, "J5"),)
    return ()
