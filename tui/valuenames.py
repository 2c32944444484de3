"""What values of closed lists are called where no form of a room offers them (msgids)."""

from __future__ import annotations

from collections.abc import Mapping

from models.inspections import rules

CHOSEN: dict[tuple[str, str], Mapping[str, str]] = {
    ("answer", "result"): rules.RESULTS,
    ("custody", "action"): rules.CUSTODY_ACTIONS,
    ("evidence", "form"): rules.FORMS,
    ("evidence", "kind"): rules.EVIDENCE_KINDS,
    ("finding", "severity"): rules.SEVERITIES,
    ("inspection", "avoidance"): rules.AVOIDANCE,
    ("inspection", "signed"): rules.SIGNATURES,
    ("inspection", "source"): rules.SOURCES,
    ("inspection", "state"): rules.STATES,
    ("measurement", "verdict"): rules.VERDICTS,
    ("statement", "kind"): rules.STATEMENT_KINDS,
}
"""Kind of record and field to its values and their words."""
