"""The records of community work: who and where, what grid workers saw and did, what residents brought.

A patrol is no inspection: its records are of kinds of their own, and no inspection is ever made from one.
Days are YYYY-MM-DD in China, moments ms since 1970 UTC.
"""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, IntegerField, Record, TextField, record
from models.store.search_terms import initials


@record("community", version=1, search=("name", "street", "secretary"))
class Community(Record):
    """A community (社区) with its residents' committee (居民委员会)."""

    name = TextField(null=True, index=True)
    street = TextField(null=True)
    """街道办事处（乡镇人民政府） that it stands under."""
    residents_committee = TextField(null=True)
    """Name of its residents' committee; empty where it is the community's name with 居民委员会."""
    secretary = TextField(null=True)
    """Secretary of its Party branch."""
    phone = TextField(null=True)
    founded_on = TextField(null=True)
    """Empty where not known: it then counts from ever."""
    merged_on = TextField(null=True)
    """First day on which it stands no more."""
    merged_into = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}

    @property
    def leads(self) -> str:
        """Name of the residents' committee, under which committee and grids work."""
        return self.residents_committee or f"{self.name or ''}居民委员会"


@record("grid", version=1, search=("name", "code", "worker_name"))
class Grid(Record):
    """A grid (网格) of one of five levels, under the grid of the level above."""

    code = TextField(null=True, index=True)
    name = TextField(null=True)
    level = TextField(null=True)
    """One of `choices.LEVELS`."""
    superior = TextField(null=True, index=True)
    """The grid of the level above; none for the city's."""
    community = TextField(null=True, index=True)
    """For the two lowest levels."""
    worker = TextField(null=True, index=True)
    """Officer record of its grid worker, where there is one."""
    worker_name = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the name."""
        return {"initials": initials(values.get("name") or "")}


@record("committee", version=1, search=(), parent="community")
class Committee(Record):
    """An environment and property committee (环境和物业管理委员会) under a residents' committee."""

    community = TextField(null=True, index=True)
    founded_on = TextField(null=True)
    led_by = TextField(null=True)
    """The residents' committee that leads it."""
    term = TextField(null=True)
    """届次, in words."""
    term_until = TextField(null=True)
    dissolved_on = TextField(null=True)
    """First day on which it stands no more."""
    dissolved_why = TextField(null=True)
    note = TextField(null=True)


@record("committee_member", version=1, search=("name", "expertise"), parent="committee")
class CommitteeMember(Record):
    """A member (委员) of a committee; may be several things at once (一人多角色)."""

    committee = TextField(null=True, index=True)
    name = TextField(null=True)
    officer = TextField(null=True, index=True)
    """Officer record of the person, where there is one."""
    duty = TextField(null=True)
    """主任, 副主任 or 委员."""
    categories = TextField(null=True)
    """Comma-joined of `choices.CATEGORIES`."""
    party_member = BooleanField(null=True)
    expertise = TextField(null=True)
    joined_on = TextField(null=True)
    left_on = TextField(null=True)
    """First day on which the person is no member any more."""


@record("covenant", version=1, search=("title", "text"), parent="community")
class Covenant(Record):
    """A covenant of the community (社区规约)."""

    community = TextField(null=True, index=True)
    title = TextField(null=True)
    text = TextField(null=True)
    adopted_on = TextField(null=True)
    adopted_by = TextField(null=True)
    ended_on = TextField(null=True)


@record("participant", version=1, search=("name", "service"), parent="community")
class Participant(Record):
    """Who else takes part: residents' committee, social organisation, volunteers, property company."""

    community = TextField(null=True, index=True)
    kind = TextField(null=True)
    """One of `choices.PARTICIPANTS`."""
    name = TextField(null=True)
    contact = TextField(null=True)
    people = IntegerField(null=True)
    service = TextField(null=True)
    """What they do."""
    since_on = TextField(null=True)
    until_on = TextField(null=True)


@record("patrol", version=1, search=("number", "whom_name", "place", "result"))
class Patrol(Record):
    """One patrol (社区巡查) of a grid: whom it looked at, which of the seven actions, and what came of it."""

    number = TextField(null=True, index=True)
    grid = TextField(null=True, index=True)
    community = TextField(null=True, index=True)
    by = TextField(null=True)
    """Officer record of who patrolled."""
    on = TextField(null=True, index=True)
    began_at = IntegerField(null=True)
    whom = TextField(null=True)
    """One of `choices.OBJECTS`."""
    whom_name = TextField(null=True)
    place = TextField(null=True)
    item = TextField(null=True)
    """The item of the grid's checklist that it is about; sets what may be done at most."""
    action = TextField(null=True)
    """One of `choices.ACTIONS`."""
    manner = TextField(null=True)
    """One of `choices.MANNERS`."""
    problem_class = TextField(null=True)
    """One of `choices.CLASSES`; empty where nothing was wrong."""
    outcome = TextField(null=True)
    """One of `choices.OUTCOMES`."""
    result = TextField(null=True)
    first_seen_at = IntegerField(null=True)
    """When the problem was first seen."""

    class Meta:
        indexes = ((("grid", "on", "id"), False), (("community", "on"), False))


@record("patrol_answer", version=1, search=("note",), parent="patrol")
class PatrolAnswer(Record):
    """The answer to one item of the grid's checklist; its id follows from patrol and item."""

    patrol = TextField(null=True, index=True)
    item = TextField(null=True)
    result = TextField(null=True)
    """"ok" 未发现问题, "problem" 发现问题, "na" 不涉及."""
    note = TextField(null=True)


@record("upward_report", version=1, search=("number", "what", "place", "received_by"))
class UpwardReport(Record):
    """A report to a superior grid or a department (向上级网格报告).

    Its id follows from what is reported to whom (`rules.report_key`), so that two devices which report one
    thing offline write one record.
    """

    number = TextField(null=True, index=True)
    key = TextField(null=True, index=True)
    """What is reported to whom: `rules.report_key`."""
    from_grid = TextField(null=True, index=True)
    to_grid = TextField(null=True, index=True)
    to_department = TextField(null=True)
    """Key of `departments.toml`."""
    community = TextField(null=True, index=True)
    patrol = TextField(null=True, index=True)
    item = TextField(null=True)
    complaint = TextField(null=True, index=True)
    from_report = TextField(null=True, index=True)
    """The report that is passed on by this one."""
    what = TextField(null=True)
    place = TextField(null=True)
    problem_class = TextField(null=True)
    first_seen_at = IntegerField(null=True)
    sent_at = IntegerField(null=True)
    sent_by_way = TextField(null=True)
    """One of `choices.WAYS`."""
    received_at = IntegerField(null=True)
    received_by = TextField(null=True)
    closed_on = TextField(null=True)
    result = TextField(null=True)
    clue = TextField(null=True, index=True)
    """The clue of a damage case that it became."""


@record("complaint", version=1, search=("number", "about", "place", "result"))
class Complaint(Record):
    """A resident's complaint or report (投诉举报). Who brought it stands in `Reporter`, apart."""

    number = TextField(null=True, index=True)
    community = TextField(null=True, index=True)
    grid = TextField(null=True)
    about = TextField(null=True)
    place = TextField(null=True)
    problem_class = TextField(null=True)
    channel = TextField(null=True)
    """One of `choices.CHANNELS`."""
    real_name = BooleanField(null=True)
    """实名: it must be answered before it is closed."""
    received_on = TextField(null=True, index=True)
    handled_by = TextField(null=True)
    first_reply_on = TextField(null=True)
    reply_text = TextField(null=True)
    revisit_on = TextField(null=True)
    satisfied = BooleanField(null=True)
    revisit_text = TextField(null=True)
    transferred_to = TextField(null=True)
    transferred_on = TextField(null=True)
    result = TextField(null=True)
    closed_on = TextField(null=True)


@record("reporter", version=1, search=())
class Reporter(Record):
    """Who brought a complaint (生态环境法典 arts. 51, 146: kept confidential).

    As `models.inspections.tables.Complainant`: a kind of its own, in no search index and on no paper; read
    only through `privacy.reporter`; a server may withhold the whole kind by its name.
    """

    complaint = TextField(null=True, index=True)
    name = TextField(null=True)
    contact = TextField(null=True)
    words = TextField(null=True)


@record("mediation", version=1, search=("number", "demand", "agreement"))
class Mediation(Record):
    """Something coordinated between neighbours (协调单), with who of the four parties took part."""

    number = TextField(null=True, index=True)
    community = TextField(null=True, index=True)
    complaint = TextField(null=True, index=True)
    on = TextField(null=True)
    place = TextField(null=True)
    mediator = TextField(null=True)
    problem_class = TextField(null=True)
    parties = TextField(null=True)
    """The parties by name, joined by 、; never in the public version."""
    demand = TextField(null=True)
    owners = TextField(null=True)
    """"came" or "absent"; so for the other three of the four parties."""
    owners_reason = TextField(null=True)
    owners_committee = TextField(null=True)
    owners_committee_reason = TextField(null=True)
    government = TextField(null=True)
    government_reason = TextField(null=True)
    departments = TextField(null=True)
    departments_reason = TextField(null=True)
    result = TextField(null=True)
    """One of `choices.RESULTS`."""
    agreement = TextField(null=True)
    public = TextField(null=True)
    """The text that was made public."""
    published_on = TextField(null=True)
