"""What a grid worker does on a patrol (社区巡查): look, dissuade, stop, report; never an inspection."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from models.community import choices, queries, rules
from models.community.facts import grid_items
from models.community.tables import Patrol
from models.community.writing import person, tidy, write
from models.errors import RuleBroken
from models.inspections.rules import child_id
from models.language import N_
from models.registry import keeping
from models.registry.days import day_of, today
from models.registry.numbers import free_number

if TYPE_CHECKING:
    from models.store.seat import Seat

NUMBER = "XC-"
_NOTE = re.compile(r"(G\d{2})[\s:：、，,.]*(.*)")


def patrol(
    seat: Seat,
    *,
    grid: str,
    on: str,
    whom: str,
    action: str = "patrol",
    outcome: str = "none",
    manner: str = "outside",
    item: str | None = None,
    began_at: str | int | None = None,
    first_seen_at: str | int | None = None,
    by: str | None = None,
    **fields: Any,
) -> str:
    """Write down a patrol. Returns its record id.

    Args:
        grid: record id of a grid of one of the two lowest levels.
        on: the day, YYYY-MM-DD.
        whom: whom it looked at, one of `choices.OBJECTS`.
        action: one of the seven of `choices.ACTIONS`.
        item: item of the grid's checklist that it is about; it says what may be done at most.
        began_at: ms since 1970, or "14:30" on that day.
        first_seen_at: when a problem was first seen, likewise; now where the patrol is of today.
        by: officer record of who patrolled; who is unlocked unless given.
        fields: whom_name, place, problem_class (the item's unless given), result.

    Raises:
        RuleBroken: it goes beyond the item's limit (国办发〔2024〕54号), or a value is not possible.
    """
    keeping.allow(seat, "patrol")
    given = {
        **fields,
        "grid": grid,
        "on": on,
        "whom": whom,
        "action": action,
        "outcome": outcome,
        "manner": manner,
        "item": item,
        "began_at": began_at,
        "first_seen_at": first_seen_at,
        "by": by or seat.person,
    }
    with seat.writing():
        place = keeping.standing(seat, "grid", grid)
        values = _checked(seat, place, given)
        values["number"] = free_number(seat, Patrol, place.unit, NUMBER)
        return keeping.make(seat, "patrol", place.unit, values)


_HELD = (
    "grid",
    "on",
    "whom",
    "action",
    "outcome",
    "manner",
    "item",
    "began_at",
    "first_seen_at",
    "by",
    "problem_class",
    "result",
)


def edit_patrol(seat: Seat, patrol_id: str, **fields: Any) -> None:
    """Correct a patrol. Errors as `patrol`; when first seen stays once it was reported upward."""
    keeping.allow(seat, "patrol")
    with seat.writing():
        row = keeping.standing(seat, "patrol", patrol_id)
        held = {name: getattr(row, name) for name in _HELD}
        if "item" in fields and fields["item"] != row.item:
            held["problem_class"] = None  # the new item's own, unless given
        for name in ("began_at", "first_seen_at"):
            if fields.get(name) == rules.moment_text(held[name]):
                fields[name] = held[name]  # a form shows minutes; untouched, the moment stays to the ms
        place = keeping.standing(seat, "grid", fields.get("grid") or row.grid)
        if place.unit != row.unit:
            raise RuleBroken(N_("This grid belongs to another unit."), field="grid")
        values = _checked(seat, place, {**held, **fields})
        if values["first_seen_at"] != row.first_seen_at and queries.reports_of(seat, patrol=row.id):
            raise RuleBroken(
                N_("This was reported upward with the time at which it was first seen; that time stays."),
                field="first_seen_at",
            )
        keeping.change(seat, row, "patrol", values)


def _checked(seat: Seat, place: Any, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a patrol as they are kept, everything checked that depends on several of them."""
    if place.level not in ("community", "grid") or not place.community:
        raise RuleBroken(N_("Patrols are made in a grid of a community. Choose one."), field="grid")
    person(seat, fields["by"] if fields["by"] != seat.person else None, "by")
    day = tidy(seat, "patrol", {"on": keeping.need_text(fields["on"], "on")})["on"]
    moments = {name: rules.read_moment(fields[name], day, name) for name in ("began_at", "first_seen_at")}
    values = tidy(seat, "patrol", {**fields, **moments, "on": day, "community": place.community})
    about = grid_items().get(values["item"] or "")
    rules.refuse_beyond(
        about,
        action=values["action"],
        outcome=values["outcome"],
        manner=values["manner"],
        whom=values["whom"],
        basis=about.basis(date.fromisoformat(day)) if about is not None else "",
    )
    found = values["outcome"] != "none" or values["action"] in ("stop", "report")
    if found and not values.get("problem_class"):
        values["problem_class"] = (about.problem_class if about is not None else "") or None
        if values["problem_class"] is None:
            raise RuleBroken(N_("Say what class of problem it is."), field="problem_class")
    if values["outcome"] != "none":
        keeping.need_text(values.get("result"), "result")
    if values.get("problem_class"):
        values["first_seen_at"] = _first_seen(seat, values)
    now = seat.clock.wall_ms()
    for name in ("began_at", "first_seen_at"):
        rules.refuse_moments(now, (name, values[name]))
    for name, late in (("began_at", True), ("first_seen_at", False)):
        if values[name] is None:
            continue
        seen = day_of(values[name]).isoformat()
        if seen > day or (late and seen != day):
            raise RuleBroken(N_("This time is not of the day of the patrol."), field=name)
    return values


def _first_seen(seat: Seat, values: dict[str, Any]) -> int:
    for known in (values["first_seen_at"], values["began_at"]):
        if known is not None:
            return int(known)
    if values["on"] == today(seat).isoformat():
        return seat.clock.wall_ms()
    raise RuleBroken(N_("Say when it was first seen, as 14:30."), field="first_seen_at")


def answer(seat: Seat, patrol_id: str, item: str, result: str, note: str | None = None) -> str:
    """Answer an item of the grid's checklist on a patrol: "ok", "problem" or "na". Returns the answer's id.

    The id is the same on every device; a note stays unless another is given.

    Raises:
        RuleBroken: there is no such item or patrol.
    """
    keeping.allow(seat, "patrol_answer")
    with seat.writing():
        row = keeping.standing(seat, "patrol", patrol_id)
        record = child_id(row.id, "patrol_answer", item)
        values = tidy(seat, "patrol_answer", {"patrol": row.id, "item": item, "result": result})
        if note is not None:
            values.update(tidy(seat, "patrol_answer", {"note": note}))
        known = keeping.row_of(seat, "patrol_answer", record)
        if known is not None and known.voided is not None:
            values["voided"] = None
        write(seat, "patrol_answer", record, row.unit, values)
    return record


def check(seat: Seat, patrol_id: str, *, notes: str | None = None, **answers: str) -> None:
    """Answer several items of the grid's checklist at once; what is left out stays as it is.

    Args:
        notes: one line an item, beginning with its code: "G03 阳台洗衣水入雨水管".
        answers: by code of the item: "ok", "problem" or "na".

    Raises:
        RuleBroken: there is no such item, a note names none, or it belongs to an item without an answer.
    """
    keeping.allow(seat, "patrol_answer")
    with seat.writing():
        given = queries.answers_of(seat, patrol_id)
        found = _notes(notes)
        for item in dict.fromkeys((*answers, *found)):
            known = given.get(item)
            result = answers.get(item) or (known.result if known is not None else None)
            if result is None:
                raise RuleBroken(
                    N_("{item} has a note and no answer. Answer it first."), field="notes", item=item
                )
            answer(seat, patrol_id, item, result, found.get(item))


def _notes(text: str | None) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for line in (text or "").splitlines():
        match = _NOTE.fullmatch(line.strip().upper()[:3] + line.strip()[3:])
        if match is not None and match[1] in choices.values(choices.ITEMS):
            last = match[1]
            found[last] = match[2].strip()
        elif line.strip() and last:
            found[last] += "\n" + line.strip()
        elif line.strip():
            raise RuleBroken(N_("Begin each note with the code of its item, as “G03 …”."), field="notes")
    return found


def note_answer(seat: Seat, answer_id: str, *, note: str) -> None:
    """Write what was seen at an item of the checklist.

    Raises:
        RuleBroken: there is no such answer.
    """
    keeping.allow(seat, "patrol_answer")
    with seat.writing():
        row = keeping.standing(seat, "patrol_answer", answer_id)
        keeping.change(seat, row, "patrol_answer", tidy(seat, "patrol_answer", {"note": note}))


def withdraw_patrol(seat: Seat, patrol_id: str, *, why: str) -> None:
    """Withdraw a patrol that was written by mistake.

    Raises:
        RuleBroken: without a reason, or it was reported upward: what was reported is never lost.
    """
    with seat.writing():
        if queries.reports_of(seat, patrol=patrol_id):
            raise RuleBroken(
                N_("This was reported upward. Withdraw the report first, with its reason."), field="why"
            )
        keeping.withdraw(seat, "patrol", patrol_id, why)
