"""The records of a damage case (生态环境损害赔偿案件), from the clue on.

Where a case stands is never kept as a field: it follows from its steps by their legal dates
(`stages.progress`), so that every statistic can be taken as of any day. Days are YYYY-MM-DD in
China, money integer cents.
"""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, IntegerField, Record, TextField, record
from models.store.search_terms import initials


@record("clue", version=1, search=("number", "description", "party", "place"))
class Clue(Record):
    """What may become a case (线索); 30 days to check."""

    number = TextField(null=True, index=True)
    source = TextField(null=True)
    """One of `clues.SOURCES`."""
    description = TextField(null=True)
    party = TextField(null=True)
    """Who may be liable, by name."""
    party_code = TextField(null=True)
    """Unified social credit code; empty for a person or where not known."""
    site = TextField(null=True, index=True)
    place = TextField(null=True)
    occurred_on = TextField(null=True)
    """Day of the violation; chooses the versions of law and limits."""
    received_on = TextField(null=True)
    marine = BooleanField(null=True)
    """Whether the damaged place lies in the sea."""
    red_line = BooleanField(null=True)
    """Whether it lies within an ecological protection red line."""
    elements = TextField(null=True)
    """Comma-joined of `clues.ELEMENTS`."""
    facts = TextField(null=True)
    """What of the damage is known: measurements over their limits, findings."""
    inspection = TextField(null=True, index=True)
    """The inspection it came from."""
    finding = TextField(null=True)
    """The finding or measurement it came from."""
    penalty_case = TextField(null=True, index=True)
    upward_report = TextField(null=True)
    """The grid's report it came from."""
    checked_on = TextField(null=True)
    checker = TextField(null=True)
    check_text = TextField(null=True)
    outcome = TextField(null=True)
    """"start", "not_start", "marine" (to the marine channel) or "elsewhere" (not for this procedure)."""
    decided_on = TextField(null=True)
    approver = TextField(null=True)
    no_start_reason = TextField(null=True)
    """One of `clues.NO_START`."""
    decision_note = TextField(null=True)
    told_procuratorate_on = TextField(null=True)
    """When the procuratorate that handed it over was told of the decision not to start."""
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the party."""
        return {"initials": initials(values.get("party") or "")}


@record("damage_case", version=1, search=("number", "title", "party", "place"))
class DamageCase(Record):
    """One damage case; `unit` is the unit that handles it (具体承办)."""

    number = TextField(null=True, index=True)
    title = TextField(null=True)
    clue = TextField(null=True, index=True)
    penalty_case = TextField(null=True, index=True)
    right_holder = TextField(null=True)
    """赔偿权利人: the city's government."""
    body = TextField(null=True)
    """指定部门: the department that acts for it."""
    handler = TextField(null=True)
    """具体承办, in words."""
    lead_officer = TextField(null=True)
    helper_officer = TextField(null=True)
    party = TextField(null=True, index=True)
    """赔偿义务人, by name."""
    party_code = TextField(null=True, index=True)
    party_person = TextField(null=True)
    """Its legal representative, or the person's own name."""
    party_address = TextField(null=True)
    party_phone = TextField(null=True)
    site = TextField(null=True, index=True)
    place = TextField(null=True)
    town = TextField(null=True)
    """乡镇（街道）."""
    latitude = TextField(null=True)
    longitude = TextField(null=True)
    tag = TextField(null=True)
    """面山、临江、濒海: "mountain", "river" or "sea"."""
    red_line = BooleanField(null=True)
    water_source = BooleanField(null=True)
    """Whether it lies within a drinking-water source protection zone."""
    elements = TextField(null=True)
    act = TextField(null=True)
    """What was done, in words."""
    violated = TextField(null=True)
    """The provision that was violated, in words."""
    pollutants = TextField(null=True)
    extent = TextField(null=True)
    """Area, length or volume that is damaged, in words with units."""
    baseline = TextField(null=True)
    causation = TextField(null=True)
    emergency = TextField(null=True)
    """What was done at once, and what it cost, in words."""
    occurred_on = TextField(null=True)
    found_on = TextField(null=True)
    grounds = TextField(null=True)
    """Comma-joined of `clues.GROUNDS`."""
    approver = TextField(null=True)
    simple = BooleanField(null=True)
    """Simple-case track (简单案件)."""
    method = TextField(null=True)
    """"experts" (专家意见), "appraisal" (鉴定评估) or "combined" (综合认定)."""
    major = BooleanField(null=True)
    reply_days = IntegerField(null=True)
    """Days that the consultation notice gives for an answer."""
    agreed_cents = IntegerField(null=True)
    """What the agreement sets, in cents."""
    perform_by = TextField(null=True)
    """Last day of performance by the agreement."""
    guiding_section = TextField(null=True)
    """Of a unit's first case: the section that guides it (R021)."""
    guiding_person = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of title and party."""
        return {"initials": initials(f"{values.get('title') or ''}{values.get('party') or ''}")}


@record("case_step", version=1, search=("reason",), owner="case")
class CaseStep(Record):
    """One step of a case with its legal date; steps are never changed, only withdrawn with a reason."""

    case = TextField(null=True, index=True)
    step = TextField(null=True)
    """One of `stages.STEPS`."""
    on = TextField(null=True)
    """Legal date."""
    to = TextField(null=True)
    """For "back": the stage that it goes back to."""
    reason = TextField(null=True)
    officer = TextField(null=True)

    class Meta:
        indexes = ((("case", "on"), False),)


@record("case_paper", version=1, search=("number", "title", "note"), owner="case")
class CasePaper(Record):
    """A paper of a case or a clue: that it exists, its number and days. `models.documents` makes its text."""

    case = TextField(null=True, index=True)
    """Record id of the damage case, clue or penalty case."""
    kind = TextField(null=True)
    """One of `stages.papers()`."""
    number = TextField(null=True)
    """文号, where the server or the bureau gave one."""
    title = TextField(null=True)
    dated_on = TextField(null=True)
    served_on = TextField(null=True)
    """For what is served (送达): the day of service."""
    served_to = TextField(null=True)
    served_how = TextField(null=True)
    """One of `stages.SERVICE`."""
    signers = TextField(null=True)
    """Who signed, names joined by 、."""
    note = TextField(null=True)
    evidence = TextField(null=True)
    """Record id of the evidence that holds its scan."""
    content = TextField(null=True)
    """What this paper says beyond the case: free text."""


@record("meeting", version=1, search=("place", "present", "minutes"), owner="case")
class Meeting(Record):
    """One meeting of a consultation (磋商会议)."""

    case = TextField(null=True, index=True)
    round = IntegerField(null=True)
    """Which consultation of the case: 1, and 2 after one was opened again."""
    count = IntegerField(null=True)
    """第几次: 1, 2, 3."""
    held_on = TextField(null=True)
    place = TextField(null=True)
    present = TextField(null=True)
    """Who came, names joined by 、."""
    host = TextField(null=True)
    minutes = TextField(null=True)
    result = TextField(null=True)
    """"agreed", "continue" or "refused"."""
    extra_reason = TextField(null=True)
    """Why there is one beyond the number that the rules provide."""
    approver = TextField(null=True)


@record("loss", version=1, search=("item", "basis"), owner="case")
class Loss(Record):
    """One item of the damage, under one of the five heads of 民法典1235."""

    case = TextField(null=True, index=True)
    head = TextField(null=True)
    """One of `losses.HEADS`."""
    item = TextField(null=True)
    quantity = TextField(null=True)
    """Decimal text."""
    quantity_unit = TextField(null=True)
    price_cents = IntegerField(null=True)
    cents = IntegerField(null=True)
    basis = TextField(null=True)
    """How it was computed."""
    way = TextField(null=True)
    """"pay" 缴款, "self" 自行修复 or "substitute" 替代修复."""


@record("case_issue", version=1, search=("text", "solution"), owner="case")
class CaseIssue(Record):
    """问题单: a difficulty in a case (R033)."""

    case = TextField(null=True, index=True)
    stage = TextField(null=True)
    text = TextField(null=True)
    person = TextField(null=True)
    raised_on = TextField(null=True)
    solved_on = TextField(null=True)
    solution = TextField(null=True)


@record("case_transfer", version=1, search=("letter_number", "reason"), owner="case")
class CaseTransfer(Record):
    """移送管辖: the case goes over to another unit, with all that belongs to it."""

    case = TextField(null=True, index=True)
    from_unit = TextField(null=True)
    to_unit = TextField(null=True)
    on = TextField(null=True)
    """Day of the letter."""
    reason = TextField(null=True)
    letter_number = TextField(null=True)
    """移送函文号."""
    approver = TextField(null=True)


@record("case_guidance", version=1, search=("question", "advice"), owner="case")
class CaseGuidance(Record):
    """指导记录: what the guiding section or expert advised in a unit's first case (R021)."""

    case = TextField(null=True, index=True)
    stage = TextField(null=True)
    on = TextField(null=True)
    question = TextField(null=True)
    advice = TextField(null=True)
    person = TextField(null=True)
