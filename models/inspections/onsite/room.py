"""The room of on-site papers: interviews, measures on the spot, their papers, service."""

from __future__ import annotations

from models.inspections.onsite import lists, queries, sheets
from models.inspections.onsite.acts import ACTS
from models.language import N_
from models.rooms import Column, Listing, Room

_MEASURE = (
    Column(N_("Measure on the spot"), 14),
    Column(N_("State"), 10),
    Column(N_("Party"), 0),
    Column(N_("Until"), 10),
    Column(N_("Reason"), 30, from_width=100),
    Column(N_("Number"), 30, from_width=136),
)
ROOM = Room(
    name="onsite",
    title=N_("On-site papers"),
    listings=(
        Listing(
            "interviews",
            N_("Interviews"),
            "interview",
            (
                Column(N_("State"), 8),
                Column(N_("Person asked"), 0),
                Column(N_("Began"), 16),
                Column(N_("Cause of the case"), 26, from_width=90),
                Column(N_("Number"), 30, from_width=126),
            ),
            queries.find_interviews,
            lists.interview_lines,
            N_("No interview yet. Begin one here, or from an inspection."),
        ),
        Listing(
            "running",
            N_("Measures in force"),
            "measure",
            _MEASURE,
            lists.running_ids,
            lists.measure_lines,
            N_("Nothing is registered, sealed up or seized now."),
        ),
        Listing(
            "measures",
            N_("All measures"),
            "measure",
            _MEASURE,
            queries.find_measures,
            lists.measure_lines,
            N_("No measure yet. Ask for one here, or from an inspection."),
        ),
        Listing(
            "papers",
            N_("Papers of measures"),
            "measure_paper",
            (
                Column(N_("State"), 8),
                Column(N_("Paper"), 24),
                Column(N_("Party"), 0),
                Column(N_("Official number"), 24, from_width=76),
                Column(N_("Number"), 32, from_width=126),
            ),
            queries.find_papers,
            lists.paper_lines,
            N_("No paper yet. Open a measure and draw one up."),
        ),
        Listing(
            "services",
            N_("Proofs of service"),
            "service",
            (
                Column(N_("State"), 8),
                Column(N_("Receiver"), 0),
                Column(N_("Served at"), 16),
                Column(N_("Way of service"), 16, from_width=76),
                Column(N_("Number"), 30, from_width=116),
            ),
            queries.find_services,
            lists.service_lines,
            N_("No service yet. Open a paper and serve it, or begin one here."),
        ),
    ),
    acts=ACTS,
    sheets={
        "interview": sheets.interview_sheet,
        "question": sheets.question_sheet,
        "measure": sheets.measure_sheet,
        "measure_item": sheets.item_sheet,
        "measure_paper": sheets.paper_sheet,
        "service": sheets.service_sheet,
        "served_paper": sheets.served_sheet,
    },
    summary=lists.summary,
)
