"""Judging water samples by GB 8978-1996: rules J1 to J9 as pure functions on exact decimals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from models.errors import BadInput
from models.language import N_, listed
from models.law import comparing
from models.law import limit_data as data
from models.law.bases import basis_text
from models.law.judgement import Judgement, Reason, Sample, plain, reason
from models.law.mixing import CLAUSE, mixed_limit
from models.law.readings import converted, read_value

STANDARD = "GB 8978-1996"
_GRADES = ("一级", "二级", "三级")
_GRADE_NAMES = {
    **{str(number): number for number in (1, 2, 3)},
    **{name: number for number, name in enumerate(_GRADES, 1)},
    **{name: number for number, name in enumerate(("一", "二", "三"), 1)},
}


def judge_water(sample: Sample) -> Judgement:
    """Judge a water sample: verdict, times over, limit, and the reasons with their rules.

    Comparison is by whole values; ≤ meets the limit (J1). A value below the detection limit meets it where
    the detection limit does, else nothing can be said (J3).

    Raises:
        BadInput: for a value, unit, grade, water or table that cannot be read.
    """
    reading = read_value(sample.value, sample.detection_limit)
    found = Judgement("undecidable", STANDARD, "", "", "")
    parameter = data.parameter_named(sample.parameter)
    if parameter is None or not any(row.parameter == parameter.name for row in data.rows()):
        return replace(found, reasons=(_not_limited(sample.parameter),))
    table, notes = _table(parameter.name, sample)
    found = replace(found, clause=table.name, reasons=notes)
    if sample.mixed:
        return _of_mixture(found, table, parameter, sample)
    grade, by_water, of_grade = _grade(table, sample)
    row, of_row = _row(table, parameter, sample)
    if row is None or grade is None:
        return replace(found, reasons=(*of_grade, *of_row, *found.reasons))
    found = replace(found, reasons=(*found.reasons, *of_grade, *of_row))
    limit = row.grades[grade - 1]
    clause = [table.name, "" if _same_in_all_grades(row) else _GRADES[grade - 1]]
    clause.append("" if row.category == data.EVERYTHING else row.category)
    reading = converted(reading, sample.unit or row.unit, row.unit)
    found = replace(
        found,
        clause=" ".join(part for part in clause if part),
        limit=limit,
        limit_text=comparing.limit_text(limit, row.unit),
        result=comparing.shown(reading),
        unit=row.unit,
    )
    if not limit:
        none = reason(
            N_("{table} sets no limit for {parameter} at this grade."),
            table=f"{STANDARD} {table.name}",
            parameter=parameter.name,
        )
        return replace(found, reasons=(none, *found.reasons))
    if row.note:
        found = replace(
            found, reasons=(*found.reasons, reason(N_("Note of the table: {note}"), note=row.note))
        )
    found = replace(found, reasons=(*found.reasons, *_mark_of_sampling(sample)))
    judged = comparing.compared(found, reading, limit, parameter)
    if by_water is not None:
        of_water = row.grades[by_water - 1]
        other = comparing.compared(found, reading, of_water, parameter).verdict if of_water else ""
        if other != judged.verdict:
            judged = _contradicted(judged, grade, by_water)
    return _at_the_right_outlet(judged, table, sample)


def _contradicted(judged: Judgement, given: int, by_water: int) -> Judgement:
    """Nothing is said where the grade given and the water's own come to different verdicts (J9)."""
    why = N_(
        "By {given} the verdict is not the one by {by_water}. Choose which holds: the grade or the "
        "receiving water."
    )
    stops = reason(why, "J9", given=_GRADES[given - 1], by_water=_GRADES[by_water - 1])
    return replace(judged, verdict="undecidable", times="", reasons=(stops, *judged.reasons))


def _of_mixture(found: Judgement, table: data.Table, parameter: data.Parameter, sample: Sample) -> Judgement:
    """By the limit that the parts of mixed waste water give together (J11)."""
    units = {row.unit for row in data.rows() if row.parameter == parameter.name}
    unit = min(units)
    if not unit or parameter.no_multiple:
        raise BadInput(N_("{parameter} has no limit that could be mixed."), parameter=parameter.name)
    limit = plain(mixed_limit(sample.mixed))
    reading = converted(read_value(sample.value, sample.detection_limit), sample.unit or unit, unit)
    why = N_("Limit of the mixture by C = ΣCiQiYi/ΣQiYi: {limit} {unit}.")
    found = replace(
        found,
        clause=f"{table.name} {CLAUSE}",
        limit=limit,
        limit_text=comparing.limit_text(limit, unit),
        result=comparing.shown(reading),
        unit=unit,
        reasons=(*found.reasons, reason(why, "J11", limit=limit, unit=unit), *_mark_of_sampling(sample)),
    )
    return _at_the_right_outlet(comparing.compared(found, reading, limit, parameter), table, sample)


def table_for(parameter: str, built: date | None) -> str:
    """The table that limits the parameter for a source built on that date (J8); "" for none."""
    found = data.parameter_named(parameter)
    if found is None:
        return ""
    names = {row.table for row in data.rows() if row.parameter == found.name}
    if "表1" in names:
        return "表1"
    by_date = "表2" if built is not None and built < date(1998, 1, 1) else "表4"
    return by_date if names else ""


def grade_for(water: str) -> tuple[int | None, Reason | None]:
    """The grade that the receiving water gives (J9), or None with the reason why no outlet may be made.

    Raises:
        BadInput: for a water that is not known.
    """
    found = _water(water)
    if found.grade:
        return found.grade, None
    return None, reason(
        N_(
            "New outlets are forbidden in {water} (GB 8978-1996 §4.1); for an outlet that was there before, "
            "take the limits of its permit."
        ),
        "J9",
        water=found.zh,
    )


def _water(name: str) -> data.Water:
    found = data.water_named(name)
    if found is None:
        raise BadInput(
            N_("“{water}” is not a receiving water. Use one of: {known}."),
            water=name,
            known=listed(one.key for one in data.waters().values()),
        )
    return found


def _not_limited(name: str) -> Reason:
    absent = data.absent_names().get(data.folded(name))
    if absent and absent[2]:
        return _not_kept("", absent[0])
    if absent and absent[1]:
        return reason(
            N_("{standard} has no limit for {parameter}; it limits {instead} instead."),
            standard=STANDARD,
            parameter=absent[0],
            instead=absent[1],
        )
    return reason(N_("{standard} has no limit for {parameter}."), standard=STANDARD, parameter=name)


def _table(parameter: str, sample: Sample) -> tuple[data.Table, tuple[Reason, ...]]:
    tables = {table.name: table for table in data.all_standards()[STANDARD].tables}
    chosen = table_for(parameter, sample.built)
    given = data.folded(sample.table)
    if given and given.removeprefix("表") not in {name.removeprefix("表") for name in tables}:
        raise BadInput(
            N_("{standard} has no table “{table}” here. Use one of: {known}."),
            standard=STANDARD,
            table=sample.table,
            known=listed(tables),
        )
    notes: tuple[Reason, ...] = ()
    wanted = f"表{given.removeprefix('表')}" if given else chosen
    if wanted != chosen and "表1" in (wanted, chosen):
        notes = (
            reason(
                N_("{parameter} is limited by {table}, which was taken."), parameter=parameter, table=chosen
            ),
        )
        wanted = chosen
    elif not given and chosen == "表4" and sample.built is None:
        notes = (reason(N_("Building date not given: taken as built from 1998-01-01 (表4)."), "J8"),)
    return tables[wanted], notes


def _grade(table: data.Table, sample: Sample) -> tuple[int | None, int | None, tuple[Reason, ...]]:
    """The grade to judge by, the receiving water's where that is another, and what is to be said of them."""
    if table.point == "workshop":
        return 1, None, ()
    given = _GRADE_NAMES.get(data.folded(sample.grade))
    if sample.grade and given is None:
        raise BadInput(N_("“{grade}” is not a grade. Use 1, 2 or 3."), grade=sample.grade)
    if not sample.water:
        asked = reason(N_("Give the grade (1, 2, 3) or the receiving water."), "J9")
        return given, None, () if given else (asked,)
    by_water, why = grade_for(sample.water)
    if by_water is None or given is None or given == by_water:
        return by_water, None, (why,) if why else ()
    differs = reason(
        N_(
            "The receiving water {water} gives {by_water}, and {given} was given: the limit shown is that "
            "of {given}."
        ),
        "J9",
        water=_water(sample.water).zh,
        by_water=_GRADES[by_water - 1],
        given=_GRADES[given - 1],
    )
    return given, by_water, (differs,)


def _row(
    table: data.Table, parameter: data.Parameter, sample: Sample
) -> tuple[data.Row | None, tuple[Reason, ...]]:
    candidates = [row for row in data.rows() if row.table == table.name and row.parameter == parameter.name]
    by_category = {row.category: row for row in candidates}
    if data.EVERYTHING in by_category:
        return by_category[data.EVERYTHING], ()
    if not candidates:
        return None, (_not_kept(table.name, parameter.name),)
    known = listed(by_category)
    if not sample.category:
        return None, (
            reason(
                N_("Choose the category for {parameter}: {known}."), parameter=parameter.name, known=known
            ),
        )
    wanted = data.folded(sample.category)
    for row in candidates:
        if wanted in map(data.folded, data.category_names(row.category)):
            return row, ()
    if table.partial:
        return None, (_not_kept(table.name, parameter.name),)
    elsewhere = {
        data.folded(name)
        for row in data.rows()
        if row.table == table.name
        for name in data.category_names(row.category)
    }
    if wanted in elsewhere and data.OTHERS in by_category:
        note = reason(
            N_("{table} does not name {category} for {parameter}: the row 其他 was taken."),
            table=table.name,
            category=sample.category,
            parameter=parameter.name,
        )
        return by_category[data.OTHERS], (note,)
    unknown = N_("“{category}” is not a category of {table} for {parameter}. Choose: {known}.")
    return None, (
        reason(unknown, category=sample.category, table=table.name, parameter=parameter.name, known=known),
    )


def _not_kept(table: str, parameter: str) -> Reason:
    return reason(
        N_(
            "{table} is kept here only in part, without this row for {parameter}: look it up in the standard."
        ),
        "J8",
        table=f"{STANDARD} {table}".rstrip(),
        parameter=parameter,
    )


def _same_in_all_grades(row: data.Row) -> bool:
    return row.table == "表1"


def _mark_of_sampling(sample: Sample) -> tuple[Reason, ...]:
    if sample.sampling == "composite":
        return ()
    if sample.sampling != "instant":
        return (
            reason(
                N_("State whether the sample is instant or composite: the limits are daily averages."), "J5"
            ),
        )
    if sample.sampled is None:
        return (reason(N_("Instant sample: give the date of sampling for its legal basis."), "J6"),)
    why = N_("Instant sample taken on the spot: its result may be used to judge ({basis}).")
    return (reason(why, "J6", basis=basis_text("V11", sample.sampled)),)


def outlet_of(point: str) -> str:
    """What a sampling point's name says of it: "workshop", "total" or "" (not told)."""
    name = data.folded(point)
    if "workshop" in name or "车间" in name:
        return "workshop"
    if "total" in name or "总排" in name or "outfall" in name:
        return "total"
    return ""


def _at_the_right_outlet(found: Judgement, table: data.Table, sample: Sample) -> Judgement:
    outlet = outlet_of(sample.point)
    if outlet == table.point:
        return found
    if table.point == "workshop":
        if not outlet:
            why = N_(
                "First-class pollutants are judged at the outlet of the workshop or of its treatment. "
                "State where the sample was taken."
            )
        elif found.verdict == "over":
            why = N_(
                "Over the limit even at the total outlet, though diluted there; the limit applies at the "
                "workshop's outlet. Sample there."
            )
        else:
            why = N_(
                "First-class pollutants are judged at the outlet of the workshop or of its treatment, "
                "not at the total outlet, where they are diluted. Sample there."
            )
        return replace(found, verdict="undecidable", times="", reasons=(reason(why, "J7"), *found.reasons))
    if outlet == "workshop":
        why = N_(
            "Second-class pollutants are judged at the unit's total outlet, not at a workshop. Sample there."
        )
        return replace(found, verdict="undecidable", times="", reasons=(reason(why, "J7"), *found.reasons))
    return replace(
        found, reasons=(*found.reasons, reason(N_("Taken to be sampled at the total outlet."), "J7"))
    )
