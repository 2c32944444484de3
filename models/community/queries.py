"""What screens and reports ask about communities, as of any day by legal dates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from peewee import chunked, fn

from models.community.choices import ACTIONS, CLASSES, values
from models.community.escalation import unreported
from models.community.facts import grid_items
from models.community.rules import FoundingRate, Quorum, party_quorum, stands
from models.community.tables import (
    Committee,
    CommitteeMember,
    Community,
    Complaint,
    Covenant,
    Grid,
    Mediation,
    Participant,
    Patrol,
    PatrolAnswer,
    UpwardReport,
)
from models.errors import BadInput
from models.language import _
from models.law.deadlines import due, limit
from models.law.due import Due, day_or_none
from models.law.parameters import parameter
from models.registry import queries as registry
from models.registry.days import today
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
"""Ids in one query; SQLite takes some thousand variables at most."""
_NO_PERCENT = 0
"""What is demanded on a day on which no share was in force yet; an empty committee fails even so."""


# --- who there is -----------------------------------------------------------------------------------------


def community(seat: Seat, community_id: str | None) -> Community | None:
    """One community; None where there is none."""
    with seat:
        return by_id(Community, community_id) if community_id else None


def communities(seat: Seat, as_of: date) -> list[Community]:
    """The communities that stand on a day, by unit, street and name."""
    on = as_of.isoformat()
    with seat:
        rows = Community.select().where(Community.voided.is_null())
        order = (Community.unit, Community.street, Community.name, Community.id)
        return [row for row in rows.order_by(*order) if stands(row.founded_on, row.merged_on, on)]


def community_named(seat: Seat, name: str, street: str) -> Community | None:
    """The standing community of that name in that street; None where there is none."""
    with seat:
        return Community.get_or_none(
            Community.name == name,
            Community.street == street,
            Community.voided.is_null(),
            Community.merged_on.is_null(),
        )


def committees_of(seat: Seat, community_id: str) -> list[Committee]:
    """The committees that a community has and had, the latest first."""
    with seat:
        rows = Committee.select().where(Committee.community == community_id, Committee.voided.is_null())
        return list(rows.order_by(Committee.founded_on.desc(), Committee.id))


def grids_of(seat: Seat, community_id: str) -> list[Grid]:
    """The grids of a community, by code."""
    with seat:
        rows = Grid.select().where(Grid.community == community_id, Grid.voided.is_null())
        return list(rows.order_by(Grid.code, Grid.id))


def grids_under(seat: Seat, grid_id: str) -> list[Grid]:
    """The grids directly under a grid, by code."""
    with seat:
        rows = Grid.select().where(Grid.superior == grid_id, Grid.voided.is_null())
        return list(rows.order_by(Grid.code, Grid.id))


def grid(seat: Seat, grid_id: str | None) -> Grid | None:
    """One grid; None where there is none."""
    with seat:
        return by_id(Grid, grid_id) if grid_id else None


def chain(seat: Seat, grid_id: str) -> list[Grid]:
    """A grid and those above it, up to the city's (网格—社区—街道—县—市)."""
    found: dict[str, Grid] = {}
    with seat:
        row = by_id(Grid, grid_id)
        while row is not None and row.voided is None and row.id not in found:
            found[row.id] = row
            row = by_id(Grid, row.superior) if row.superior else None
    return list(found.values())


def of_community(seat: Seat, table: Any, community_id: str) -> list[Any]:
    """The standing records of a table that belong to a community, newest first."""
    with seat:
        rows = table.select().where(table.community == community_id, table.voided.is_null())
        return list(rows.order_by(table.id.desc()))


def covenants_of(seat: Seat, community_id: str) -> list[Covenant]:
    """The covenants of a community, newest first."""
    return of_community(seat, Covenant, community_id)


def participants_of(seat: Seat, community_id: str) -> list[Participant]:
    """Who else takes part in a community, newest first."""
    return of_community(seat, Participant, community_id)


# --- committees -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CommitteeState:
    """A committee with its members on a day."""

    committee: Committee
    community: Community
    members: tuple[CommitteeMember, ...]
    quorum: Quorum
    percent: int
    """The share of Party members demanded on that day; 0 where none was."""


def members_of(seat: Seat, committee_id: str, *, on: str = "") -> list[CommitteeMember]:
    """The members of a committee, by name; with a day, those in office on it."""
    return _members(seat, [committee_id], on)[committee_id]


def _members(seat: Seat, committee_ids: Iterable[str], on: str) -> dict[str, list[CommitteeMember]]:
    found: dict[str, list[CommitteeMember]] = defaultdict(list)
    with seat:
        for some in chunked(committee_ids, _SOME):
            rows = CommitteeMember.select().where(
                CommitteeMember.committee.in_(list(some)), CommitteeMember.voided.is_null()
            )
            for row in rows.order_by(CommitteeMember.name, CommitteeMember.id):
                if not on or stands(row.joined_on, row.left_on, on):
                    found[row.committee or ""].append(row)
    return found


def percent_on(on: date) -> int:
    """The share of Party members demanded on a day, in per cent; 0 where none was."""
    found = parameter("party_members_percent", on)
    return found.value if found is not None else _NO_PERCENT


def quorum_of(seat: Seat, committee_id: str, as_of: date) -> Quorum:
    """Whether a committee had enough Party members on a day (党员比例不低于50%)."""
    return party_quorum(members_of(seat, committee_id, on=as_of.isoformat()), percent_on(as_of))


def committees(
    seat: Seat, as_of: date, *, community_ids: Iterable[str] | None = None
) -> list[CommitteeState]:
    """The committees that stand on a day in communities that stand, by unit, street and community."""
    on = as_of.isoformat()
    wanted = None if community_ids is None else set(community_ids)
    standing = {row.id: row for row in communities(seat, as_of) if wanted is None or row.id in wanted}
    with seat:
        rows = [
            row
            for row in Committee.select().where(Committee.voided.is_null()).order_by(Committee.id)
            if row.community in standing and row.founded_on and stands(row.founded_on, row.dissolved_on, on)
        ]
    members = _members(seat, [row.id for row in rows], on)
    order = {record: place for place, record in enumerate(standing)}
    percent = percent_on(as_of)
    return [
        CommitteeState(
            row,
            standing[row.community or ""],
            tuple(members[row.id]),
            party_quorum(members[row.id], percent),
            percent,
        )
        for row in sorted(rows, key=lambda row: (order[row.community or ""], row.founded_on, row.id))
    ]


def founding_rate(seat: Seat, as_of: date) -> FoundingRate:
    """How many of the communities had a committee on a day (所有社区居民委员会全部下设)."""
    covered = {state.community.id for state in committees(seat, as_of)}
    return FoundingRate(len(covered), len(communities(seat, as_of)))


def roles_of_person(seat: Seat, officer_id: str, as_of: date) -> list[str]:
    """All that one person is on a day, in the reader's language: account, committees, grids (一人多角色)."""
    on = as_of.isoformat()
    role = registry.role_of(seat, officer_id)
    found = [role.label] if role is not None else []
    with seat:
        seats = CommitteeMember.select().where(
            CommitteeMember.officer == officer_id, CommitteeMember.voided.is_null()
        )
        for row in seats.order_by(CommitteeMember.id):
            committee = by_id(Committee, row.committee or "")
            place = by_id(Community, committee.community or "") if committee is not None else None
            if place is not None and stands(row.joined_on, row.left_on, on):
                found.append(_("Committee of {name}").format(name=place.name))
        grids = Grid.select().where(Grid.worker == officer_id, Grid.voided.is_null()).order_by(Grid.code)
        found += [_("Grid worker of {name}").format(name=row.name) for row in grids]
    return found


# --- patrols ----------------------------------------------------------------------------------------------


def answers_of(seat: Seat, patrol_id: str) -> dict[str, PatrolAnswer]:
    """The answers given on a patrol, by code of the item in the order of the form."""
    with seat:
        rows = PatrolAnswer.select().where(PatrolAnswer.patrol == patrol_id, PatrolAnswer.voided.is_null())
        found = {row.item: row for row in rows}
    return {code: found[code] for code in grid_items() if code in found}


def reports_of(seat: Seat, **source: str) -> list[UpwardReport]:
    """The standing reports that came from a record: `patrol=…`, `complaint=…`, `from_report=…`."""
    with seat:
        wanted = [getattr(UpwardReport, name) == value for name, value in source.items()]
        rows = UpwardReport.select().where(UpwardReport.voided.is_null(), *wanted)
        return list(rows.order_by(UpwardReport.first_seen_at, UpwardReport.id))


def actions_taken(seat: Seat, first: date, last: date, community_id: str = "") -> dict[str, int]:
    """How many patrols of a period took each of the seven actions, in all communities or in one."""
    query = Patrol.select(Patrol.action).where(
        Patrol.voided.is_null(), Patrol.on >= first.isoformat(), Patrol.on <= last.isoformat()
    )
    if community_id:
        query = query.where(Patrol.community == community_id)
    with seat:
        counted = Counter(row.action for row in query)
    return {action: counted[action] for action in values(ACTIONS)}


# --- hot spots --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HotSpot:
    """How many problems and complaints a community had in a period, by class."""

    community: Community
    by_class: dict[str, int] = field(default_factory=dict)
    """Every class, the three of the notice first; 0 where there was none."""

    @property
    def total(self) -> int:
        """All classes together."""
        return sum(self.by_class.values())

    @property
    def worst(self) -> str:
        """The class with most, the notice's first where several have; empty where there was nothing."""
        return max(self.by_class, key=lambda each: self.by_class[each]) if self.total else ""


def hot_spots(seat: Seat, first: date, last: date) -> list[HotSpot]:
    """The communities with problems or complaints in a period, those with most first (精准定位居民需求).

    Counted are patrols that found a problem and complaints, by their own days. A report upward is of one of
    these, and a mediation of a complaint; a mediation without one counts by itself.
    """
    counts: Counter[tuple[str, str]] = Counter()
    start, end = first.isoformat(), last.isoformat()
    sources: tuple[tuple[Any, Any, tuple[Any, ...]], ...] = (
        (Patrol, Patrol.on, ()),
        (Complaint, Complaint.received_on, ()),
        (Mediation, Mediation.on, (Mediation.complaint.is_null(),)),
    )
    with seat:
        for table, day, further in sources:
            rows = (
                table.select(table.community, table.problem_class, fn.COUNT(table.id))
                .where(table.voided.is_null(), day >= start, day <= end, *further)
                .where(table.problem_class.is_null(False), table.community.is_null(False))
                .group_by(table.community, table.problem_class)
                .tuples()
            )
            for place, what, count in rows:
                counts[place, what] += count
        places = {place for place, _what in counts}
        known = [
            row for place in places if (row := by_id(Community, place)) is not None and row.voided is None
        ]
    found = [HotSpot(row, {what: counts[row.id, what] for what in values(CLASSES)}) for row in known]
    return sorted(found, key=lambda each: (-each.total, each.community.name or "", each.community.id))


def last_year(today: date) -> tuple[date, date]:
    """The 365 days up to today: the period of the hot spots that the room shows."""
    return today - timedelta(days=364), today


# --- reports, complaints, mediation -----------------------------------------------------------------------


def reports_with_key(seat: Seat, key: str) -> list[UpwardReport]:
    """All reports of one thing to one target, withdrawn and closed ones too, in their order."""
    with seat:
        return list(UpwardReport.select().where(UpwardReport.key == key).order_by(UpwardReport.id))


def open_reports(seat: Seat) -> list[UpwardReport]:
    """The reports that nobody has closed, by when they were first seen."""
    with seat:
        rows = UpwardReport.select().where(UpwardReport.closed_on.is_null(), UpwardReport.voided.is_null())
        return list(rows.order_by(UpwardReport.first_seen_at, UpwardReport.id))


def reply_due(row: Complaint) -> Due | None:
    """By when a complaint has to be replied to first; None once it was, or where no limit was in force.

    Raises:
        BadInput: no holiday calendar is kept for the year.
    """
    received = day_or_none(row.received_on)
    if row.first_reply_on or row.closed_on or row.voided is not None or received is None:
        return None
    found = limit("complaint_reply", received)
    if found is None:
        return None
    until = due(received, found)
    return Due(
        "complaint_reply",
        "complaint",
        row.id,
        row.number or "",
        found.title,
        until.due_on,
        until.basis,
        until.mark,
    )


def dues(seat: Seat) -> list[Due]:
    """What is due in community work: first replies to complaints, and problems that go upward at once."""
    with seat:
        rows = Complaint.select().where(
            Complaint.voided.is_null(), Complaint.first_reply_on.is_null(), Complaint.closed_on.is_null()
        )
        waiting = list(rows.order_by(Complaint.received_on, Complaint.id))
    found: list[Due] = []
    for row in waiting:
        try:
            one = reply_due(row)
        except BadInput:
            continue  # its sheet says that the year has no calendar: no day is guessed
        if one is not None:
            found.append(one)
    found += [one for each in unreported(seat, today(seat)) if (one := each.due) is not None]
    return sorted(found, key=lambda one: (one.due_on, one.record))
