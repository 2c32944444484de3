"""What is done with an assignment: a dispatcher gives and recalls it; officers begin, decline, hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections import verbs as inspections
from models.inspections.items import checklist
from models.inspections.rules import joined
from models.language import N_
from models.law.due import day_or_none
from models.planning import queries, rules
from models.planning.tables import Assignment
from models.registry import keeping
from models.registry import queries as registry
from models.registry.access import NO_GRID_WORKERS
from models.registry.days import today
from models.registry.typed import read_day
from models.rooms import label

if TYPE_CHECKING:
    from models.store.seat import Seat

_CHOICES = {"origin": tuple(dict(rules.ORIGINS))}


def assign(
    seat: Seat,
    *,
    site_id: str,
    first_officer: str,
    second_officer: str,
    origin: str,
    purpose: str,
    due: str,
    approval_number: str,
    notice_number: str | None = None,
    checklists: str | None = None,
    covert: bool | None = None,
    origin_kind: str | None = None,
    origin_id: str | None = None,
    replaces: str | None = None,
) -> str:
    """Give an inspection to two officers; it comes to their notebooks, ready to begin.

    Args:
        site_id: record id of the site.
        first_officer: record id of an officer with a certificate valid on the due day; so the second.
        origin: one of `rules.ORIGINS`.
        purpose: what is to be found out.
        due: the day by which, YYYY-MM-DD.
        approval_number: 行政检查审批表 (V30).
        notice_number: 行政检查通知书.
        checklists: codes as "A,W"; those of the last visit unless given.
        covert: without notice beforehand.
        origin_kind: kind of the record that it comes from, with `origin_id`.
        replaces: record id of the assignment that came back.

    Returns:
        The record id of the assignment.

    Raises:
        RuleBroken: no approval, a day in the past, an officer who may not inspect or holds no valid
            certificate, the site's yearly cap is reached, or the person may not.
    """
    keeping.allow(seat, "assignment")
    purpose = keeping.need_text(purpose, "purpose")
    due = read_day(due, "due")
    if due < today(seat).isoformat():
        raise RuleBroken(N_("The day by which lies in the past."), field="due")
    if origin not in dict(rules.ORIGINS):
        raise RuleBroken(N_("Say where the inspection comes from."), field="origin")
    if not (approval_number or "").strip():
        raise RuleBroken(
            N_("An inspection is approved before it is made: give the number of the approval."),
            field="approval_number",
            basis=NO_GRID_WORKERS,
        )
    with seat.writing():
        _refuse_two(seat, first_officer, second_officer, due)
        counted = rules.is_counted(origin, _day(due), covert=bool(covert))
        if counted:
            refuse_capped(seat, site_id, due)
        proposed = known_checklists(checklists or queries.proposed_checklists(seat, site_id))
        inspection = inspections.assign(
            seat,
            site_id=site_id,
            first_officer=first_officer,
            second_officer=second_officer,
            checklists=proposed,
            due=due,
            source=rules.SOURCE_OF[origin],
            approval_number=approval_number,
            notice_number=notice_number,
        )
        visit = keeping.kept(seat, "inspection", inspection)
        values = {
            "number": visit.number,
            "inspection": inspection,
            "site": site_id,
            "site_name": visit.site_name,
            "first_officer": first_officer,
            "second_officer": second_officer,
            "origin": origin,
            "origin_kind": origin_kind,
            "origin_id": origin_id,
            "purpose": purpose,
            "approval_number": approval_number,
            "notice_number": notice_number,
            "due": due,
            "covert": bool(covert),
            "counted": counted,
            "replaces": replaces,
        }
        return keeping.make(seat, "assignment", visit.unit, keeping.tidy("assignment", values, _CHOICES))


def _day(text: str) -> Any:
    found = day_or_none(text)
    assert found is not None  # read_day gave it
    return found


def known_checklists(codes: str) -> str:
    """Codes of checklists as they are kept.

    Raises:
        RuleBroken: there is none of one of these codes, or none is given.
    """
    kept = joined(codes.replace("，", ",").replace("、", ","))
    for code in kept.split(","):
        if checklist(code) is None:
            raise RuleBroken(N_("There is no checklist {code}."), field="checklists", code=code or "-")
    return kept


def _refuse_two(seat: Seat, first: str, second: str, due: str) -> None:
    """Two officers, two certificates valid on the day (行政处罚法第四十二条)."""
    certificates = []
    for each, place in ((first, "first_officer"), (second, "second_officer")):
        _refuse_no_inspector(seat, each, place, due)
        found = registry.officer(seat, each)
        certificates.append(found.certificate if found is not None else "")
    if first == second or certificates[0] == certificates[1]:
        raise RuleBroken(
            N_("Two officers with two certificates are needed."),
            field="second_officer",
            basis="行政处罚法第四十二条",
        )


def _refuse_no_inspector(seat: Seat, officer: str, place: str, due: str) -> None:
    row = registry.officer(seat, officer) if officer else None
    if row is None or row.voided is not None or row.active is False:
        raise RuleBroken(N_("This officer is not in the register."), field=place)
    if not registry.may_inspect(row):
        raise RuleBroken(
            N_("{name} may not carry out inspections."), field=place, basis=NO_GRID_WORKERS, name=row.name
        )
    if not registry.certificate_valid(row, _day(due)):
        raise RuleBroken(
            N_("{name} holds no certificate that is valid on {day}."), field=place, name=row.name, day=due
        )


def refuse_capped(seat: Seat, site_id: str, due: str) -> None:
    """Refuse another counted inspection of a site whose yearly cap is reached.

    Raises:
        RuleBroken: with the cap, its source and its mark.
    """
    day = _day(due)
    most = rules.cap(queries.class_of(seat, site_id, day.year), day)
    made = queries.visits(seat, [site_id], day.year)[site_id]
    if most is not None and made >= most.value:
        raise RuleBroken(
            N_(
                "{site}: inspections that count for {year}: {count}, and the cap is {most}. Complaints, "
                "what others pass on, re-checks and covert checks do not count."
            ),
            field="site_id",
            basis=f"{most.basis}[{most.mark}]",
            site=site.name if (site := registry.site(seat, site_id)) is not None else site_id,
            count=made,
            year=day.year,
            most=most.value,
        )


def recall(seat: Seat, assignment_id: str, *, why: str) -> None:
    """Take an assignment back, with the reason, while its officers have not begun.

    Raises:
        RuleBroken: it was begun, no reason, or the person may not.
    """
    keeping.allow(seat, "assignment")
    _refuse_state(seat, assignment_id, "waiting", "overdue", "declined")
    keeping.withdraw(seat, "assignment", assignment_id, why)


def assign_anew(
    seat: Seat, assignment_id: str, *, first_officer: str, second_officer: str, due: str, why: str
) -> str:
    """Give an assignment that came back or waits too long to two officers; one that waits is recalled.

    Returns:
        The record id of the new assignment.

    Raises:
        RuleBroken: it was begun or recalled, no reason, or as `assign`.
    """
    keeping.allow(seat, "assignment")
    why = keeping.need_text(why, "why")
    with seat.writing():
        found = _refuse_state(seat, assignment_id, "declined", "waiting", "overdue")
        if found.state != "declined":
            keeping.withdraw(seat, "assignment", assignment_id, why)
        row = found.row
        return assign(
            seat,
            site_id=row.site or "",
            first_officer=first_officer,
            second_officer=second_officer,
            origin=row.origin or "plan",
            purpose=row.purpose or "",
            due=due,
            approval_number=row.approval_number or "",
            notice_number=row.notice_number,
            checklists=found.inspection.checklists if found.inspection is not None else None,
            covert=row.covert,
            origin_kind=row.origin_kind,
            origin_id=row.origin_id,
            replaces=assignment_id,
        )


def _refuse_state(seat: Seat, assignment_id: str, *wanted: str) -> queries.Stand:
    keeping.kept(seat, "assignment", assignment_id)
    found = queries.stands(seat, [assignment_id])[assignment_id]
    if found.state not in wanted:
        broken = why_not(found)
        raise broken
    return found


def why_not(found: queries.Stand) -> RuleBroken:
    """That an assignment is where it is, so that the act asked for cannot be done."""
    return RuleBroken(
        N_("{number}: {state}. This cannot be done now."),
        field="assignment",
        number=found.row.number or "",
        state=label(rules.STATES, found.state),
    )


# -- what its officers do ----------------------------------------------------------------------------------


def begin(seat: Seat, inspection_id: str) -> None:
    """Begin an inspection that was assigned, by one of its officers.

    Raises:
        RuleBroken: it was recalled, is given to others, was begun already, or the person may not inspect.
    """
    with seat.writing():
        found = queries.assignment_of(seat, inspection_id)
        if found is not None:
            if found.voided is not None:
                raise RuleBroken(
                    N_("This assignment was recalled: {why}"), field="assignment", why=found.voided
                )
            _refuse_other(seat, inspection_id)
        inspections.start(seat, inspection_id)


def _refuse_other(seat: Seat, inspection_id: str) -> Any:
    """The inspection's row, which is the unlocked person's to answer for.

    Raises:
        RuleBroken: others were given it.
    """
    row = keeping.kept(seat, "inspection", inspection_id)
    if seat.person not in (row.first_officer, row.second_officer):
        names = [
            (known.name or each) if (known := registry.officer(seat, each)) is not None else each
            for each in (row.first_officer, row.second_officer)
            if each
        ]
        raise RuleBroken(
            N_("This was given to {names}. One of them begins it, declines it or hands it on."),
            field="assignment",
            names=", ".join(names),
        )
    return row


def decline(seat: Seat, assignment_id: str, *, why: str) -> None:
    """Give an assignment back with the reason; the dispatcher assigns it anew.

    Raises:
        RuleBroken: it was begun or recalled, is given to others, no reason, or the person may not inspect.
    """
    keeping.allow(seat, "assignment_reply")
    why = keeping.need_text(why, "why")
    with seat.writing():
        found = _refuse_state(seat, assignment_id, "waiting", "overdue")
        _refuse_other(seat, found.row.inspection or "")
        _reply(seat, found.row, "declined", why)
        inspections.withdraw_inspection(seat, found.row.inspection or "", why)


def hand_on(seat: Seat, assignment_id: str, *, to: str, why: str) -> None:
    """Let a colleague go in one's own place, with the reason.

    Args:
        to: record id of an officer with a valid certificate who is not given it already.

    Raises:
        RuleBroken: as `decline`, or the colleague may not.
    """
    keeping.allow(seat, "assignment_reply")
    why = keeping.need_text(why, "why")
    with seat.writing():
        found = _refuse_state(seat, assignment_id, "waiting", "overdue")
        row = _refuse_other(seat, found.row.inspection or "")
        place = "first_officer" if row.first_officer == seat.person else "second_officer"
        other = row.second_officer if place == "first_officer" else row.first_officer
        if to in (row.first_officer, row.second_officer):
            raise RuleBroken(N_("This colleague is given it already."), field="to")
        pair = (to, other) if place == "first_officer" else (other, to)
        try:
            _refuse_two(seat, pair[0] or "", pair[1] or "", max(found.row.due or "", today(seat).isoformat()))
        except RuleBroken as error:
            raise RuleBroken(error.msgid, field="to", basis=error.basis, **error.params) from error
        _reply(seat, found.row, "handed_on", why, to)
        inspections.edit(seat, row.id, **{place: to})


def _reply(seat: Seat, row: Assignment, kind: str, why: str, to: str | None = None) -> None:
    values = {"assignment": row.id, "kind": kind, "officer": seat.person, "to": to, "reason": why}
    values |= {"on": today(seat).isoformat()}
    keeping.make(seat, "assignment_reply", row.unit, keeping.tidy("assignment_reply", values))
