"""The records of a penalty case (行政处罚案件) and of its link to compensation (双案并处).

Fine and compensation stand in different records and are never added up: 罚款 and 赔偿 are no offset (R028).
Days are YYYY-MM-DD in China, money integer cents.
"""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, IntegerField, Record, TextField, record
from models.store.search_terms import initials


@record(
    "penalty_case",
    version=1,
    search=("number", "title", "party", "act", "notice_number", "decision_number"),
)
class PenaltyCase(Record):
    """One penalty case; where it stands follows from its dates (`rules.state`)."""

    number = TextField(null=True, index=True)
    """立案号: the bureau's, or one made offline."""
    title = TextField(null=True)
    """案由."""
    party = TextField(null=True, index=True)
    party_code = TextField(null=True, index=True)
    """Unified social credit code, or a person's citizen number."""
    party_person = TextField(null=True)
    """Legal representative."""
    party_address = TextField(null=True)
    party_phone = TextField(null=True)
    site = TextField(null=True, index=True)
    source = TextField(null=True)
    """One of `rules.SOURCES`."""
    inspection = TextField(null=True, index=True)
    """The inspection it came from."""
    lead_officer = TextField(null=True)
    helper_officer = TextField(null=True)
    occurred_on = TextField(null=True)
    ended_on = TextField(null=True)
    """For a violation that went on: its last day, from which its limitation runs."""
    grave = BooleanField(null=True)
    """涉及公民生命健康安全且有危害后果: limitation of five years."""
    found_on = TextField(null=True)
    filed_on = TextField(null=True)
    """立案."""
    act = TextField(null=True)
    """What was done, in words (案情简介)."""
    violated = TextField(null=True)
    """The provision that was violated, in words."""
    opinion = TextField(null=True)
    """承办人意见."""
    monitoring_report_on = TextField(null=True)
    """取得监测报告: from it the order to correct is due."""
    correction_number = TextField(null=True)
    correction_served_on = TextField(null=True)
    """责令改正违法行为决定书送达."""
    reviewed_on = TextField(null=True)
    """复查."""
    notice_number = TextField(null=True)
    notice_served_on = TextField(null=True)
    """处罚告知书送达."""
    waived_on = TextField(null=True)
    """The party gave up statement, defence and hearing (明确放弃)."""
    hearing_asked_on = TextField(null=True)
    hearing_told_on = TextField(null=True)
    """听证通知."""
    hearing_on = TextField(null=True)
    """Day of the hearing; may be planned."""
    excluded_days = IntegerField(null=True)
    """Days that do not count towards the decision: hearing, public notice, monitoring, appraisal."""
    extended_days = IntegerField(null=True)
    """Days by which the time for the decision was extended."""
    excluded_reason = TextField(null=True)
    decided_on = TextField(null=True)
    decision_number = TextField(null=True)
    outcome = TextField(null=True)
    """One of `rules.OUTCOMES`."""
    measures = TextField(null=True)
    """处罚种类和内容, in words."""
    decision_note = TextField(null=True)
    """Why there is no penalty, or to whom the case went."""
    fine_cents = IntegerField(null=True)
    confiscated_cents = IntegerField(null=True)
    decision_served_on = TextField(null=True)
    paid_on = TextField(null=True)
    closed_on = TextField(null=True)
    """结案."""
    close_note = TextField(null=True)
    """Where a fine was not paid: how the case ended nevertheless."""
    taken_back = TextField(null=True)
    """Why an entry of the case was taken back; the history holds what it was."""
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of title and party."""
        return {"initials": initials(f"{values.get('title') or ''}{values.get('party') or ''}")}


@record("screening", version=1, search=("reason",), owner="penalty_case")
class Screening(Record):
    """赔偿启动条件筛查: whether the case also calls for compensation; the latest one counts."""

    penalty_case = TextField(null=True, index=True)
    result = TextField(null=True)
    """One of `rules.RESULTS`."""
    ground = TextField(null=True)
    """Of `damage.clues.GROUNDS` for a start, of `NO_START` for none."""
    reason = TextField(null=True)
    person = TextField(null=True)
    """Who screened, by name."""
    on = TextField(null=True)
    clue = TextField(null=True, index=True)
    """The clue that it made or found."""


@record("handover", version=1, search=("letter_number", "case_number", "case_title", "party", "receiver"))
class Handover(Record):
    """线索移送: a penalty case's clue to the county branch that is to claim.

    Its unit is the receiving one, which has to read and sign it and need not hold the penalty case; so the
    facts by which the receiver knows the case are kept here too.
    """

    penalty_case = TextField(null=True, index=True)
    clue = TextField(null=True, index=True)
    from_unit = TextField(null=True)
    to_unit = TextField(null=True)
    case_number = TextField(null=True)
    case_title = TextField(null=True)
    party = TextField(null=True)
    letter_number = TextField(null=True)
    """移送函文号."""
    sent_on = TextField(null=True)
    sender = TextField(null=True)
    due = TextField(null=True)
    """核查截止日 where the letter sets one."""
    received_on = TextField(null=True)
    receiver = TextField(null=True)
    """Who signed for it, by name."""


@record("reminder", version=1, search=("text",), owner="handover")
class Reminder(Record):
    """督促记录: the receiving unit was reminded."""

    handover = TextField(null=True, index=True)
    on = TextField(null=True)
    by = TextField(null=True)
    """Who reminded, by name."""
    text = TextField(null=True)
