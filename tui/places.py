"""The places, and where their screens are: nothing is imported before it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from models.language import N_
from models.rooms import TITLES


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A screen by name."""

    title: str
    """msgid, shown in the bar."""
    module: str
    screen: str
    """Name of the class in the module."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """What it is always made with."""


PLACES: dict[str, PlaceEntry] = {
    "unlock": PlaceEntry(N_("Unlock"), "tui.screens.unlock", "UnlockScreen"),
    "today": PlaceEntry(N_("Today"), "tui.screens.today", "TodayScreen"),
    "inspections": PlaceEntry(N_("Inspections"), "tui.screens.inspections", "InspectionsScreen"),
    "new": PlaceEntry(N_("New inspection"), "tui.screens.new", "NewInspectionScreen"),
    "inspection": PlaceEntry(N_("Inspection"), "tui.screens.inspection", "InspectionScreen"),
    "facts": PlaceEntry(N_("Basic facts"), "tui.screens.inspection_form", "FactsScreen"),
    "finding": PlaceEntry(N_("Finding"), "tui.screens.finding", "FindingScreen"),
    "measurement": PlaceEntry(N_("Measured value"), "tui.screens.measurement", "MeasurementScreen"),
    "filling": PlaceEntry(N_("Filling in a form"), "tui.screens.form_filling", "FormFillingScreen"),
    "amendment": PlaceEntry(N_("Amendment"), "tui.screens.inspection_amend", "AmendmentScreen"),
    "evidence": PlaceEntry(N_("Evidence"), "tui.screens.evidence", "EvidenceScreen"),
    "describe": PlaceEntry(N_("Evidence in words"), "tui.screens.evidence_form", "EvidenceForm"),
    "custody": PlaceEntry(N_("Custody"), "tui.screens.evidence_form", "CustodyScreen"),
    "record": PlaceEntry(N_("Record"), "tui.screens.record", "RecordScreen"),
    "signatures": PlaceEntry(N_("Filling in the record"), "tui.screens.record_parts", "SignaturesScreen"),
    "interview": PlaceEntry(N_("Interview"), "tui.screens.interview", "InterviewScreen"),
    "statement": PlaceEntry(N_("Statement"), "tui.screens.record_parts", "StatementScreen"),
    **{
        name: PlaceEntry(title, "tui.screens.room", "RoomScreen", {"room": name})
        for name, title in TITLES.items()
    },
    "sheet": PlaceEntry(N_("Sheet"), "tui.screens.sheet", "SheetScreen"),
    "visit_sampling": PlaceEntry(
        N_("Sampling of the visit"), "tui.screens.visit_sampling", "VisitSamplingScreen"
    ),
    "act": PlaceEntry(N_("Form"), "tui.screens.act", "ActScreen"),
    "paper": PlaceEntry(N_("Paper"), "tui.screens.paper", "PaperScreen"),
    "history": PlaceEntry(N_("History"), "tui.screens.history", "HistoryScreen"),
    "chart": PlaceEntry(N_("Chart"), "tui.screens.chart", "ChartScreen"),
    "sync": PlaceEntry(N_("Sync"), "tui.screens.sync", "SyncScreen"),
    "settings": PlaceEntry(N_("Settings"), "tui.screens.settings", "SettingsScreen"),
    "tour": PlaceEntry(N_("First-day tour"), "tui.screens.tour", "TourScreen"),
}
"""Place name to its screen. `app.open_place(name, **arguments)` makes one with those arguments."""


def new_screen(name: str, **arguments: Any) -> Any:
    """A new screen of a place, its module imported now.

    Raises:
        KeyError: no such place.
    """
    entry = PLACES[name]
    return getattr(import_module(entry.module), entry.screen)(**entry.arguments, **arguments)
