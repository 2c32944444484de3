"""Who may write and read which kind of record: the one table.

Verbs ask it on the laptop (`keeping.allow`), the server asks it of every entry that is sent or fetched, and
`docs/roles.md` is made from it. What each role may do at all is `data/roles.toml`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from models.language import N_, translate

NO_GRID_WORKERS = "国办发〔2024〕54号"

RIGHTS: dict[str, str] = {
    "inspect": N_("inspect and write inspection records"),
    "patrol": N_("patrol, dissuade and report"),
    "handle_cases": N_("handle cases"),
    "approve": N_("approve"),
    "review": N_("review papers before they are issued"),
    "assess": N_("give expert opinions"),
    "fund": N_("keep the fund's books"),
    "dispatch": N_("assign, score and dispatch"),
    "supervise": N_("run routine inspections (督察)"),
    "community": N_("keep communities and committees"),
    "outreach": N_("keep outreach and training"),
    "edit_sites": N_("change the register of sites"),
    "edit_officers": N_("change the register of officers"),
    "see_inspections": N_("read inspections"),
    "see_cases": N_("read cases"),
    "see_community": N_("read community work"),
    "see_complainant": N_("read who reported something"),
    "audit": N_("read the logs"),
    "administer_county": N_("administer a county"),
    "administer_city": N_("administer the city"),
}
"""Every right with its words."""
READING = frozenset(right for right in RIGHTS if right.startswith("see_")) | {"audit"}
"""Rights that write nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of record."""

    kind: str
    write: tuple[str, ...]
    """Rights of which one is enough for writing it; none: nobody but by the rules of its own verbs."""
    read: tuple[str, ...] = ()
    """Rights of which one is enough for reading it; none: all with the unit read it."""
    basis: str = ""


_INSPECTION = ("inspection", "answer", "finding", "measurement", "evidence", "custody", "statement")
_CASE = (
    ("clue", ("handle_cases", "dispatch")),
    ("damage_case", ("handle_cases",)),
    ("case_step", ("handle_cases",)),
    ("case_paper", ("handle_cases", "review")),
    ("meeting", ("handle_cases",)),
    ("loss", ("handle_cases",)),
    ("case_issue", ("handle_cases", "dispatch")),
    ("case_guidance", ("handle_cases", "dispatch")),
    ("penalty_case", ("handle_cases",)),
    ("screening", ("handle_cases",)),
    ("handover", ("handle_cases", "dispatch")),
    ("reminder", ("handle_cases", "dispatch")),
    ("expert_draw", ("handle_cases",)),
    ("opinion", ("assess", "handle_cases")),
    ("deliberation", ("handle_cases",)),
    ("supervision", ("handle_cases",)),
    ("restoration", ("handle_cases",)),
    ("restoration_amount", ("handle_cases",)),
    ("restoration_visit", ("handle_cases",)),
    ("restoration_guidance", ("handle_cases",)),
    ("fund_entry", ("fund",)),
)
_COMMUNITY = (
    ("community", ("community",)),
    ("committee", ("community",)),
    ("committee_member", ("community",)),
    ("covenant", ("community",)),
    ("participant", ("community",)),
    ("grid", ("community",)),
    ("patrol", ("patrol",)),
    ("patrol_answer", ("patrol",)),
    ("upward_report", ("patrol", "community")),
    ("complaint", ("patrol", "community")),
    ("mediation", ("patrol", "community")),
)
_CITY = (
    ("task", ("dispatch",)),
    ("score", ("dispatch",)),
    ("bulletin", ("dispatch",)),
    ("ranking", ("dispatch",)),
    ("round", ("supervise", "dispatch")),
    ("rectification", ("supervise", "dispatch")),
    ("transferred_complaint", ("supervise", "dispatch", "handle_cases")),
    ("education_base", ("outreach",)),
    ("activity", ("outreach", "community", "patrol")),
    ("carbon_figure", ("outreach",)),
    ("exemplar", ("outreach",)),
    ("publicity", ("outreach",)),
    ("training", ("outreach", "dispatch")),
    ("attendance", ("outreach", "dispatch")),
)

TABLE: tuple[Row, ...] = (
    Row("officer", ()),  # its own rule: registry.verbs.allow_officer_change
    Row("site", ("edit_sites",)),
    Row("expert", ("edit_officers", "dispatch")),
    Row("restoration_base", ("handle_cases", "dispatch")),
    *(Row(kind, ("inspect",), ("see_inspections",), NO_GRID_WORKERS) for kind in _INSPECTION),
    Row("amendment", ("inspect",), ("see_inspections",), NO_GRID_WORKERS),
    Row("complainant", ("inspect",), ("see_complainant",), NO_GRID_WORKERS),
    *(Row(kind, write, ("see_cases",)) for kind, write in _CASE),
    *(Row(kind, write, ("see_community",)) for kind, write in _COMMUNITY),
    Row("reporter", ("patrol", "community", "handle_cases"), ("see_complainant",)),
    *(Row(kind, write) for kind, write in _CITY),
)
_BY_KIND = {row.kind: row for row in TABLE}


def of(kind: str) -> Row:
    """The row of a kind; one that the table does not know is written by nobody."""
    return _BY_KIND.get(kind, Row(kind, ()))


def may_write(may: Collection[str], kind: str) -> bool:
    """Whether somebody with these rights may write records of a kind."""
    return any(right in may for right in of(kind).write)


def may_read(may: Collection[str], kind: str) -> bool:
    """Whether somebody with these rights may read records of a kind."""
    need = of(kind).read
    return not need or any(right in may for right in need)


def right_label(right: str) -> str:
    """A right in the reader's language."""
    return translate(RIGHTS.get(right, right))


__all__ = ["READING", "RIGHTS", "TABLE", "Row", "may_read", "may_write", "of", "right_label"]
