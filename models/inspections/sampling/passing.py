"""Passing samples on: one step of custody for a sample, or for all samples of a record together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import RuleBroken
from models.inspections.sampling import fields, rules
from models.inspections.sampling.custody import Step, bag_seal, holder_of, refuse_impossible
from models.inspections.sampling.verbs import custody_rows, read_moment, samples_of, visit_of
from models.inspections.writing import refuse_who_may_not_inspect
from models.language import N_
from models.registry import keeping
from models.registry.rules import tidy_code, tidy_line
from models.registry.tables import Officer
from models.store.change import Change, new_id, put
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat


def pass_on(seat: Seat, sample_id: str, action: str, **given: Any) -> str:
    """Write one step of a sample's custody; also possible after every seal. Returns the event's id.

    Args:
        action: "bagged", "handed", "received" or "opened" (`rules.CUSTODY_STEPS`).
        given: `by` and `to` (record id or name of who gives and takes: who has it, and whom it was handed to,
            unless given), `at` (ms, or text as 14:05; now unless given), `count`, `seal_number`, `condition`,
            `note`.

    Raises:
        RuleBroken: the step cannot follow the one before; names the field.
    """
    return _pass(seat, [sample_id], action, given)[0]


def pass_all(seat: Seat, sampling_id: str, action: str, **given: Any) -> list[str]:
    """The same step for every sample of a record, all or none. Arguments and errors as `pass_on`."""
    row = keeping.standing(seat, "sampling", sampling_id)
    ids = [each.id for each in samples_of(seat, row.id)]
    if not ids:
        raise RuleBroken(N_("No sample is written down."), field="samples")
    return _pass(seat, ids, action, {name: value for name, value in given.items() if name != "count"})


def _pass(seat: Seat, sample_ids: list[str], action: str, given: dict[str, Any]) -> list[str]:
    refuse_who_may_not_inspect(seat)
    made: list[str] = []
    with seat.writing():
        changes: list[Change] = []
        for sample_id in sample_ids:
            sample = keeping.standing(seat, "sample", sample_id)
            keeping.allow_unit(seat, "custody", sample.unit)
            values = _event(seat, sample, action, given)
            record = new_id()
            changes.append(put("custody", record, sample.unit, **values))
            made.append(record)
        seat.write(*changes)
    return made


def _event(seat: Seat, sample: Any, action: str, given: dict[str, Any]) -> dict[str, Any]:
    if action not in rules.CUSTODY_STEPS[1:]:
        raise RuleBroken(N_("Say what was done with the sample."), field="action")
    events = custody_rows(seat, sample.id)
    now = seat.clock.wall_ms()
    at = given.get("at")
    moment = read_moment(at, "at", now) if isinstance(at, str) and at else at or now
    if moment > now + fields.ahead_ms():
        raise RuleBroken(N_("This lies ahead. A record is written of what has been done."), field="at")
    step = _step(seat, action, int(moment), events, given)
    refuse_impossible(sample, events, step, lambda who: name_of(seat, who))
    values: dict[str, Any] = {
        "sample": sample.id,
        "action": action,
        "by": _kept(seat, given.get("by")) or _usual_giver(events, action) or seat.person,
        "to": _kept(seat, given.get("to")) or (_usual_taker(events) if action == "received" else None),
        "at": int(moment),
        "seal_number": step.seal_number or None,
        "count": step.count if step.count is not None else (events[-1].count or sample.bottles),
        "condition": step.condition or None,
        "note": given.get("note"),
    }
    sampling = keeping.kept(seat, "sampling", sample.sampling or "")
    visit = visit_of(seat, sampling)
    if not visit.sealed:
        values["inspection"] = visit.id  # before the seal it is part of the visit
    return keeping.tidy("custody", values, {"action": rules.CUSTODY_STEPS, "condition": rules.CONDITIONS})


def _step(seat: Seat, action: str, at: int, events: list[Any], given: dict[str, Any]) -> Step:
    by = given.get("by") or _usual_giver(events, action) or seat.person
    to = given.get("to") or (_usual_taker(events) if action == "received" else "")
    seal = tidy_code(given.get("seal_number") or "")
    if action == "opened" and not bag_seal(events):
        seal = ""
    return Step(
        action,
        at,
        name_of(seat, by),
        name_of(seat, to or ""),
        given.get("count"),
        seal,
        given.get("condition") or "",
    )


def _usual_giver(events: list[Any], action: str) -> str | None:
    """Who has it gives it; who handed it over is whom it is taken from; who took it over opens it."""
    for each in reversed(events):
        if action == "received" and each.action == "handed":
            return str(each.by or "")
        if action != "received" and each.action == "received":
            return str(each.to or "")
    if action == "handed" and events:
        return next((str(each.by) for each in reversed(events) if each.by), None)
    return None


def _usual_taker(events: list[Any]) -> str | None:
    return next((each.to for each in reversed(events) if each.action == "handed"), None)


def _kept(seat: Seat, who: str | None) -> str | None:
    """A person of the register by record id where the name is one's only, else the name as written."""
    if not who:
        return None
    name = tidy_line(who)
    with seat:
        if by_id(Officer, name) is not None:
            return name
        found: list[Any] = list(
            Officer.select().where(Officer.name == name, Officer.voided.is_null()).limit(2)
        )
    return found[0].id if len(found) == 1 else name


def name_of(seat: Seat, who: str) -> str:
    """The name of who an event names by record id or by name."""
    with seat:
        officer = by_id(Officer, who) if who else None
    return (officer.name or who) if officer is not None else tidy_line(who)


__all__ = ["holder_of", "name_of", "pass_all", "pass_on"]
