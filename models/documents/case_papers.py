"""The papers of a damage case, stage by stage, filled from its records.

The city's own forms are not public. Fields follow 《生态环境损害赔偿管理规定》, GB/T 39791.1 and .2, and
法释〔2019〕8号 arts. 5, 6 and 20. What the records do not hold stays blank, to be filled in by hand; no paper
states a finding that no record holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from models.cases.damage import stages
from models.documents import case_closing as closing
from models.documents import case_finding as finding
from models.documents import case_settling as settling
from models.documents.case_facts import CaseFacts, gather_case
from models.documents.case_parts import own_words
from models.documents.official import official
from models.documents.paper import Block, Paper
from models.errors import BadInput
from models.language import N_, in_chinese, translate

if TYPE_CHECKING:
    from models.cases.damage.tables import CasePaper
    from models.store.seat import Seat

FOR_PARTY: dict[str, str] = {"party_information": N_("Information for the liable party")}
"""Papers that belong to no step of the procedure."""
FILLERS: dict[str, Callable[[CaseFacts], tuple[Block, ...]]] = {
    "start_approval": finding.start_approval,
    "procuratorate_notice": finding.procuratorate_notice,
    "investigation_plan": finding.investigation_plan,
    "damage_report": finding.damage_report,
    "expert_draw_record": finding.expert_draw,
    "commission": finding.commission,
    "expert_opinion": finding.opinion,
    "combined_finding": finding.combined,
    "deliberation_minutes": finding.deliberations,
    "consultation_notice": settling.consultation_notice,
    "service_receipt": settling.service,
    "meeting_notice": settling.meeting_notice,
    "meeting_minutes": settling.minutes,
    "failure_finding": settling.failure,
    "statement_of_claim": settling.claim,
    "agreement": settling.agreement,
    "restoration_plan": closing.restoration_plan,
    "payment_plan": settling.payment_plan,
    "confirmation_application": settling.confirmation,
    "performance_demand": closing.performance_demand,
    "stage_acceptance": closing.stage_acceptance,
    "supervision_record": closing.supervision,
    "guidance_record": closing.guidance,
    "evaluation_report": closing.evaluation,
    "care_statement": closing.care,
    "termination_approval": finding.termination,
    "closing_approval": closing.closing,
    "file_contents": closing.contents,
    "party_information": settling.party_information,
}
"""Kind of paper to what stands on it; those of courts and appraisers are entered, never written by us."""
NAMES: tuple[tuple[str, str], ...] = tuple(
    (kind, words) for kind, words in (*stages.PAPERS.items(), *FOR_PARTY.items()) if kind in FILLERS
)
"""The papers of a case with their names, in the order of the procedure."""


def case_paper(seat: Seat, case_id: str, kind: str, entered: CasePaper | None = None) -> Paper:
    """A paper of a case as a value.

    Args:
        kind: one of `NAMES`.
        entered: the entered paper that is wanted; its latest of the kind unless given.

    Raises:
        BadInput: there is no such case, or the paper is made by others.
    """
    if kind not in FILLERS:
        raise BadInput(N_("This paper is made by others: it is entered here, not written."))
    facts = gather_case(seat, case_id, entered)
    return in_chinese(lambda: _paper(seat, facts, kind))


def _paper(seat: Seat, facts: CaseFacts, kind: str) -> Paper:
    row = facts.paper(kind)
    return official(
        seat,
        translate(dict(NAMES)[kind]),
        (row.number if row is not None else None) or facts.number,
        (*FILLERS[kind](facts), *own_words(facts, kind)),
        row=facts.entered if facts.entered is not None and facts.entered.voided is not None else facts.case,
    )
