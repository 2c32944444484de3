"""What can be done with a laboratory's results, as forms: a template, taking in, completing, telling."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import BadInput, RuleBroken
from models.inspections.sampling import lab, rules
from models.inspections.sampling.judging_again import CIRCUMSTANCES, judge_again
from models.inspections.sampling.lab_template import write_template
from models.language import N_, _
from models.law import limits
from models.registry import keeping
from models.registry.act_parts import held, may_write, where
from models.registry.days import today
from models.registry.files import outside
from models.rooms import Act, Field

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason for withdrawing"), "long", required=True),)
_FILE = Field("file", N_("File of the laboratory"), required=True, hint=N_("path of the .xlsx or .csv file"))
_TARGET = Field("file", N_("File to write"), required=True, hint=N_("as ~/results.xlsx, or .csv"))
_REPORT = (
    Field("laboratory", N_("Laboratory")),
    Field("cma", N_("Number of the CMA mark")),
    Field("client", N_("Ordered by")),
    Field("reported_on", N_("Day of the report"), "day"),
    Field("received_on", N_("Received on"), "day"),
    Field("compiled_by", N_("Compiled by")),
    Field("checked_by", N_("Reviewed by")),
    Field("issued_by", N_("Issued by")),
    Field("stamped", N_("Stamped"), "flag"),
)
_RESULT = (
    Field("value", N_("Value"), required=True, hint=N_("as the report has it: 240, <0.004, ND")),
    Field("unit_of_value", N_("Unit of the value")),
    Field("detection_limit", N_("Detection limit")),
    Field("method", N_("Method")),
    Field("instrument", N_("Instrument")),
)


def _is_reported(seat: Seat, record: str) -> bool:
    return bool(keeping.kept(seat, "measurement", record).report)


def _from_laboratory(row: Any) -> str:
    return "" if row.report else _("This was not reported by a laboratory: correct it at its inspection.")


def _told(row: Any) -> str:
    return _("The party was told on {day}.").format(day=row.told_on) if row.told_on else ""


def _tell_preset(seat: Seat, _record: str) -> Mapping[str, Any]:
    return {"on": today(seat).isoformat()}


def _import(seat: Seat, inspection: str = "", *, file: str = "") -> str:
    path = Path(file.strip().strip("'\"")).expanduser()
    if not path.is_file():
        raise RuleBroken(N_("There is no file {name}. Give its whole path."), field="file", name=file)
    try:
        return lab.import_or_refuse(seat, path, inspection_id=inspection).reports[0]
    except BadInput as wrong:  # under the field, where it stays to be read
        raise RuleBroken("{reason}", field="file", reason=wrong.text()) from wrong


def _template(seat: Seat, *, file: str) -> None:
    path = Path(file.strip().strip("'\"")).expanduser()
    try:
        write_template(outside(seat, path))
    except BadInput as wrong:
        raise RuleBroken("{reason}", field="file", reason=wrong.text()) from wrong


def _choice(key: str, label: str, values: Iterable[tuple[str, str]]) -> Field:
    return Field(key, label, "choice", choices=tuple(values))


_JUDGED_BY = {
    each.key: each
    for each in (
        Field("category", N_("Category"), hint=N_("as the tables name the trade; else 其他")),
        _choice("water", N_("Receiving water"), ((one.key, one.zh) for one in limits.waters())),
        Field("grade", N_("Grade"), hint=N_("as the standard has it: 1, 2, 3")),
        Field("built", N_("Approved on"), "day"),
        _choice("sampled", N_("Instant or composite"), rules.SAMPLED),
        Field("temperature", N_("Temperature of the water")),
        Field("stack", N_("Height of the stack")),
        _choice("zone", N_("Zone of air quality"), ((zone, zone) for zone in limits.AIR_ZONES)),
        Field("clear", N_("5 m above all within 200 m"), "flag"),
        Field("hourly", N_("Mean of an hour"), "flag"),
        _choice("fuel", N_("Fuel of the boiler"), (("煤", "煤"), ("油", "油"), ("气", "气"))),
        Field("table_id", N_("Table for boilers"), hint="表1"),
        Field("oxygen", N_("Oxygen of the gas")),
    )
}


def _fields_of(medium: str) -> tuple[Field, ...]:
    return tuple(_JUDGED_BY[name] for name in CIRCUMSTANCES[medium])


def _of_medium(medium: str) -> Callable[[Seat, str], bool]:
    def fits(seat: Seat, record: str) -> bool:
        row = keeping.kept(seat, "measurement", record)
        return bool(row.report) and row.medium == medium

    return fits


TAKING: tuple[Act, ...] = (
    Act(
        "import_here",
        N_("Take in results"),
        N_("Reads the laboratory's file, matches its rows to samples of this visit and judges them."),
        _import,
        "inspection",
        (_FILE,),
        why_not=may_write("lab_report"),
        right="inspect",
    ),
    Act(
        "import_results",
        N_("Take in results"),
        N_("Reads a laboratory's file, matches its rows to the samples by their numbers and judges them."),
        _import,
        fields=(_FILE,),
        why_not=may_write("lab_report"),
    ),
    Act(
        "write_template",
        N_("Write an empty table for the laboratory"),
        N_(
            "Writes a table with the headers that are needed and one example row, for the laboratory to fill."
        ),
        _template,
        fields=(_TARGET,),
        right="inspect",
    ),
)
OF_REPORTS: tuple[Act, ...] = (
    Act(
        "complete_report",
        N_("Complete the report"),
        N_("Adds what the law asks of a report and its file did not say."),
        lab.edit_report,
        "lab_report",
        _REPORT,
        preset=held("lab_report", _REPORT),
    ),
    Act(
        "tell_party",
        N_("The party was told"),
        N_("Writes when and how the party was told the results."),
        lab.tell_party,
        "lab_report",
        (
            Field("on", N_("Told on"), "day", required=True),
            Field("how", N_("How"), required=True, hint=N_("number of the letter, or in person")),
            Field("to", N_("Told to")),
        ),
        preset=_tell_preset,
        why_not=where("lab_report", _told),
    ),
    Act(
        "withdraw_report",
        N_("Withdraw the report"),
        N_("Withdraws the report and its results with a reason; they stay in the history."),
        lab.withdraw_report,
        "lab_report",
        _WHY,
    ),
    Act(
        "correct_result",
        N_("Correct the result"),
        N_("Changes a laboratory's result as its corrected report has it; the history keeps the old one."),
        lab.correct_result,
        "measurement",
        _RESULT,
        preset=held("measurement", _RESULT),
        why_not=where("measurement", _from_laboratory),
        fits=_is_reported,
    ),
    *(
        Act(
            f"judge_{medium}",
            N_("Judge it anew"),
            N_("Judges the result by what is entered here and by sampling record and site as they are now."),
            judge_again,
            "measurement",
            _fields_of(medium),
            preset=held("measurement", _fields_of(medium)),
            why_not=where("measurement", _from_laboratory),
            fits=_of_medium(medium),
        )
        for medium in CIRCUMSTANCES
    ),
)
