"""Results of a laboratory: taken in from its file, judged by the limits, corrected, told to the party."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, QingchaError, RuleBroken
from models.inspections.judging import judged
from models.inspections.rules import child_id, media_type
from models.inspections.sampling import queries
from models.inspections.sampling.context import context_of
from models.inspections.sampling.lab_file import LabFile, LabResult, read_file
from models.inspections.sampling.tables import LabReport, Sample, Sampling
from models.inspections.sampling.verbs import visit_of
from models.inspections.standards.queries import Setting, setting_of
from models.inspections.tables import Inspection, Measurement
from models.inspections.writing import refuse_who_may_not_inspect, tidy
from models.language import N_, Later, listed, listed_long
from models.law import limit_data
from models.law.limit_units import refuse_foreign_unit
from models.registry import keeping
from models.registry.days import today
from models.registry.imports import RowError
from models.registry.rules import tidy_code
from models.registry.tables import Site
from models.store.change import Change, attach, put, void
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_SHOWN = 5
"""Errors named in one sentence; the others are counted."""
_PARTICULARS = (
    "number",
    "laboratory",
    "cma",
    "client",
    "reported_on",
    "compiled_by",
    "checked_by",
    "issued_by",
)
_READ = ("value", "unit_of_value", "detection_limit", "method", "instrument")
"""What a row of a report says; a change of it is a correction."""


@dataclass(frozen=True, slots=True)
class LabImport:
    """What an import read, what it wrote, and what was wrong; with errors nothing was written."""

    rows: int
    added: int
    corrected: int
    same: int
    errors: tuple[RowError, ...]
    unknown_columns: tuple[str, ...]
    reports: tuple[str, ...]
    """Record ids of the reports."""

    @property
    def wrong_rows(self) -> int:
        """Rows of the file with an error."""
        return len({each.row for each in self.errors})


@dataclass(frozen=True, slots=True)
class _Matched:
    """A row with the sample that it is of."""

    result: LabResult
    sample: Sample
    sampling: Sampling
    visit: Inspection


def take_in_results(seat: Seat, path: Path, *, inspection_id: str = "") -> LabImport:
    """Take a laboratory's file in: all rows or, when any is wrong, none.

    Each row is matched to a sample by its number and judged by the limits in force when it was sampled. The
    same row again adds nothing; a changed one corrects the measurement, whose history keeps the old value.

    Args:
        inspection_id: only samples of this visit are meant; all unless given.

    Raises:
        BadInput: the file cannot be read. RuleBroken: the person may not inspect, or not in the unit.
    """
    refuse_who_may_not_inspect(seat)
    file = read_file(path)
    matched, errors = _matched(seat, file, inspection_id)
    errors = [*file.errors, *errors]
    kept = {}
    for each in matched:
        try:
            kept[each.result.row] = _values(seat, each)
            _refuse_sealed_change(seat, each, kept[each.result.row])
        except (BadInput, RuleBroken) as wrong:
            errors.append(_of_limits(file, each.result, wrong))
    errors.sort(key=lambda each: each.row)
    count = len(file.results) + len({each.row for each in file.errors})
    if errors:
        return LabImport(count, 0, 0, 0, tuple(errors), file.unknown, ())
    stored = seat.vault.put_file(path)
    with path.open("rb") as stream:
        start = stream.read(16)
    about = {
        "sha256": stored.sha256,
        "sm3": stored.sm3,
        "size": stored.size,
        "mime": media_type(start, path.name),
        "name": path.name[:255],
    }
    return _write(seat, file, matched, kept, about, count)


def import_or_refuse(seat: Seat, path: Path, *, inspection_id: str = "") -> LabImport:
    """As `take_in_results`, for a screen: what is wrong is one refusal.

    Raises:
        BadInput: naming row and column of the first errors.
    """
    done = take_in_results(seat, path, inspection_id=inspection_id)
    if done.errors:
        raise BadInput(
            N_("Nothing was taken in. Rows that are wrong: {count}. {errors}"),
            count=done.wrong_rows,
            errors=_Sentences(done.errors),
        )
    return done


class _Sentences(Later):
    """The first errors in the language in force when they are read."""

    def __init__(self, errors: Iterable[RowError]) -> None:
        self.errors = tuple(errors)

    def __str__(self) -> str:
        found = error_texts(self.errors)
        return listed_long(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")


def error_texts(errors: Iterable[RowError]) -> list[str]:
    """Each fault once, with its rows and column, in the reader's language and the order of the rows."""
    rows: dict[tuple[str, str, str], list[int]] = {}
    for each in errors:
        rows.setdefault((each.column, each.value, each.message), []).append(each.row)
    return [
        BadInput(
            N_("row {row}, {column}: {message}")
            if len(numbers) == 1
            else N_("rows {row}, {column}: {message}"),
            row=ranges(numbers),
            column=column or "-",
            message=message,
        ).text()
        for (column, _value, message), numbers in rows.items()
    ]


def ranges(numbers: Iterable[int]) -> str:
    """Numbers in a row: 2–4, 7."""
    runs: list[list[int]] = []
    for each in sorted(set(numbers)):
        if runs and runs[-1][1] == each - 1:
            runs[-1][1] = each
        else:
            runs.append([each, each])
    return listed(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def _matched(seat: Seat, file: LabFile, inspection_id: str) -> tuple[list[_Matched], list[RowError]]:
    found: list[_Matched] = []
    errors: list[RowError] = []
    title = file.titles.get("row.sample", "")
    seen: dict[tuple[str, str, str], LabResult] = {}
    for each in file.results:
        sample = queries.sample_numbered(seat, each.sample)
        if sample is None:
            words = N_("There is no sample {number} here. Compare it with the label.")
            errors.append(RowError(each.row, title, each.sample, words, {"number": each.sample}))
            continue
        sampling: Sampling = keeping.kept(seat, "sampling", sample.sampling or "")
        if inspection_id and sampling.inspection != inspection_id:
            words = N_("{number} is a sample of another inspection.")
            errors.append(RowError(each.row, title, each.sample, words, {"number": each.sample}))
            continue
        keeping.allow_unit(seat, "measurement", sampling.unit)
        key = (sample.id, tidy_code(each.report["number"]), limit_data.parameter_key(each.parameter))
        before = seen.setdefault(key, each)
        if before is not each:
            if _same_row(before, each):
                continue
            words = N_("The same sample and item stand in row {row} with another result. Keep one of them.")
            column = file.titles.get("row.value", "")
            errors.append(RowError(each.row, column, each.value, words, {"row": before.row}))
            continue
        found.append(_Matched(each, sample, sampling, visit_of(seat, sampling)))
    return found, errors


def _same_row(one: LabResult, other: LabResult) -> bool:
    return (one.value, one.unit, one.detection_limit) == (other.value, other.unit, other.detection_limit)


def _values(seat: Seat, each: _Matched) -> dict[str, Any]:
    """A measurement of a row, judged.

    Raises:
        BadInput, RuleBroken: a value cannot be read or compared.
    """
    with seat:
        site = by_id(Site, each.sampling.site) if each.sampling.site else None
    result = each.result
    values = {
        **context_of(each.sampling, site),
        "taken_at": each.sample.taken_at,
        "sample": each.sample.id,
        "report": report_id(each),
        "parameter": result.parameter,
        "value": result.value,
        "unit_of_value": result.unit or None,
        "detection_limit": result.detection_limit or None,
        "method": result.method or None,
        "instrument": result.instrument or None,
    }
    kept: dict[str, Any] = dict(tidy("measurement", values))
    return {**kept, **_judged(kept, setting_of(seat, each.sampling.site))}


def _judged(values: dict[str, Any], setting: Setting) -> dict[str, Any]:
    """As `judging.judged`; its unit is looked at also where something else leaves the value unjudged.

    Raises:
        BadInput, RuleBroken: a value or unit cannot be read or compared.
    """
    found = judged(values, setting)
    medium, parameter = values["medium"] or "", found["parameter"]
    key = limit_data.parameter_key(parameter)
    own = [
        each.unit
        for each in setting.own
        if limit_data.parameter_key(each.parameter) == key and each.medium in ("", medium)
    ]
    refuse_foreign_unit(values.get("unit_of_value") or "", parameter, medium, own)
    return found


def _result_id(each: _Matched) -> str:
    """The id of a result of a report, the same on every device."""
    key = f"{tidy_code(each.result.report['number'])}/{limit_data.parameter_key(each.result.parameter)}"
    return child_id(each.sample.id, "result", key)


def _refuse_sealed_change(seat: Seat, each: _Matched, values: dict[str, Any]) -> None:
    held = keeping.row_of(seat, "measurement", _result_id(each))
    if held is not None and held.voided is None and _differs(held, values):
        refuse_covered(seat, held)


def _differs(held: Any, values: dict[str, Any]) -> bool:
    return any(getattr(held, name) != values.get(name) for name in _READ)


def report_id(each: _Matched) -> str:
    """The id of a report of a visit, the same on every device."""
    return child_id(each.visit.id, "lab_report", tidy_code(each.result.report["number"]))


def _of_limits(file: LabFile, result: LabResult, wrong: QingchaError) -> RowError:
    """An error of judging at the column that it is about."""
    unit = "unit" in wrong.params
    title = file.titles.get("row.unit" if unit else "row.value", "")
    return RowError(result.row, title, result.unit if unit else result.value, wrong.msgid, wrong.params)


def _write(
    seat: Seat,
    file: LabFile,
    matched: list[_Matched],
    kept: dict[int, dict[str, Any]],
    about: dict[str, Any],
    count: int,
) -> LabImport:
    added = corrected = 0
    reports: dict[str, _Matched] = {}
    with seat.writing():
        changes: list[Change] = []
        for each in matched:
            reports.setdefault(report_id(each), each)
        for record, each in reports.items():
            changes += _report_changes(seat, record, each, about)
        for each in matched:
            values = kept[each.result.row]
            record = _result_id(each)
            held = keeping.row_of(seat, "measurement", record)
            unit = each.sampling.unit
            if held is None or held.voided is not None:
                if not each.visit.sealed:
                    values = {**values, "inspection": each.visit.id}
                back = {} if held is None else {"voided": None}  # its report was withdrawn, and is here again
                changes.append(put("measurement", record, unit, **values, **back))
                added += 1
            elif _differs(held, values):
                changed = {name: one for name, one in values.items() if getattr(held, name) != one}
                changes.append(put("measurement", record, unit, **changed))
                corrected += 1
        if changes:
            seat.write(*changes)
    same = len(matched) - added - corrected
    return LabImport(count, added, corrected, same, (), file.unknown, tuple(reports))


def _report_changes(seat: Seat, record: str, each: _Matched, about: dict[str, Any]) -> list[Change]:
    stated = each.result.report
    values: dict[str, Any] = {name: stated[name] for name in _PARTICULARS if stated.get(name)}
    if "stamped" in stated:
        values["stamped"] = stated["stamped"] == "1"
    values["file_sha256"] = about["sha256"]
    held = keeping.row_of(seat, "lab_report", record)
    if held is None:
        values |= {
            "inspection": each.visit.id,
            "site_name": each.visit.site_name,
            "received_on": today(seat).isoformat(),
        }
    else:
        values = {name: one for name, one in values.items() if getattr(held, name) != one}
    kept = tidy("lab_report", values)
    if held is not None and held.voided is not None:
        kept["voided"] = None
    unit = each.sampling.unit
    if not kept:
        return []
    changes: list[Change] = [put("lab_report", record, unit, **kept)]
    if "file_sha256" in kept:
        changes.append(attach("lab_report", record, unit, about))
    return changes


# -- the report afterwards ---------------------------------------------------------------------------------

_EDITABLE = (*_PARTICULARS, "stamped", "received_on")


def edit_report(seat: Seat, report: str, **fields: Any) -> None:
    """Complete or correct the particulars of a report; its history keeps the old ones.

    Raises:
        RuleBroken: there is no such report, or the person may not.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row = keeping.standing(seat, "lab_report", report)
        wrong = set(fields) - set(_EDITABLE)
        if wrong:
            raise TypeError(f"set by verbs only: {', '.join(sorted(wrong))}")
        if "number" in fields and fields["number"] != row.number:
            raise RuleBroken(
                N_("The number of a report stays. Withdraw it and take the right one in."), field="number"
            )
        keeping.change(seat, row, "lab_report", tidy("lab_report", fields))


def tell_party(seat: Seat, report: str, *, on: str, how: str, to: str | None = None) -> None:
    """Write down that the party was told the results (V11).

    Args:
        on: the day, YYYY-MM-DD.
        how: by which paper or way.
        to: whom.

    Raises:
        RuleBroken: the day lies before the report or ahead, or there is no such report.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row: LabReport = keeping.standing(seat, "lab_report", report)
        how = keeping.need_text(how, "how")
        if on > today(seat).isoformat():
            raise RuleBroken(N_("This day lies ahead."), field="on")
        if row.reported_on and on < row.reported_on:
            raise RuleBroken(
                N_("The report is of {day}: the party was not told before it."),
                field="on",
                day=row.reported_on,
            )
        keeping.change(
            seat, row, "lab_report", tidy("lab_report", {"told_on": on, "told_how": how, "told_to": to})
        )


def correct_result(seat: Seat, measurement: str, **fields: Any) -> None:
    """Correct a laboratory's result by hand, as a corrected report has it; it is judged anew.

    Raises:
        RuleBroken: it is no result of a laboratory, its visit's seal covers it, or a value is not possible.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row: Measurement = keeping.standing(seat, "measurement", measurement)
        if not row.report:
            raise RuleBroken(
                N_("This was not reported by a laboratory: correct it at its inspection."), field="value"
            )
        refuse_covered(seat, row)
        wrong = set(fields) - set(_READ)
        if wrong:
            raise TypeError(f"set by verbs only: {', '.join(sorted(wrong))}")
        held = {name: getattr(row, name) for name in row._meta.fields}
        values: dict[str, Any] = dict(tidy("measurement", fields))
        sampling = keeping.row_of(seat, "sampling", row.sampling or "")
        setting = setting_of(seat, sampling.site if sampling is not None else None)
        values.update(_judged(held | values, setting))
        changed = {name: one for name, one in values.items() if getattr(row, name) != one}
        if changed:
            keeping.change(seat, row, "measurement", changed)


def refuse_covered(seat: Seat, row: Measurement) -> None:
    """Refuse to change a result that the seal of its visit covers.

    Raises:
        RuleBroken: it does.
    """
    visit = keeping.row_of(seat, "inspection", row.inspection) if row.inspection else None
    if visit is not None and visit.sealed:
        raise RuleBroken(
            N_("{number} is sealed and stays as it is. Write an amendment instead."),
            field="value",
            number=visit.number,
        )


def withdraw_report(seat: Seat, report: str, why: str) -> None:
    """Withdraw a report with its results, with a reason; they stay in the history.

    Raises:
        RuleBroken: without a reason, there is no such report, or a seal covers one of its results.
    """
    refuse_who_may_not_inspect(seat)
    with seat.writing():
        row = keeping.standing(seat, "lab_report", report)
        why = keeping.need_text(why, "why")
        keeping.allow_unit(seat, "lab_report", row.unit)
        results = queries.results_of(seat, row.id)
        for each in results:
            refuse_covered(seat, each)
        gone = [void("measurement", each.id, each.unit, why) for each in results]
        seat.write(*gone, void("lab_report", row.id, row.unit, why))


def lacks_of(report: Any, results: Iterable[Any]) -> list[str]:
    """The particulars that a report lacks (V12), as msgids in the order of the law."""
    lacking = [words for name, words in _V12.items() if not getattr(report, name)]
    found = list(results)
    if any(not each.method for each in found):
        lacking.append(N_("method of each result"))
    if any(not each.instrument for each in found):
        lacking.append(N_("instrument of each result"))
    return lacking


_V12 = {
    "laboratory": N_("full name of the laboratory"),
    "cma": N_("number of the CMA mark"),
    "number": N_("number of the report"),
    "client": N_("who ordered it"),
    "reported_on": N_("day of the report"),
    "compiled_by": N_("who compiled it"),
    "checked_by": N_("who checked it"),
    "issued_by": N_("who issued it"),
    "stamped": N_("stamp of the laboratory"),
}
"""What 环境行政处罚办法 2010 art. 35 asks of a report, beside what its rows and the sampling record say."""
