"""The acts on the register: communities, grids, committees, members, covenants, participants."""

from __future__ import annotations

from typing import Any

from models.community import choices, verbs
from models.community.forms import ON, withdrawal
from models.language import N_, _
from models.registry.act_parts import held, may_write, todays, where
from models.rooms import Act, Field

_COMMUNITY = (
    Field("name", N_("Name of the community"), required=True, hint=N_("as 东铺头社区")),
    Field("street", N_("Sub-district or town"), required=True),
    Field("residents_committee", N_("Residents' committee"), hint=N_("name, if it is another")),
    Field("secretary", N_("Party secretary")),
    Field("phone", N_("Telephone number")),
    Field("founded_on", N_("Founded on"), "day"),
)
_GRID = (
    Field("code", N_("Code"), required=True),
    Field("name", N_("Name of the grid"), required=True),
    Field("level", N_("Level of the grid"), "choice", required=True, choices=choices.LEVELS),
    Field("superior", N_("Superior grid"), "record", of="grid"),
    Field("community", N_("Community"), "record", of="community", hint=N_("for the two lowest levels")),
    Field("worker", N_("Grid worker"), "record", of="officer"),
    Field("worker_name", N_("Grid worker's name"), hint=N_("of who has no account")),
)
_COMMITTEE = (
    Field("founded_on", N_("Founded on"), "day", required=True),
    Field("led_by", N_("Led by"), hint=N_("the community's residents' committee unless given")),
    Field("term", N_("Term of office"), hint=N_("as 第一届")),
    Field("term_until", N_("Term ends on"), "day"),
    Field("note", N_("Remark"), "long"),
)
_MEMBER = (
    Field("name", N_("Name"), required=True),
    Field("categories", N_("Kind of member"), "marks", required=True, choices=choices.CATEGORIES),
    Field("party_member", N_("Party member"), "flag"),
    Field("duty", N_("Duty"), "choice", choices=choices.DUTIES),
    Field("expertise", N_("Expertise")),
    Field("joined_on", N_("Member since"), "day", hint=N_("the day of its founding unless given")),
    Field("officer", N_("Person of the register"), "record", of="officer"),
)
_COVENANT = (
    Field("title", N_("Title"), required=True),
    Field("text", N_("Text"), "long", required=True),
    Field("adopted_on", N_("Adopted on"), "day", required=True),
    Field("adopted_by", N_("Adopted by")),
)
_PARTICIPANT = (
    Field("kind", N_("Kind"), "choice", required=True, choices=choices.PARTICIPANTS),
    Field("name", N_("Their name"), required=True),
    Field("contact", N_("Way to reach them")),
    Field("people", N_("People"), "count"),
    Field("service", N_("What they do"), "long"),
    Field("since_on", N_("Takes part since"), "day"),
    Field("until_on", N_("Takes part until"), "day"),
)
_ENDED = Field("ended_on", N_("Ended on"), "day")


def _dissolved(row: Any) -> str:
    return _("It ended on {day} already.").format(day=row.dissolved_on) if row.dissolved_on else ""


def _left(row: Any) -> str:
    return _("It ended on {day} already.").format(day=row.left_on) if row.left_on else ""


REGISTER: tuple[Act, ...] = (
    Act(
        "add_community",
        N_("Enter a community"),
        N_("Enters a community with its residents' committee into the register."),
        verbs.add_community,
        fields=(*_COMMUNITY, Field("unit", N_("County or zone"), "record", of="unit")),
        why_not=may_write("community"),
    ),
    Act(
        "edit_community",
        N_("Correct"),
        N_("Corrects the community's particulars; its history keeps what they were."),
        verbs.edit_community,
        subject="community",
        fields=_COMMUNITY,
        preset=held("community", _COMMUNITY),
    ),
    Act(
        "found_committee",
        N_("Found a committee"),
        N_("Founds the environment and property committee under the residents' committee."),
        verbs.found_committee,
        subject="community",
        fields=_COMMITTEE,
    ),
    Act(
        "adopt_covenant",
        N_("Add a covenant"),
        N_("Keeps a covenant of the community with its text."),
        verbs.adopt_covenant,
        subject="community",
        fields=_COVENANT,
    ),
    Act(
        "add_participant",
        N_("Add a participant"),
        N_("Enters a social organisation, volunteers or others who take part."),
        verbs.add_participant,
        subject="community",
        fields=_PARTICIPANT,
    ),
    Act(
        "merge_community",
        N_("Note that it was merged"),
        N_("From that day on the community is counted no more; all its records stay."),
        verbs.merge_community,
        subject="community",
        fields=(ON, Field("into", N_("Merged into"), "record", of="community")),
    ),
    withdrawal("community", N_("Withdraw the community"), verbs.withdraw_community),
    Act(
        "add_grid",
        N_("Enter a grid"),
        N_("Enters a grid under the grid of the level above: city, county, street, community, grid."),
        verbs.add_grid,
        fields=(*_GRID, Field("unit", N_("County or zone"), "record", of="unit")),
        why_not=may_write("grid"),
    ),
    Act(
        "edit_grid",
        N_("Correct"),
        N_("Corrects the grid, its superior or its grid worker."),
        verbs.edit_grid,
        subject="grid",
        fields=_GRID,
        preset=held("grid", _GRID),
    ),
    withdrawal("grid", N_("Withdraw the grid"), verbs.withdraw_grid),
    Act(
        "add_member",
        N_("Add a member"),
        N_("Puts a member on the committee; the share of Party members is counted anew."),
        verbs.add_member,
        subject="committee",
        fields=_MEMBER,
    ),
    Act(
        "edit_committee",
        N_("Correct"),
        N_("Corrects the committee's particulars."),
        verbs.edit_committee,
        subject="committee",
        fields=_COMMITTEE,
        preset=held("committee", _COMMITTEE),
    ),
    Act(
        "dissolve_committee",
        N_("Note that it ended"),
        N_("From that day on the community has no committee until another is founded."),
        verbs.dissolve_committee,
        subject="committee",
        fields=(ON, Field("why", N_("Reason"), "long", required=True)),
        preset=todays("on"),
        why_not=where("committee", _dissolved),
    ),
    withdrawal("committee", N_("Withdraw the committee")),
    Act(
        "edit_member",
        N_("Correct"),
        N_("Corrects the member's particulars, also several categories for one person."),
        verbs.edit_member,
        subject="committee_member",
        fields=_MEMBER,
        preset=held("committee_member", _MEMBER),
    ),
    Act(
        "member_leaves",
        N_("Note that the member left"),
        N_("From that day on the person counts no more; the share of Party members is counted anew."),
        verbs.member_leaves,
        subject="committee_member",
        fields=(ON,),
        preset=todays("on"),
        why_not=where("committee_member", _left),
    ),
    withdrawal("committee_member", N_("Withdraw the member")),
    Act(
        "edit_covenant",
        N_("Correct"),
        N_("Corrects the covenant, or notes the first day on which it holds no more."),
        verbs.edit_covenant,
        subject="covenant",
        fields=(*_COVENANT, _ENDED),
        preset=held("covenant", (*_COVENANT, _ENDED)),
    ),
    withdrawal("covenant", N_("Withdraw the covenant")),
    Act(
        "edit_participant",
        N_("Correct"),
        N_("Corrects the participant, or notes the first day on which they take part no more."),
        verbs.edit_participant,
        subject="participant",
        fields=_PARTICIPANT,
        preset=held("participant", _PARTICIPANT),
    ),
    withdrawal("participant", N_("Withdraw the participant")),
)
