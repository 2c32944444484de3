"""What is done to the register: communities, grids, committees, members, covenants, participants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.community import queries, rules
from models.community.tables import Grid, UpwardReport
from models.community.writing import change, make, person, refuse_order, tidy
from models.errors import RuleBroken
from models.language import N_
from models.registry import keeping
from models.registry import units as facts
from models.registry.days import today
from models.registry.rules import tidy_code, tidy_line

if TYPE_CHECKING:
    from models.store.seat import Seat


# --- communities ------------------------------------------------------------------------------------------


def add_community(seat: Seat, *, name: str, street: str, unit: str | None = None, **fields: Any) -> str:
    """Enter a community into the register. Returns its record id.

    Args:
        street: the 街道办事处 or 乡镇 that it stands under.
        unit: code or name of the county-level unit; the seat's unless given.
        fields: residents_committee, secretary, phone, founded_on.

    Raises:
        RuleBroken: a value is missing or not possible, or the street has one of that name already.
    """
    keeping.allow(seat, "community")
    code = _unit(seat, unit)
    values = {
        **fields,
        "name": tidy_line(keeping.need_text(name, "name")),
        "street": tidy_line(keeping.need_text(street, "street")),
    }
    with seat.writing():
        _refuse_known_name(seat, values["name"], values["street"], None)
        return make(seat, "community", code, values)


def _unit(seat: Seat, given: str | None) -> str:
    if not given:
        return seat.unit
    found = facts.unit_named(given)
    if found is None:
        raise RuleBroken(N_("There is no such unit. Choose one of the list."), field="unit")
    return found.code


def edit_community(seat: Seat, community_id: str, **fields: Any) -> None:
    """Correct a community's particulars. Errors as `add_community`."""
    keeping.allow(seat, "community")
    with seat.writing():
        row = keeping.standing(seat, "community", community_id)
        for name in ("name", "street"):
            if name in fields:
                fields[name] = tidy_line(keeping.need_text(fields[name], name))
        _refuse_known_name(seat, fields.get("name", row.name), fields.get("street", row.street), row.id)
        change(seat, row, "community", fields)


def _refuse_known_name(seat: Seat, name: str | None, street: str | None, own: str | None) -> None:
    known = queries.community_named(seat, name or "", street or "")
    if known is not None and known.id != own:
        raise RuleBroken(
            N_("{street} has a community {name} already."), field="name", street=street, name=name
        )


def merge_community(seat: Seat, community_id: str, *, on: str, into: str | None = None) -> None:
    """Note that a community was merged or dissolved: from that day on it is counted no more.

    Args:
        into: the community that it became part of, where there is one.

    Raises:
        RuleBroken: the day is not possible, or the other community is the same or not there.
    """
    keeping.allow(seat, "community")
    with seat.writing():
        row = keeping.standing(seat, "community", community_id)
        if into == row.id:
            raise RuleBroken(N_("Choose another community than this one."), field="into")
        if into:
            keeping.standing(seat, "community", into)
        values = tidy(seat, "community", {"merged_on": on, "merged_into": into})
        refuse_order("on", row.founded_on, values["merged_on"])
        keeping.change(seat, row, "community", values)


def withdraw_community(seat: Seat, community_id: str, *, why: str) -> None:
    """Withdraw a community that was entered by mistake.

    Raises:
        RuleBroken: it has a committee or grids; merge it instead.
    """
    with seat.writing():
        if queries.committees_of(seat, community_id) or queries.grids_of(seat, community_id):
            raise RuleBroken(
                N_("It has a committee or grids. If it is no more, note that it was merged."), field="why"
            )
        keeping.withdraw(seat, "community", community_id, why)


# --- grids ------------------------------------------------------------------------------------------------


def add_grid(
    seat: Seat,
    *,
    code: str,
    name: str,
    level: str,
    superior: str | None = None,
    community: str | None = None,
    worker: str | None = None,
    unit: str | None = None,
    **fields: Any,
) -> str:
    """Enter a grid under the grid of the level above. Returns its record id.

    Args:
        level: one of `choices.LEVELS`.
        superior: record id of the grid above; none for the city's.
        community: record id, for the levels "community" and "grid"; a grid takes its superior's unless given.
        worker: officer record of its grid worker.
        unit: for the two highest levels, code or name of the unit; the seat's unless given.
        fields: worker_name.

    Raises:
        RuleBroken: the code is taken, the superior is not of the level above, or the community is missing.
    """
    keeping.allow(seat, "grid")
    given = {**fields, "code": code, "name": name, "level": level, "superior": superior}
    with seat.writing():
        values = _grid(seat, None, {**given, "community": community, "worker": worker})
        return keeping.make(seat, "grid", _grid_unit(seat, values, unit), values)


def edit_grid(seat: Seat, grid_id: str, **fields: Any) -> None:
    """Correct a grid. Errors as `add_grid`."""
    keeping.allow(seat, "grid")
    with seat.writing():
        row = keeping.standing(seat, "grid", grid_id)
        if fields.get("level", row.level) != row.level and queries.grids_under(seat, row.id):
            raise RuleBroken(N_("Grids stand under this one; its level stays."), field="level")
        held = {name: getattr(row, name) for name in ("code", "name", "level", "superior", "community")}
        values = _grid(seat, row.id, {**held, **fields})
        keeping.change(seat, row, "grid", values)


def _grid(seat: Seat, own: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    code = tidy_code(keeping.need_text(fields["code"], "code"))
    values = tidy(
        seat, "grid", {**fields, "code": code, "name": tidy_line(keeping.need_text(fields["name"], "name"))}
    )
    with seat:
        taken = Grid.get_or_none(Grid.code == code, Grid.voided.is_null(), Grid.id != (own or ""))
    if taken is not None:
        raise RuleBroken(
            N_("Grid {code} is there already: {name}."), field="code", code=code, name=taken.name
        )
    above = keeping.standing(seat, "grid", values["superior"]) if values["superior"] else None
    rules.refuse_superior(values["level"], above.level if above is not None else None)
    if values["level"] in ("community", "grid"):
        values["community"] = values["community"] or (above.community if above is not None else None)
        if not values["community"]:
            raise RuleBroken(N_("Choose the community that this grid belongs to."), field="community")
        keeping.standing(seat, "community", values["community"])
    else:
        values["community"] = None
    worker = person(seat, values.get("worker"), "worker")
    if worker is not None and not values.get("worker_name"):
        values["worker_name"] = worker.name
    return values


def _grid_unit(seat: Seat, values: dict[str, Any], unit: str | None) -> str:
    if values["community"]:
        return str(keeping.standing(seat, "community", values["community"]).unit)
    if values["level"] == "street":
        return str(keeping.standing(seat, "grid", values["superior"]).unit)
    return _unit(seat, unit)


def withdraw_grid(seat: Seat, grid_id: str, *, why: str) -> None:
    """Withdraw a grid that was entered by mistake.

    Raises:
        RuleBroken: other grids stand under it, or reports of it or to it are open.
    """
    with seat.writing():
        if queries.grids_under(seat, grid_id):
            raise RuleBroken(N_("Grids stand under this one. Put them under another first."), field="why")
        with seat:
            waiting = UpwardReport.select().where(
                (UpwardReport.from_grid == grid_id) | (UpwardReport.to_grid == grid_id),
                UpwardReport.closed_on.is_null(),
                UpwardReport.voided.is_null(),
            )
            if waiting.exists():
                raise RuleBroken(N_("Reports of this grid or to it are open. Close them first."), field="why")
        keeping.withdraw(seat, "grid", grid_id, why)


# --- committees -------------------------------------------------------------------------------------------


def found_committee(
    seat: Seat, community_id: str, *, founded_on: str, led_by: str | None = None, **fields: Any
) -> str:
    """Found the environment and property committee of a community. Returns its record id.

    Args:
        led_by: the residents' committee that leads it; the community's own unless given.
        fields: term, term_until, note.

    Raises:
        RuleBroken: a committee stands there on that day, or the day is not possible.
    """
    keeping.allow(seat, "committee")
    with seat.writing():
        community = keeping.standing(seat, "community", community_id)
        given = {**fields, "community": community.id, "founded_on": founded_on}
        values = tidy(seat, "committee", {**given, "led_by": led_by or community.leads})
        refuse_order("founded_on", community.founded_on, values["founded_on"])
        refuse_order("term_until", values["founded_on"], values.get("term_until"))
        _refuse_second(seat, community, values["founded_on"], None)
        return keeping.make(seat, "committee", community.unit, values)


def _refuse_second(seat: Seat, community: Any, founded_on: str, own: str | None) -> None:
    """A community has one committee at a time; the new one begins when the last has ended."""
    for row in queries.committees_of(seat, community.id):
        if row.id != own and (not row.dissolved_on or founded_on < row.dissolved_on):
            raise RuleBroken(
                N_("{name} has a committee since {day}. Dissolve it first."),
                field="founded_on",
                basis=rules.NOTICE,
                name=community.name,
                day=row.founded_on,
            )


def edit_committee(seat: Seat, committee_id: str, **fields: Any) -> None:
    """Correct a committee's particulars. Errors as `found_committee`."""
    keeping.allow(seat, "committee")
    with seat.writing():
        row = keeping.standing(seat, "committee", committee_id)
        community = keeping.standing(seat, "community", row.community)
        values = tidy(seat, "committee", fields)
        founded = values.get("founded_on", row.founded_on)
        if not founded:
            raise RuleBroken(N_("Fill this in."), field="founded_on")
        refuse_order("founded_on", community.founded_on, founded)
        refuse_order("dissolved_on", founded, row.dissolved_on)
        refuse_order("term_until", founded, values.get("term_until", row.term_until))
        for member in queries.members_of(seat, row.id):
            refuse_order("founded_on", founded, member.joined_on)
        if not row.dissolved_on:
            _refuse_second(seat, community, founded, row.id)
        keeping.change(seat, row, "committee", values)


def dissolve_committee(seat: Seat, committee_id: str, *, on: str, why: str) -> None:
    """Note that a committee ended: from that day on the community has none until another is founded.

    Raises:
        RuleBroken: it ended already, without a reason, or the day is not possible.
    """
    keeping.allow(seat, "committee")
    with seat.writing():
        row = keeping.standing(seat, "committee", committee_id)
        if row.dissolved_on:
            raise RuleBroken(N_("It ended on {day} already."), field="on", day=row.dissolved_on)
        why = keeping.need_text(why, "why")
        values = tidy(seat, "committee", {"dissolved_on": on, "dissolved_why": why})
        refuse_order("on", row.founded_on, values["dissolved_on"])
        keeping.change(seat, row, "committee", values)


def add_member(
    seat: Seat,
    committee_id: str,
    *,
    name: str,
    categories: str,
    party_member: bool = False,
    joined_on: str | None = None,
    **fields: Any,
) -> str:
    """Put a member on a committee. Returns the member's record id.

    Too few Party members refuse nothing: the committee is shown as short of them.

    Args:
        categories: one or more of `choices.CATEGORIES`, comma-joined.
        joined_on: the day of its founding unless given.
        fields: officer, duty, expertise, left_on.

    Raises:
        RuleBroken: the person sits on it already, no category is given, or a day is not possible.
    """
    keeping.allow(seat, "committee_member")
    with seat.writing():
        committee = keeping.standing(seat, "committee", committee_id)
        given = {**fields, "committee": committee.id, "name": name, "categories": categories}
        joined = joined_on or committee.founded_on
        values = _member(
            seat,
            committee,
            None,
            {"duty": "member", **given, "party_member": party_member, "joined_on": joined},
        )
        return keeping.make(seat, "committee_member", committee.unit, values)


def edit_member(seat: Seat, member_id: str, **fields: Any) -> None:
    """Correct a member's particulars. Errors as `add_member`."""
    keeping.allow(seat, "committee_member")
    with seat.writing():
        row = keeping.standing(seat, "committee_member", member_id)
        committee = keeping.standing(seat, "committee", row.committee)
        held = {
            name: getattr(row, name) for name in ("name", "categories", "officer", "joined_on", "left_on")
        }
        keeping.change(seat, row, "committee_member", _member(seat, committee, row.id, {**held, **fields}))


def _member(seat: Seat, committee: Any, own: str | None, fields: dict[str, Any]) -> dict[str, Any]:
    name = tidy_line(keeping.need_text(fields["name"], "name"))
    keeping.need_text(fields["categories"], "categories")
    values = tidy(seat, "committee_member", {**fields, "name": name})
    refuse_order("joined_on", committee.founded_on, values["joined_on"])
    refuse_order("left_on", values["joined_on"], values.get("left_on"))
    person(seat, values.get("officer"), "officer")
    for other in queries.members_of(seat, committee.id):
        if other.id == own or not _overlap(values, other):
            continue
        if other.name == name or (values.get("officer") and other.officer == values["officer"]):
            raise RuleBroken(
                N_(
                    "{name} sits on this committee already. Give the same person several categories; "
                    "tell namesakes apart by their building."
                ),
                field="name",
                name=name,
            )
    return values


def _overlap(values: dict[str, Any], other: Any) -> bool:
    first, end = values["joined_on"] or "", values.get("left_on") or "9999-12-31"
    return first < (other.left_on or "9999-12-31") and (other.joined_on or "") < end


def member_leaves(seat: Seat, member_id: str, *, on: str) -> None:
    """Note that a member left: from that day on the person counts no more.

    Raises:
        RuleBroken: the person left already, or the day is not possible.
    """
    keeping.allow(seat, "committee_member")
    with seat.writing():
        row = keeping.standing(seat, "committee_member", member_id)
        if row.left_on:
            raise RuleBroken(N_("It ended on {day} already."), field="on", day=row.left_on)
        values = tidy(seat, "committee_member", {"left_on": on})
        refuse_order("on", row.joined_on, values["left_on"])
        keeping.change(seat, row, "committee_member", values)


# --- covenants and participants ---------------------------------------------------------------------------


def adopt_covenant(
    seat: Seat, community_id: str, *, title: str, text: str, adopted_on: str, **fields: Any
) -> str:
    """Keep a covenant of the community (社区规约). Returns its record id.

    Args:
        fields: adopted_by.

    Raises:
        RuleBroken: title, text or day is missing or not possible.
    """
    keeping.allow(seat, "covenant")
    title, text = keeping.need_text(title, "title"), keeping.need_text(text, "text")
    with seat.writing():
        community = keeping.standing(seat, "community", community_id)
        given = {**fields, "community": community.id, "title": title, "text": text}
        return make(seat, "covenant", community.unit, {**given, "adopted_on": adopted_on})


def edit_covenant(seat: Seat, covenant_id: str, **fields: Any) -> None:
    """Correct a covenant, or note the first day on which it holds no more. Errors as `adopt_covenant`."""
    keeping.allow(seat, "covenant")
    with seat.writing():
        row = keeping.standing(seat, "covenant", covenant_id)
        values = tidy(seat, "covenant", fields)
        refuse_order(
            "ended_on", values.get("adopted_on", row.adopted_on), values.get("ended_on", row.ended_on)
        )
        keeping.change(seat, row, "covenant", values)


def add_participant(seat: Seat, community_id: str, *, kind: str, name: str, **fields: Any) -> str:
    """Enter who else takes part in the community's work. Returns the record id.

    Args:
        kind: one of `choices.PARTICIPANTS`.
        fields: contact, people, service, since_on, until_on.

    Raises:
        RuleBroken: a value is missing or not possible.
    """
    keeping.allow(seat, "participant")
    name = tidy_line(keeping.need_text(name, "name"))
    with seat.writing():
        community = keeping.standing(seat, "community", community_id)
        values = tidy(seat, "participant", {**fields, "community": community.id, "kind": kind, "name": name})
        refuse_order("until_on", values.get("since_on"), values.get("until_on"))
        return keeping.make(seat, "participant", community.unit, values)


def edit_participant(seat: Seat, participant_id: str, **fields: Any) -> None:
    """Correct a participant. Errors as `add_participant`."""
    keeping.allow(seat, "participant")
    with seat.writing():
        row = keeping.standing(seat, "participant", participant_id)
        values = tidy(seat, "participant", fields)
        refuse_order("until_on", values.get("since_on", row.since_on), values.get("until_on", row.until_on))
        keeping.change(seat, row, "participant", values)


def withdraw(seat: Seat, record_id: str, *, kind: str, why: str) -> None:
    """Withdraw a committee, member, covenant, participant, answer or reporter entered by mistake.

    Raises:
        RuleBroken: without a reason, or a committee that still has members.
    """
    with seat.writing():
        if kind == "committee" and queries.members_of(seat, record_id, on=today(seat).isoformat()):
            raise RuleBroken(
                N_("It has members. Withdraw them first, or note that the committee ended."), field="why"
            )
        keeping.withdraw(seat, kind, record_id, why)
