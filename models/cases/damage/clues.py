"""Clues (线索): where they come from, how they are registered and checked; `flow.decisions` decides them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.cases.damage.tables import Clue
from models.errors import RuleBroken
from models.inspections import queries as inspections
from models.language import N_, translate
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.registry.numbers import free_number
from models.registry.rules import is_credit_code, tidy_code

if TYPE_CHECKING:
    from models.store.seat import Seat

SOURCES: dict[str, str] = {
    "supervision": N_("Found by central or provincial supervision (督察)"),
    "incident": N_("Environmental incident"),
    "penalty": N_("Penalty case"),
    "crime": N_("Suspected crime"),
    "protected_area": N_("Event in a red line or protected area"),
    "inspection": N_("Inspection, patrol or campaign"),
    "complaint": N_("Complaint, report or the media"),
    "superior": N_("Assigned from above"),
    "procuratorate": N_("Handed over by a procuratorate"),
    "other": N_("Other channel of the right-holder"),
}
"""线索渠道, in the order of 《生态环境损害赔偿管理规定》 (numbering from memory)."""
ELEMENTS: dict[str, str] = {
    "surface_water": N_("Surface water"),
    "groundwater": N_("Groundwater"),
    "soil": N_("Soil"),
    "air": N_("Air"),
    "forest": N_("Forest"),
    "wetland": N_("Wetland"),
    "farmland": N_("Farmland"),
    "wildlife": N_("Wildlife"),
}
"""环境要素."""
GROUNDS: dict[str, str] = {
    "incident": N_("Larger, major or extraordinary incident"),
    "function_zone": N_("In a key ecological function zone or a zone closed to development"),
    "serious": N_("Other serious consequences"),
    "red_line": N_("Within an ecological red line on land (Fujian)"),
    "degraded": N_("Grade of quality lowered or land degraded (Fujian)"),
}
"""应当启动的情形: 改革方案 and 法释〔2019〕8号 art. 1; the last two are Fujian's."""
NO_START: dict[str, str] = {
    "performed": N_("The party has compensated already"),
    "judged": N_("A judgment in force covers all claims"),
    "slight": N_("The damage is evidently slight and needs no compensation"),
    "no_assets": N_("The party is gone and left no assets"),
    "permitted": N_("Discharge by permit and within the State's rules"),
    "other": N_("Another statutory case"),
}
"""可以不启动的情形."""
OUTCOMES: dict[str, str] = {
    "start": N_("Case started"),
    "not_start": N_("Not started"),
    "marine": N_("To the marine channel"),
    "elsewhere": N_("Not for this procedure"),
}
CHOICES = {
    "source": tuple(SOURCES),
    "elements": tuple(ELEMENTS),
    "no_start_reason": tuple(NO_START),
    "outcome": tuple(OUTCOMES),
}
NUMBER = "XS-"


def register(
    seat: Seat, *, source: str, description: str, received_on: str, unit: str | None = None, **fields: Any
) -> str:
    """Register a clue; its 30 days run from `received_on`.

    Args:
        source: one of `SOURCES`.
        received_on: YYYY-MM-DD.
        unit: the unit that checks it; the seat's unless given.
        fields: any other field of `Clue` but those of its check and its decision.

    Returns:
        The clue's record id.

    Raises:
        RuleBroken: a value is missing or not possible, or the person may not.
    """
    keeping.allow(seat, "clue")
    unit = unit or seat.unit
    values = _checked(seat, {**fields, "source": source, "received_on": received_on})
    values["description"] = keeping.need_text(description, "description")
    with seat.writing():
        values["number"] = free_number(seat, Clue, unit, NUMBER)
        return keeping.make(seat, "clue", unit, keeping.tidy("clue", values, CHOICES))


def edit(seat: Seat, clue_id: str, **fields: Any) -> None:
    """Correct a clue that is not decided; its history keeps what it held.

    Raises:
        RuleBroken: it is decided, or a value is not possible.
    """
    keeping.allow(seat, "clue")
    with seat.writing():
        row = undecided(seat, clue_id)
        if "description" in fields:
            keeping.need_text(fields["description"], "description")
        keeping.change(seat, row, "clue", keeping.tidy("clue", _checked(seat, fields), CHOICES))


def check(seat: Seat, clue_id: str, *, on: str, checker: str, text: str) -> None:
    """Write the first check (初步核查) into the clue.

    Args:
        on: day of the check, YYYY-MM-DD; not before the clue came.
        checker: who checked, by name.
        text: what was found.

    Raises:
        RuleBroken: the clue is decided, the day is not possible, or something is missing.
    """
    keeping.allow(seat, "clue", "handle_cases")
    with seat.writing():
        row = undecided(seat, clue_id)
        refuse_day(seat, on, "on", not_before=row.received_on)
        values = {
            "checked_on": on,
            "checker": keeping.need_text(checker, "checker"),
            "check_text": keeping.need_text(text, "text"),
        }
        keeping.change(seat, row, "clue", keeping.tidy("clue", values))


def from_inspection(seat: Seat, inspection_id: str, part_id: str | None = None) -> str:
    """Make a clue of an inspection, or of one finding or measurement in it, with its facts and its site.

    Asked again for the same part it gives the clue that is there.

    Returns:
        The clue's record id.

    Raises:
        RuleBroken: there is no such inspection or part, or the person may not.
        BadInput: the inspection is not here.
    """
    keeping.allow(seat, "clue")
    sheet = inspections.sheet(seat, inspection_id)
    visit = sheet.inspection
    findings = [row for row in sheet.findings if part_id in (None, row.id)]
    measured = [
        row for row in sheet.measurements if row.id == part_id or (part_id is None and row.verdict == "over")
    ]
    if part_id is not None and not findings and not measured:
        raise RuleBroken(N_("There is no such part of an inspection."), field="record")
    with seat.writing():
        with seat:
            known = Clue.get_or_none(
                Clue.inspection == visit.id, Clue.finding == (part_id or visit.id), Clue.voided.is_null()
            )
        if known is not None:
            return str(known.id)
        site = registry.site(seat, visit.site) if visit.site else None
        facts = [row.text or "" for row in findings] + [measured_words(row) for row in measured]
        return register(
            seat,
            source="inspection",
            description=facts[0]
            if facts
            else translate(N_("Found by inspection {number}")).format(number=visit.number),
            received_on=today(seat).isoformat(),
            unit=visit.unit,
            party=visit.site_name,
            party_code=visit.site_code,
            site=visit.site,
            place=visit.place or (site.address if site is not None else None),
            occurred_on=inspections.day_of(visit).isoformat(),
            facts="；".join(facts) or None,
            inspection=visit.id,
            finding=part_id or visit.id,
        )


def measured_words(row: Any) -> str:
    """A measurement in Chinese words for papers: point, value, limit, multiple, clause."""
    words = f"{row.point or ''}{row.parameter}：{row.value}{row.unit_of_value or ''}"
    if row.limit_text:
        words += f"，限值{row.limit_text}"
    if row.times:
        words += f"，超标{row.times}倍"
    return words + (f"（{row.clause}）" if row.clause else "")


def undecided(seat: Seat, clue_id: str) -> Clue:
    """The row of a clue that nobody has decided yet.

    Raises:
        RuleBroken: there is none, or it is decided.
    """
    row: Clue = keeping.standing(seat, "clue", clue_id)
    if row.outcome:
        raise RuleBroken(
            N_("{number} was decided on {day}: {outcome}. Go on in the case."),
            field="outcome",
            number=row.number,
            day=row.decided_on,
            outcome=translate(OUTCOMES.get(row.outcome, row.outcome)),
        )
    return row


def refuse_day(seat: Seat, day: str, field: str, *, not_before: str | None = None) -> None:
    """Refuse a legal date that is no date, lies after today or before what it follows.

    Raises:
        RuleBroken: naming the field.
    """
    try:
        date.fromisoformat(day)
    except ValueError:
        raise RuleBroken(N_("“{value}” is no date: give it as 2027-06-30."), field=field, value=day) from None
    this_day = today(seat).isoformat()
    if day > this_day:
        raise RuleBroken(N_("{day} is after today, {today}."), field=field, day=day, today=this_day)
    if not_before and day < not_before:
        raise RuleBroken(
            N_("{day} is before {earlier}, the day that it follows."),
            field=field,
            day=day,
            earlier=not_before,
        )


def _checked(seat: Seat, fields: dict[str, Any]) -> dict[str, Any]:
    values = dict(fields)
    for name in ("received_on", "occurred_on"):
        if values.get(name):
            refuse_day(seat, values[name], name)
    if values.get("occurred_on") and values.get("received_on"):
        refuse_day(seat, values["received_on"], "received_on", not_before=values["occurred_on"])
    code = values.get("party_code")
    if code:
        values["party_code"] = code = tidy_code(code)
        if not is_credit_code(code):
            raise RuleBroken(
                N_(
                    "“{value}” is no unified social credit code: 18 characters, and the last must check. "
                    "Compare it with the licence."
                ),
                field="party_code",
                basis="GB 32100-2015",
                value=code,
            )
    return values
