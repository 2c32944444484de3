"""The room of penalty cases: its lists, sheets and acts."""

from __future__ import annotations

from models.cases.penalty import sheets
from models.cases.penalty.acts import ACTS
from models.language import N_
from models.rooms import Column, Listing, Room

ROOM = Room(
    name="penalties",
    title=N_("Penalty cases"),
    listings=(
        Listing(
            "cases",
            N_("Penalty cases"),
            "penalty_case",
            (
                Column(N_("Party to the case"), 0),
                Column(N_("State of the case"), 15),
                Column(N_("Screening"), 12),
                Column(N_("Next limit"), 10),
                Column(N_("Filed on"), 10, from_width=90),
                Column(N_("Cause of the case"), 24, from_width=116),
                Column(N_("Case number"), 27, from_width=146),
            ),
            sheets.find_cases,
            sheets.case_lines,
            N_("No penalty case yet. Enter one, make one of an inspection, or take a file in."),
        ),
        Listing(
            "unscreened",
            N_("Without screening"),
            "penalty_case",
            (
                Column(N_("Filed on"), 10),
                Column(N_("Party to the case"), 0),
                Column(N_("Days since"), 6, right=True),
                Column(N_("Cause of the case"), 24, from_width=76),
                Column(N_("Case number"), 27, from_width=116),
            ),
            sheets.find_unscreened,
            sheets.unscreened_lines,
            N_("Every penalty case on file carries its screening."),
        ),
        Listing(
            "not_received",
            N_("Hand-overs not received"),
            "handover",
            (
                Column(N_("Sent on"), 10),
                Column(N_("To the branch"), 14),
                Column(N_("Party to the case"), 0),
                Column(N_("Days since"), 6, right=True),
                Column(N_("Reminders"), 9, right=True),
                Column(N_("Letter of hand-over"), 24, from_width=100),
            ),
            sheets.find_not_received,
            sheets.handover_lines,
            N_("Every hand-over is signed for."),
        ),
    ),
    acts=ACTS,
    sheets={
        "penalty_case": sheets.case_sheet,
        "screening": sheets.screening_sheet,
        "handover": sheets.handover_sheet,
        "reminder": sheets.reminder_sheet,
    },
    summary=sheets.summary,
)
