"""The sheets of a restoration, its base and its parts, and what a case's sheet shows of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from models.cases.damage.queries import damage_case
from models.cases.restoration import queries, rules
from models.cases.restoration.tables import (
    Restoration,
    RestorationAmount,
    RestorationBase,
    RestorationGuidance,
    RestorationVisit,
)
from models.language import _, listed
from models.registry.days import today
from models.registry.keeping import kept, row_of
from models.registry.typed import yuan
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label

if TYPE_CHECKING:
    from models.store.seat import Seat

_PARTS = {"planned": "quiet", "under_way": "warn", "finished": "good"}
_BASE_PARTS = {"planned": "quiet", "under_construction": "warn", "built": "good", "closed": "quiet"}


# -- cells that lists and sheets share --------------------------------------------------------------


def state_cell(row: Restoration) -> Cell:
    """Where a restoration stands."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    found = rules.state(row)
    return Cell(label(rules.STATES, found), _PARTS.get(found, ""))


def base_cell(row: RestorationBase, as_of: str) -> Cell:
    """What a base is on a day; one in doubt says so (R055)."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    found = rules.base_state(row, as_of)
    if row.doubtful:
        return Cell(_("{state} (to be confirmed)").format(state=label(rules.BASE_STATES, found)), "warn")
    return Cell(label(rules.BASE_STATES, found), _BASE_PARTS.get(found, ""))


def visit_cell(row: RestorationVisit, as_of: str) -> Cell:
    """Where a follow-up stands."""
    if row.voided is not None:
        return Cell(_("Withdrawn"), "bad")
    if row.done_on:
        return Cell(_("Visited"), "good")
    if (row.due_on or "") < as_of:
        return Cell(_("Overdue"), "bad")
    return Cell(_("Being inspected") if row.inspection else _("To be visited"), "warn")


def place_of(row: Restoration, base: RestorationBase | None) -> str:
    """Where a restoration is."""
    return row.place or (base.name if base is not None else "") or ""


def amount_line(row: RestorationAmount) -> str:
    """An amount in words, with its species."""
    words = rules.amount_text(queries.number_of(row.quantity), row.quantity_unit or "", row.approx or "=")
    return f"{row.species} {words}" if row.species else words


def total_words(key: str) -> str:
    """What a key of `queries.totals` counts."""
    return label(rules.WHAT, key.partition(":")[0])


# -- sheets ----------------------------------------------------------------------------------------


def restoration_sheet(seat: Seat, restoration_id: str) -> Sheet:
    """All of one restoration."""
    row: Restoration = kept(seat, "restoration", restoration_id)
    base = row_of(seat, "restoration_base", row.base) if row.base else None
    amounts = queries.amounts_of(seat, row.id)
    guidance = queries.guidance_of(seat, row.id)
    visits = queries.visits_of(seat, row.id)
    sections = (
        Section(_("Plan of the restoration"), _filled(_plan_facts(seat, row, base))),
        Section(_("Quantities"), _amount_facts(amounts)),
        Section(_("Guidance by departments"), _guidance_facts(row, guidance)),
        Section(_("Survival and aftercare"), _filled(_survival_facts(row, visits))),
        Section(_("Follow-ups"), tuple(_visit_fact(seat, each) for each in visits)),
    )
    return Sheet(
        f"{label(rules.MODES, row.mode)} {place_of(row, base)}".strip(),
        state_cell(row),
        tuple(each for each in sections if each.facts),
    )


def base_sheet(seat: Seat, base_id: str) -> Sheet:
    """All of one base, with what each case restored there."""
    row: RestorationBase = kept(seat, "restoration_base", base_id)
    day = today(seat).isoformat()
    facts = _filled(
        [
            Fact(_("Kind of base"), label(rules.BASE_TYPES, row.type)),
            Fact(_("County or zone"), label_of(row.unit)),
            Fact(_("Where it is"), row.place or ""),
            Fact(_("Coordinates"), _position(row)),
            Fact(_("Lie of the land"), label(rules.TAGS, row.tag)),
            Fact(_("Planned on"), row.planned_on or ""),
            Fact(_("Building begun on"), row.begun_on or ""),
            Fact(_("Built on"), row.built_on or ""),
            Fact(_("Given up on"), row.closed_on or ""),
            Fact(_("To be confirmed"), _("yes") if row.doubtful else "", "warn"),
            Fact(_("Remark"), row.note or ""),
        ]
    )
    restored = queries.restorations_on(seat, base_id)
    cases = []
    for each in restored:
        case = damage_case(seat, each.case or "")
        done = listed(amount_line(amount) for amount in queries.amounts_of(seat, each.id))
        words = " · ".join(part for part in (case.title if case else "", done) if part)
        cases.append(Fact(each.planned_on or "", words or (each.number or ""), "", "restoration", each.id))
    sums = queries.sums(amount for each in restored for amount in queries.amounts_of(seat, each.id))
    sections = (
        Section(_("Base"), facts),
        Section(_("Restored here in all"), tuple(Fact(total_words(key), sums[key].text) for key in sums)),
        Section(_("Cases restored here"), tuple(cases)),
    )
    return Sheet(row.name or "", base_cell(row, day), tuple(each for each in sections if each.facts))


def visit_sheet(seat: Seat, visit_id: str) -> Sheet:
    """One follow-up."""
    row: RestorationVisit = kept(seat, "restoration_visit", visit_id)
    of: Restoration | None = row_of(seat, "restoration", row.restoration or "")
    facts = [
        *_of_restoration(of),
        Fact(_("Due on"), row.due_on or "", "strong"),
        Fact(_("Done on"), row.done_on or ""),
        Fact(_("Survival rate"), f"{row.survival} %" if row.survival else ""),
        Fact(_("Agreed survival rate"), f"{of.agreed_survival} %" if of and of.agreed_survival else ""),
        Fact(_("What was found"), row.note or ""),
        Fact(_("Visited by"), row.done_by or ""),
    ]
    if row.inspection:
        facts.append(_inspection_fact(seat, row.inspection))
    title = _("Follow-up of {day}").format(day=row.due_on or "")
    return Sheet(title, visit_cell(row, today(seat).isoformat()), (Section("", _filled(facts)),))


def amount_sheet(seat: Seat, amount_id: str) -> Sheet:
    """One amount."""
    row: RestorationAmount = kept(seat, "restoration_amount", amount_id)
    facts = [
        *_of_restoration(row_of(seat, "restoration", row.restoration or "")),
        Fact(_("Restored on"), row.done_on or ""),
        Fact(_("Species"), row.species or ""),
        Fact(_("Origin of the species"), label(rules.ORIGINS, row.origin)),
        Fact(_("Size or grade"), row.spec or ""),
        Fact(_("Quantity"), amount_line(row), "strong"),
        Fact(_("Exactly as kept"), f"{row.approx or '='} {row.quantity} {row.quantity_unit}"),
        Fact(_("Cost (yuan)"), yuan(row.price_cents) if row.price_cents is not None else ""),
        Fact(_("Carbon methodology"), row.method or ""),
        Fact(_("Carbon certificate"), row.certificate or ""),
        Fact(_("Remark"), row.note or ""),
    ]
    return Sheet(label(rules.WHAT, row.what), _standing_cell(row), (Section("", _filled(facts)),))


def guidance_sheet(seat: Seat, guidance_id: str) -> Sheet:
    """One record of guidance."""
    row: RestorationGuidance = kept(seat, "restoration_guidance", guidance_id)
    facts = [
        *_of_restoration(row_of(seat, "restoration", row.restoration or "")),
        Fact(_("Invited on"), row.invited_on or ""),
        Fact(_("Guided on"), row.on or ""),
        Fact(_("Came"), _("yes") if row.came else _("no"), "" if row.came else "bad"),
        Fact(_("Who came"), row.person or ""),
        Fact(_("Advice"), row.opinion or ""),
    ]
    title = label(rules.DEPARTMENTS, row.department)
    return Sheet(title, _standing_cell(row), (Section("", _filled(facts)),))


def sections(seat: Seat, case_id: str) -> tuple[Section, ...]:
    """What the sheet of a damage case shows of its restorations; nothing where it has none."""
    facts: list[Fact] = []
    for row in queries.restorations_of(seat, case_id):
        base = row_of(seat, "restoration_base", row.base) if row.base else None
        cell = state_cell(row)
        done = [total.text for total in queries.sums(queries.amounts_of(seat, row.id)).values()]
        words = " · ".join(each for each in (cell.text, place_of(row, base), *done) if each)
        facts.append(Fact(label(rules.MODES, row.mode), words, cell.part, "restoration", row.id))
        guide = rules.guide_of(row.mode)
        if guide is not None and not rules.guided(row.mode, queries.guidance_of(seat, row.id)):
            text = _("missing: {department}").format(department=guide.label)
            facts.append(Fact(_("Guidance by departments"), text, "bad", "restoration", row.id))
        if queries.falls_short(row, queries.visits_of(seat, row.id)):
            facts.append(Fact(_("Survival rate"), _("below what was agreed"), "bad", "restoration", row.id))
    return (Section(_("Restoration"), tuple(facts)),) if facts else ()


# -- facts -----------------------------------------------------------------------------------------


def _plan_facts(seat: Seat, row: Restoration, base: Any) -> Iterable[Fact]:
    case = damage_case(seat, row.case or "")
    yield Fact(_("Number of the restoration"), row.number or "")
    title = (case.title or case.number or "") if case else ""
    yield Fact(_("Case"), title, "", "damage_case", row.case or "")
    yield Fact(_("Mode"), label(rules.MODES, row.mode), "strong")
    yield Fact(_("Why not in place"), row.why_off_site or "")
    if base is not None:
        yield Fact(_("Base"), base.name or "", "", "restoration_base", base.id)
    yield Fact(_("Where it is"), row.place or "")
    yield Fact(_("Coordinates"), _position(row))
    yield Fact(_("What is to be done"), row.plan or "")
    yield Fact(_("Planned on"), row.planned_on or "")
    late = not row.finished_on and (row.finish_by or "9999") < today(seat).isoformat()
    yield Fact(_("To be finished by"), row.finish_by or "", "bad" if late else "")
    yield Fact(_("Begun on"), row.begun_on or "")
    yield Fact(_("Finished on"), row.finished_on or "")
    yield Fact(_("Done by"), row.restorer or "")
    yield Fact(_("Supplier"), row.supplier or "")
    yield Fact(_("Quarantine certificate"), row.quarantine or "")
    yield Fact(_("Witnesses"), row.witnesses or "")


def _amount_facts(amounts: list[RestorationAmount]) -> tuple[Fact, ...]:
    facts = [
        Fact(
            f"{row.done_on} {label(rules.WHAT, row.what)}", amount_line(row), "", "restoration_amount", row.id
        )
        for row in amounts
    ]
    if len(amounts) > 1:
        found = queries.sums(amounts)
        facts += [
            Fact(_("Sum: {what}").format(what=total_words(key)), found[key].text, "strong") for key in found
        ]
    return tuple(facts)


def _guidance_facts(row: Restoration, guidance: list[RestorationGuidance]) -> tuple[Fact, ...]:
    facts = [
        Fact(
            label(rules.DEPARTMENTS, each.department),
            f"{each.on} {each.person or ''}：{each.opinion or ''}"
            if each.came
            else _("{day}: invited, did not come").format(day=each.on),
            "" if each.came else "warn",
            "restoration_guidance",
            each.id,
        )
        for each in guidance
    ]
    guide = rules.guide_of(row.mode)
    if guide is not None and not rules.guided(row.mode, guidance):
        facts.append(Fact(guide.label, _("missing: the case cannot be closed without it"), "bad"))
    return tuple(facts)


def _survival_facts(row: Restoration, visits: list[RestorationVisit]) -> Iterable[Fact]:
    short = queries.falls_short(row, visits)
    last = queries.last_survival(visits)
    yield Fact(_("Agreed survival rate"), f"{row.agreed_survival} %" if row.agreed_survival else "")
    sampled = f"{row.sampled_survival} %" if row.sampled_survival else ""
    yield Fact(_("In the first sample"), sampled, "bad" if short and not last else "")
    yield Fact(_("At the last follow-up"), f"{last} %" if last else "", "bad" if short else "good")
    if short:
        yield Fact(_("Survival judged"), _("below what was agreed: restore more, then visit again"), "bad")
    yield Fact(_("Aftercare until"), row.aftercare_until or "")


def _visit_fact(seat: Seat, row: RestorationVisit) -> Fact:
    cell = visit_cell(row, today(seat).isoformat())
    parts = (cell.text, row.done_on, f"{row.survival} %" if row.survival else "", row.note)
    words = " · ".join(each for each in parts if each)
    return Fact(row.due_on or "", words, cell.part, "restoration_visit", row.id)


def _inspection_fact(seat: Seat, inspection_id: str) -> Fact:
    found = row_of(seat, "inspection", inspection_id)
    number = (found.number or "") if found is not None else _("not on this device")
    return Fact(_("Became inspection"), number, "", "inspection", inspection_id)


def _of_restoration(row: Restoration | None) -> tuple[Fact, ...]:
    if row is None:
        return ()
    words = f"{label(rules.MODES, row.mode)} {row.number or ''}"
    return (Fact(_("Restoration"), words, "", "restoration", row.id),)


def _standing_cell(row: Any) -> Cell:
    return Cell(_("Withdrawn"), "bad") if row.voided is not None else Cell("")


def _position(row: Any) -> str:
    return f"{row.latitude}, {row.longitude}" if row.latitude and row.longitude else ""


def _filled(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)
