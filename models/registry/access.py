"""Who may write and read which kind of record: the one table.

Verbs ask it on the laptop (`keeping.allow`), the server asks it of every entry that is sent or fetched, and
`docs/roles.md` is made from it. What each role may do at all is `data/roles.toml`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from models.language import N_, translate

NO_GRID_WORKERS = "国办发〔2024〕54号"

RIGHTS: dict[str, str] = {
    "inspect": N_("inspect and write inspection records"),
    "assign": N_("plan inspections for officers"),
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
NOT_FOR_GRID_WORKERS = frozenset({"inspect", "assign"})
"""Rights that who is a grid worker never has, whatever else they are (国办发〔2024〕54号)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of record."""

    kind: str
    write: tuple[str, ...]
    """Rights of which one is enough for writing it; none: nobody but by the rules of its own verbs."""
    read: tuple[str, ...] = ()
    """Rights of which one is enough for reading it; none: all with the unit read it."""
    basis: str = ""
    prepare: tuple[str, ...] = ()
    """Rights of which one is enough for beginning a record, as a plan, that others then write."""
    shared: bool = False
    """Whether who holds a unit for reading only writes such records in it all the same: the city keeps one
    pool, one task table and one course for all counties, which add to them."""

    @property
    def label(self) -> str:
        """What the records are, in the reader's language."""
        return translate(LABELS.get(self.kind, self.kind))


_VISIT = (
    *("answer", "finding", "measurement", "evidence", "custody", "statement", "amendment"),
    *("filled_form", "form_answer", "form_log", "sampling", "sample", "lab_report"),
)
_BRINGS_FORMS = ("inspect", "assign", "dispatch", "administer_county", "administer_city")
_ON_SITE = ("interview", "question", "measure_item")
_PAPERS = (
    ("measure", ("inspect", "approve")),
    ("measure_paper", ("inspect", "approve")),
    ("paper_number", ("inspect", "approve", "handle_cases")),
    ("service", ("inspect", "handle_cases")),
    ("served_paper", ("inspect", "handle_cases")),
)
_CASE = (
    ("clue", ("handle_cases", "dispatch")),
    ("damage_case", ("handle_cases",)),
    ("case_step", ("handle_cases",)),
    ("case_paper", ("handle_cases", "review")),
    ("meeting", ("handle_cases",)),
    ("loss", ("handle_cases",)),
    ("case_issue", ("handle_cases", "dispatch")),
    ("case_guidance", ("handle_cases", "dispatch")),
    ("case_transfer", ("approve",)),
    ("penalty_case", ("handle_cases",)),
    ("screening", ("handle_cases",)),
    ("handover", ("handle_cases", "dispatch")),
    ("reminder", ("handle_cases", "dispatch")),
    ("expert_draw", ("handle_cases",)),
    ("opinion", ("assess", "handle_cases")),
    ("opinion_expert", ("assess", "handle_cases")),
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
    ("task_report", ("dispatch", "handle_cases")),
    ("score", ("dispatch",)),
    ("bulletin", ("dispatch",)),
    ("ranking", ("dispatch",)),
    ("round", ("supervise", "dispatch")),
    ("rectification", ("supervise", "dispatch", "handle_cases")),
    ("rectification_note", ("supervise", "dispatch", "handle_cases")),
    ("transferred_complaint", ("supervise", "dispatch", "handle_cases")),
    ("education_base", ("outreach",)),
    ("activity", ("outreach", "community", "patrol")),
    ("carbon_figure", ("outreach",)),
    ("exemplar", ("outreach",)),
    ("publicity", ("outreach",)),
    ("awareness", ("outreach",)),
    ("training", ("outreach", "dispatch")),
    ("attendance", ("outreach", "dispatch")),
)
# reports on the city's tasks, who came to its courses, what counties hold at its bases and publish of it
_SHARED = ("task_report", "attendance", "activity", "publicity")

TABLE: tuple[Row, ...] = (
    Row("officer", ()),  # its own rule: registry.verbs.allow_officer_change
    Row("site", ("edit_sites",)),
    Row("permit_limit", ("edit_sites",)),
    Row("expert", ("edit_officers", "dispatch"), shared=True),
    Row("restoration_base", ("handle_cases", "dispatch")),
    *(Row(kind, _BRINGS_FORMS) for kind in ("form", "form_part")),
    Row("inspection", ("inspect",), ("see_inspections",), NO_GRID_WORKERS, prepare=("assign",)),
    *(Row(kind, ("inspect",), ("see_inspections",), NO_GRID_WORKERS) for kind in _VISIT),
    *(Row(kind, ("inspect",), ("see_inspections",), NO_GRID_WORKERS) for kind in _ON_SITE),
    *(Row(kind, write, ("see_inspections", "see_cases"), NO_GRID_WORKERS) for kind, write in _PAPERS),
    Row("complainant", ("inspect", "assign"), ("see_complainant",), NO_GRID_WORKERS),
    Row("site_class", ("edit_sites",)),
    Row("spot_draw", ("assign",), ("assign", "audit"), NO_GRID_WORKERS),  # secret before it is carried out
    Row("draw_notice", ("assign",), basis=NO_GRID_WORKERS),
    Row("assignment", ("assign",), ("see_inspections",), NO_GRID_WORKERS),
    Row("assignment_reply", ("inspect",), ("see_inspections",), NO_GRID_WORKERS),
    *(Row(kind, write, ("see_cases",)) for kind, write in _CASE),
    *(Row(kind, write, ("see_community",)) for kind, write in _COMMUNITY),
    Row("reporter", ("patrol", "community", "handle_cases"), ("see_complainant",)),
    Row("transferred_reporter", ("supervise", "dispatch", "handle_cases"), ("see_complainant",)),
    *(Row(kind, write, shared=kind in _SHARED) for kind, write in _CITY),
)
LABELS: dict[str, str] = {
    "officer": N_("persons of the register"),
    "site": N_("sites of the register"),
    "permit_limit": N_("limits of discharge permits"),
    "expert": N_("experts of the pool"),
    "restoration_base": N_("restoration bases"),
    "form": N_("forms that the bureau brought"),
    "form_part": N_("the contents of brought forms"),
    "inspection": N_("inspection records"),
    "answer": N_("answers to checklist items"),
    "finding": N_("findings of an inspection"),
    "measurement": N_("measurements of an inspection"),
    "evidence": N_("evidence of an inspection"),
    "custody": N_("hand-overs of evidence and samples"),
    "statement": N_("statements of parties and witnesses"),
    "filled_form": N_("forms filled during an inspection"),
    "form_answer": N_("values in filled forms"),
    "form_log": N_("logs of how forms were filled in"),
    "amendment": N_("amendments to sealed records"),
    "interview": N_("interview records"),
    "question": N_("questions and answers of an interview"),
    "measure": N_("measures taken on the spot"),
    "measure_item": N_("things registered, sealed up or seized"),
    "measure_paper": N_("papers of a measure"),
    "paper_number": N_("official numbers of papers"),
    "service": N_("proofs of service"),
    "served_paper": N_("papers that were served"),
    "sampling": N_("sampling records"),
    "sample": N_("samples"),
    "lab_report": N_("reports of laboratories"),
    "complainant": N_("who reported what an inspection is about"),
    "site_class": N_("classes of sites (special, key, general, closed)"),
    "spot_draw": N_("draws by lot of sites and officers"),
    "draw_notice": N_("published and annulled draws"),
    "assignment": N_("assignments of inspections"),
    "assignment_reply": N_("officers' answers to assignments"),
    "clue": N_("clues of damage"),
    "damage_case": N_("compensation cases"),
    "case_step": N_("steps of a case"),
    "case_paper": N_("papers of a case"),
    "meeting": N_("consultation meetings"),
    "loss": N_("heads of loss"),
    "case_issue": N_("questions that a case raises"),
    "case_guidance": N_("guidance given to a case"),
    "case_transfer": N_("transfers of a case to another unit"),
    "penalty_case": N_("penalty cases"),
    "screening": N_("compensation screenings"),
    "handover": N_("hand-overs of a case or clue"),
    "reminder": N_("reminders to other offices"),
    "expert_draw": N_("draws of experts"),
    "opinion": N_("expert opinions"),
    "opinion_expert": N_("experts who gave an opinion"),
    "deliberation": N_("joint deliberations"),
    "supervision": N_("judicial supervision of a case"),
    "restoration": N_("restoration projects"),
    "restoration_amount": N_("quantities restored"),
    "restoration_visit": N_("follow-up visits to a restoration"),
    "restoration_guidance": N_("guidance to a restoration by its department"),
    "fund_entry": N_("entries in the fund's books"),
    "community": N_("communities of a unit"),
    "committee": N_("environmental committees"),
    "committee_member": N_("members of committees"),
    "covenant": N_("residents' covenants"),
    "participant": N_("participants in community work"),
    "grid": N_("grids of a community"),
    "patrol": N_("patrols by grid workers"),
    "patrol_answer": N_("answers to a patrol's checklist"),
    "upward_report": N_("reports to a higher office"),
    "complaint": N_("complaints of residents"),
    "mediation": N_("mediations of disputes"),
    "reporter": N_("who reported or complained in a community"),
    "task": N_("tasks of the task table"),
    "task_report": N_("reports on tasks"),
    "score": N_("scores of units"),
    "bulletin": N_("monthly bulletins"),
    "ranking": N_("rankings of units"),
    "round": N_("rounds of routine inspection (督察)"),
    "rectification": N_("problems to be rectified"),
    "rectification_note": N_("notes on problems to be rectified"),
    "transferred_complaint": N_("complaints that a round transferred"),
    "transferred_reporter": N_("who made a transferred complaint"),
    "education_base": N_("education and dual-carbon bases"),
    "activity": N_("activities of outreach"),
    "carbon_figure": N_("carbon figures"),
    "exemplar": N_("exemplary cases"),
    "publicity": N_("pieces in the media"),
    "awareness": N_("surveys of awareness"),
    "training": N_("training courses"),
    "attendance": N_("who attended"),
}
"""What the records of each kind are, in words."""


_BY_KIND = {row.kind: row for row in TABLE}


def of(kind: str) -> Row:
    """The row of a kind; one that the table does not know is written by nobody."""
    return _BY_KIND.get(kind, Row(kind, ()))


def may_write(may: Collection[str], kind: str) -> bool:
    """Whether somebody with these rights may write records of a kind."""
    return any(right in may for right in of(kind).write)


def may_prepare(may: Collection[str], kind: str) -> bool:
    """Whether somebody with these rights may at least begin a record of a kind for others."""
    return any(right in may for right in (*of(kind).write, *of(kind).prepare))


def knows(kind: str) -> bool:
    """Whether the table has the kind; another one is of a later version."""
    return kind in _BY_KIND


def is_shared(kind: str) -> bool:
    """Whether a unit that is granted for reading only takes records of a kind all the same."""
    return of(kind).shared


def withheld_from_some(kind: str) -> bool:
    """Whether there may be readers of the unit who do not get the content: by the table, or a later one."""
    return not knows(kind) or bool(of(kind).read)


def may_read(may: Collection[str], kind: str) -> bool:
    """Whether somebody with these rights may read records of a kind."""
    need = of(kind).read
    return not need or any(right in may for right in need)


@cache
def readable(may: frozenset[str]) -> frozenset[str]:
    """The kinds of record that somebody with these rights may read."""
    return frozenset(row.kind for row in TABLE if may_read(may, row.kind))


def right_label(right: str) -> str:
    """A right in the reader's language."""
    return translate(RIGHTS.get(right, right))


__all__ = [
    "LABELS",
    "NOT_FOR_GRID_WORKERS",
    "NO_GRID_WORKERS",
    "READING",
    "RIGHTS",
    "TABLE",
    "Row",
    "is_shared",
    "knows",
    "may_prepare",
    "may_read",
    "may_write",
    "of",
    "readable",
    "right_label",
    "withheld_from_some",
]
