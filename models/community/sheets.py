"""The sheets of the register: communities, grids, committees and who belongs to them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from models.community import queries
from models.community.choices import (
    ACTIONS,
    CATEGORIES,
    CLASSES,
    DUTIES,
    LEVELS,
    PARTICIPANTS,
    RESULTS,
)
from models.community.escalation import unreported
from models.community.facts import instruments
from models.community.rules import Quorum, moment_text, report_state, stands
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
    UpwardReport,
)
from models.language import _, listed, listed_long
from models.registry import queries as registry
from models.registry.days import today
from models.registry.keeping import kept, row_of
from models.registry.units import label_of
from models.rooms import Cell, Fact, Section, Sheet, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat

_MOST_SHOWN = 20
"""Children of one kind on a sheet; the lists hold the rest."""


def fact(name: str, value: Any, part: str = "") -> Fact:
    """A line of a sheet; an empty value is shown as a dash."""
    return Fact(name, str(value) if value not in (None, "") else "–", part)


def link(name: str, kind: str, record: str | None, value: str, part: str = "") -> Fact:
    """A line that opens a record."""
    return Fact(name, value or "–", part, kind if record else "", record or "")


def yes_no(value: bool | None) -> str:
    """Yes, no, or a dash where it was not said."""
    return "–" if value is None else _("yes") if value else _("no")


def withdrawn(row: Any, state: Cell) -> Cell:
    """The state of a record, or that it was withdrawn and why."""
    return Cell(_("Withdrawn: {why}").format(why=row.voided), "bad") if row.voided is not None else state


def community_fact(seat: Seat, community_id: str | None) -> Fact:
    """The line that opens the community."""
    row = queries.community(seat, community_id)
    return link(_("Community"), "community", community_id, (row.name or "") if row is not None else "")


def grid_fact(seat: Seat, name: str, grid_id: str | None) -> Fact:
    """The line that opens a grid."""
    row = queries.grid(seat, grid_id)
    return link(name, "grid", grid_id, f"{row.name} ({row.code})" if row is not None else "")


def quorum_cell(quorum: Quorum) -> Cell:
    """Whether enough members are Party members: "4/7", and how many more it takes."""
    if not quorum.count:
        return Cell(_("no members"), "bad")
    share = f"{quorum.party}/{quorum.count}"
    if quorum.ok:
        return Cell(share, "good")
    return Cell(_("{share}, {missing} short").format(share=share, missing=quorum.missing), "bad")


def community_sheet(seat: Seat, record_id: str) -> Sheet:
    """All of one community: its committee, grids, covenants, helpers, hot spots and what is going on."""
    row: Community = kept(seat, "community", record_id)
    on = today(seat)
    committees = queries.committees_of(seat, row.id)
    standing = [each for each in committees if stands(each.founded_on, each.dissolved_on, on.isoformat())]
    state = Cell(_("has a committee"), "good") if standing else Cell(_("no committee"), "bad")
    if row.merged_on:
        state = Cell(_("merged on {day}").format(day=row.merged_on), "quiet")
    who = [
        fact(_("County or zone"), label_of(row.unit)),
        fact(_("Sub-district or town"), row.street),
        fact(_("Residents' committee"), row.leads),
        fact(_("Party secretary"), row.secretary),
        fact(_("Telephone number"), row.phone),
        fact(_("Founded on"), row.founded_on),
    ]
    if row.merged_on:
        into = queries.community(seat, row.merged_into)
        who.append(
            link(
                _("Merged into"), "community", row.merged_into, (into.name or "") if into is not None else ""
            )
        )
    first, last = queries.last_year(on)
    spot = next((each for each in queries.hot_spots(seat, first, last) if each.community.id == row.id), None)
    taken = queries.actions_taken(seat, first, last, row.id)
    sections = [
        Section(_("Community"), tuple(who)),
        Section(_("Committee"), tuple(_committee_fact(seat, each, on) for each in committees)),
        Section(
            _("Grids"),
            tuple(
                link(each.code or "", "grid", each.id, f"{each.name} {each.worker_name or ''}".strip())
                for each in queries.grids_of(seat, row.id)
            ),
        ),
        Section(
            _("Problems of the last 365 days"),
            tuple(
                fact(label(CLASSES, what), spot.by_class[what] if spot is not None else 0)
                for what, _words in CLASSES
            ),
        ),
        Section(
            _("Patrols by action, last 365 days"),
            tuple(fact(label(ACTIONS, each), taken[each]) for each, _words in ACTIONS),
        ),
        Section(_("Covenants"), tuple(_covenants(seat, row.id, on))),
        Section(_("Participants"), tuple(_participants(seat, row.id))),
        Section(_("Patrols"), tuple(_patrols(seat, Patrol.community == row.id))),
        Section(_("Complaints"), tuple(_complaints(seat, row.id))),
        Section(_("Mediations"), tuple(_mediations(seat, row.id))),
        Section(_("Upward reports"), tuple(_reports(queries.of_community(seat, UpwardReport, row.id)))),
    ]
    return Sheet(row.name or "", withdrawn(row, state), filled(sections))


def filled(sections: list[Section]) -> tuple[Section, ...]:
    """The sections that say something."""
    return tuple(each for each in sections if each.facts)


def _committee_fact(seat: Seat, row: Committee, on: date) -> Fact:
    if row.dissolved_on and row.dissolved_on <= on.isoformat():
        period = f"{row.founded_on} – {row.dissolved_on}"
        return link(row.term or _("Committee"), "committee", row.id, period, "quiet")
    quorum = queries.quorum_of(seat, row.id, on)
    cell = quorum_cell(quorum)
    words = _("since {day}; Party members {share}").format(day=row.founded_on, share=cell.text)
    return link(row.term or _("Committee"), "committee", row.id, words, cell.part)


def _covenants(seat: Seat, community_id: str, on: date) -> list[Fact]:
    return [
        link(
            row.adopted_on or "",
            "covenant",
            row.id,
            row.title or "",
            "" if stands(row.adopted_on, row.ended_on, on.isoformat()) else "quiet",
        )
        for row in queries.covenants_of(seat, community_id)
    ]


def _participants(seat: Seat, community_id: str) -> list[Fact]:
    return [
        link(label(PARTICIPANTS, row.kind), "participant", row.id, row.name or "")
        for row in queries.participants_of(seat, community_id)
    ]


def _patrols(seat: Seat, which: Any) -> list[Fact]:
    with seat:
        rows = Patrol.select().where(Patrol.voided.is_null(), which)
        found = list(rows.order_by(Patrol.on.desc(), Patrol.id.desc()).limit(_MOST_SHOWN))
    return [
        link(row.on or "", "patrol", row.id, patrol_words(row), "warn" if row.problem_class else "")
        for row in found
    ]


def patrol_words(row: Patrol) -> str:
    """A patrol in a few words."""
    words = [label(ACTIONS, row.action), row.item or "", label(CLASSES, row.problem_class), row.result or ""]
    return " ".join(each for each in words if each)


def _complaints(seat: Seat, community_id: str) -> list[Fact]:
    rows: list[Complaint] = queries.of_community(seat, Complaint, community_id)[:_MOST_SHOWN]
    return [
        link(row.received_on or "", "complaint", row.id, row.about or "", "" if row.closed_on else "warn")
        for row in rows
    ]


def _mediations(seat: Seat, community_id: str) -> list[Fact]:
    rows: list[Mediation] = queries.of_community(seat, Mediation, community_id)[:_MOST_SHOWN]
    return [
        link(row.on or "", "mediation", row.id, f"{label(RESULTS, row.result)} {row.demand or ''}".strip())
        for row in rows
    ]


def _reports(rows: list[UpwardReport]) -> list[Fact]:
    return [
        link(
            moment_text(row.first_seen_at),
            "upward_report",
            row.id,
            row.what or "",
            "" if report_state(row) == "closed" else "warn",
        )
        for row in rows[:_MOST_SHOWN]
    ]


def grid_sheet(seat: Seat, record_id: str) -> Sheet:
    """One grid: who stands above and under it, who patrols it, what was found and reported."""
    row: Grid = kept(seat, "grid", record_id)
    own = unreported(seat, today(seat))
    waiting = [each for each in own if each.patrol.grid == row.id]
    with seat:
        ours = (UpwardReport.from_grid == row.id) | (UpwardReport.to_grid == row.id)
        reports = list(
            UpwardReport.select()
            .where(UpwardReport.voided.is_null(), ours)
            .order_by(UpwardReport.first_seen_at.desc(), UpwardReport.id)
        )
    who = [
        fact(_("Code"), row.code),
        fact(_("Level of the grid"), label(LEVELS, row.level)),
        link(_("Grid worker"), "officer" if row.worker else "", row.worker, row.worker_name or ""),
    ]
    if row.community:
        who.append(community_fact(seat, row.community))
    state = Cell(label(LEVELS, row.level))
    if waiting:
        state = Cell(_("{count} to report upward").format(count=len(waiting)), "bad")
    sections = [
        Section(_("Grid"), tuple(who)),
        Section(
            _("Chain of grids"),
            tuple(
                link(
                    label(LEVELS, each.level), "grid", each.id if each.id != row.id else None, each.name or ""
                )
                for each in reversed(queries.chain(seat, row.id))
            ),
        ),
        Section(
            _("Grids under it"),
            tuple(
                link(each.code or "", "grid", each.id, each.name or "")
                for each in queries.grids_under(seat, row.id)
            ),
        ),
        Section(
            _("To report upward"),
            tuple(
                link(
                    each.patrol.on or "",
                    "patrol",
                    each.patrol.id,
                    _("{item}, found {times} times running").format(item=each.item or "–", times=each.times),
                    "bad",
                )
                for each in waiting
            ),
        ),
        Section(_("Patrols"), tuple(_patrols(seat, Patrol.grid == row.id))),
        Section(_("Upward reports"), tuple(_reports(reports))),
    ]
    return Sheet(row.name or "", withdrawn(row, state), filled(sections))


def committee_sheet(seat: Seat, record_id: str) -> Sheet:
    """One committee: who leads it, its members and whether enough are Party members, and what it rests on."""
    row: Committee = kept(seat, "committee", record_id)
    on = today(seat)
    place = queries.community(seat, row.community)
    quorum, percent = queries.quorum_of(seat, row.id, on), queries.percent_on(on)
    state = quorum_cell(quorum)
    if row.dissolved_on and row.dissolved_on <= on.isoformat():
        state = Cell(_("ended on {day}").format(day=row.dissolved_on), "quiet")
    late = bool(row.term_until and row.term_until < on.isoformat())
    who = (
        community_fact(seat, row.community),
        fact(_("Sub-district or town"), place.street if place is not None else ""),
        fact(_("Led by"), row.led_by),
        fact(_("Founded on"), row.founded_on),
        fact(_("Term of office"), row.term),
        fact(_("Term ends on"), row.term_until, "warn" if late else ""),
        fact(_("Reason of its end"), row.dissolved_why) if row.dissolved_on else fact(_("Remark"), row.note),
    )
    share: tuple[Fact, ...] = (
        fact(_("Members in office"), quorum.count),
        fact(_("Party members"), quorum.party, state.part if quorum.count else "bad"),
        fact(_("Share demanded"), f"{percent}%" if percent else ""),
    )
    if not quorum.ok and percent:
        words = _("{count} more of the seats have to be held by Party members").format(count=quorum.missing)
        share = (*share, fact(_("Short of"), words, "bad"))
    members = queries.members_of(seat, row.id)
    in_office = [each for each in members if stands(each.joined_on, each.left_on, on.isoformat())]
    former = [each for each in members if each not in in_office]
    notice = instruments()["committee_notice"]
    sections = [
        Section(_("Committee"), who),
        Section(_("Party members"), share),
        Section(_("Members counted"), tuple(_member_fact(each) for each in in_office)),
        Section(_("Former and coming members"), tuple(_member_fact(each, "quiet") for each in former)),
        Section(_("Duties"), tuple(fact(str(n), duty) for n, duty in enumerate(notice.duties, 1))),
        notice_section(),
    ]
    title = _("Committee of {name}").format(name=place.name if place is not None else "")
    return Sheet(title, withdrawn(row, state), filled(sections))


def notice_section() -> Section:
    """The notice that the committees rest on, with who issued it, what it demands, and its source."""
    notice = instruments()["committee_notice"]
    facts = [
        fact(_("Title"), notice.title),
        fact(_("Issued on"), notice.issued_on),
        fact(_("Issuing bodies"), listed(notice.by)),
        *(fact(_("It demands"), each) for each in notice.demands),
        fact(_("Where it is from"), f"{notice.source} [{notice.mark}]", "quiet"),
    ]
    return Section(_("Basis"), tuple(facts))


def _member_fact(row: CommitteeMember, part: str = "") -> Fact:
    words = [label(DUTIES, row.duty), labels(CATEGORIES, row.categories)]
    if row.party_member:
        words.append(_("Party member"))
    if part == "quiet":
        words.append(f"{row.joined_on or ''} – {row.left_on or ''}")
    return link(row.name or "", "committee_member", row.id, listed_long(each for each in words if each), part)


def member_sheet(seat: Seat, record_id: str) -> Sheet:
    """One member of a committee, with all else that the person is."""
    row: CommitteeMember = kept(seat, "committee_member", record_id)
    on = today(seat)
    committee = row_of(seat, "committee", row.committee or "")
    place = queries.community(seat, committee.community if committee is not None else None)
    who = [
        link(_("Committee"), "committee", row.committee, (place.name or "") if place is not None else ""),
        fact(_("Duty"), label(DUTIES, row.duty)),
        *(
            fact(_("Kind of member"), label(CATEGORIES, each))
            for each in (row.categories or "").split(",")
            if each
        ),
        fact(_("Party member"), yes_no(row.party_member)),
        fact(_("Expertise"), row.expertise),
        fact(_("Member since"), row.joined_on),
        fact(_("Left on"), row.left_on),
    ]
    sections = [Section(_("Member"), tuple(who))]
    if row.officer:
        person = registry.officer(seat, row.officer)
        who = [link(_("Person"), "officer", row.officer, (person.name or "") if person is not None else "")]
        who += [fact(_("Is also"), each) for each in queries.roles_of_person(seat, row.officer, on)]
        sections.append(Section(_("One person, several roles"), tuple(who)))
    state = Cell(_("in office"), "good")
    if not stands(row.joined_on, row.left_on, on.isoformat()):
        state = Cell(_("not in office"), "quiet")
    return Sheet(row.name or "", withdrawn(row, state), tuple(sections))


def covenant_sheet(seat: Seat, record_id: str) -> Sheet:
    """One covenant with its text."""
    row: Covenant = kept(seat, "covenant", record_id)
    holds = stands(row.adopted_on, row.ended_on, today(seat).isoformat())
    state = Cell(_("in force"), "good") if holds else Cell(_("not in force"), "quiet")
    facts = (
        community_fact(seat, row.community),
        fact(_("Adopted on"), row.adopted_on),
        fact(_("Adopted by"), row.adopted_by),
        fact(_("Ended on"), row.ended_on),
        fact(_("Text"), row.text),
    )
    return Sheet(row.title or "", withdrawn(row, state), (Section(_("Covenant"), facts),))


def participant_sheet(seat: Seat, record_id: str) -> Sheet:
    """Who else takes part."""
    row: Participant = kept(seat, "participant", record_id)
    here = stands(row.since_on, row.until_on, today(seat).isoformat())
    state = Cell(_("takes part"), "good") if here else Cell(_("no longer"), "quiet")
    facts = (
        community_fact(seat, row.community),
        fact(_("Kind"), label(PARTICIPANTS, row.kind)),
        fact(_("Way to reach them"), row.contact),
        fact(_("People"), row.people),
        fact(_("What they do"), row.service),
        fact(_("Takes part since"), row.since_on),
        fact(_("Takes part until"), row.until_on),
    )
    return Sheet(row.name or "", withdrawn(row, state), (Section(_("Participant"), facts),))
