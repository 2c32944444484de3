"""What the cases' room takes in of collaboration and supervision: acts, sheets, sections of its sheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from models.cases.collaboration import queries, rules, verbs
from models.cases.collaboration.queries import Part
from models.cases.collaboration.tables import Deliberation, Supervision
from models.cases.damage import queries as damage
from models.language import N_, _
from models.registry import keeping
from models.registry.act_parts import held
from models.registry.days import today
from models.rooms import Act, Cell, Fact, Field, Section, Sheet, label, labels

if TYPE_CHECKING:
    from models.store.seat import Seat

_WHY = (Field("why", N_("Reason"), "long", required=True),)
_DELIBERATION_FIELDS = (
    Field("stage", N_("At stage"), "choice", required=True, choices=rules.DELIBERATED_WORDS),
    Field("held_on", N_("Day of the deliberation"), "day", required=True),
    Field("place", N_("Where it was held")),
    Field("invited", N_("Who was invited"), "marks", required=True, choices=rules.BODIES),
    Field("invited_names", N_("Their names"), "long", hint=N_("offices and people invited")),
    Field("came", N_("Bodies that came"), "marks", choices=rules.BODIES),
    Field("opinion_natural_resources", N_("Opinion of natural resources"), "long"),
    Field("opinion_town", N_("Opinion of the town"), "long"),
    Field("opinion_others", N_("Opinions of others"), "long"),
    Field("minutes", N_("Minutes of the deliberation"), "long"),
    Field("signed", N_("Attendance signed"), "flag"),
)
_SUPERVISION_FIELDS = (
    Field("authority", N_("Supervised by"), "choice", required=True, choices=rules.AUTHORITIES),
    Field("stage", N_("At stage"), "choice", required=True, choices=rules.STAGE_WORDS),
    Field("way", N_("Way of supervision"), "choice", required=True, choices=rules.WAYS),
    Field("on", N_("Day of the supervision"), "day", required=True),
    Field("letter_number", N_("Number of the letter")),
    Field("came", N_("Somebody came"), "flag", hint=N_("empty: nobody was to come")),
    Field("people", N_("Who came, by name")),
    Field("opinion", N_("Opinion of the supervisor"), "long"),
)


def sections(seat: Seat, case_id: str) -> tuple[Section, ...]:
    """What a case's sheet shows: who is missing, who took part stage by stage, and each record."""
    lacks = queries.missing_invitations(seat, case_id)
    parts = queries.matrix(seat, case_id)
    bodies = [each for each in parts if each.body in dict(rules.BODIES)]
    authorities = [each for each in parts if each.body in dict(rules.AUTHORITIES)]
    deliberations = tuple(_deliberation_fact(row) for row in queries.deliberations_of(seat, case_id))
    acts = tuple(_supervision_fact(row) for row in queries.supervisions_of(seat, case_id))
    found = (
        Section(_("Not yet invited"), tuple(Fact("", lack.text, "warn") for lack in lacks)),
        Section(_("Departments at the deliberations"), _part_facts(bodies)),
        Section(_("Judicial supervision in all stages"), _part_facts(authorities)),
        Section(_("Deliberations"), deliberations),
        Section(_("Acts of supervision"), acts),
    )
    return tuple(each for each in found if each.facts)


def performance_section(seat: Seat, party_code: str | None, party: str | None) -> Section:
    """What a site's or a case's sheet shows of how the party performed in its cases (R046)."""
    this_day = today(seat)
    facts = []
    for each in queries.performance_record(seat, party_code, party, as_of=this_day):
        words = [label(queries.PERFORMANCE, each.state)]
        if each.agreed_on:
            words.append(_("agreed on {day}").format(day=each.agreed_on))
        if each.case.perform_by:
            words.append(_("to be performed by {day}").format(day=each.case.perform_by))
        if each.performed_on:
            words.append(_("performed on {day}").format(day=each.performed_on))
        part = {"performed": "good", "overdue": "bad", "performed_late": "warn"}.get(each.state, "")
        name = each.case.title or each.case.number or ""
        facts.append(Fact(name, " · ".join(words), part, "damage_case", each.case.id))
    return Section(_("Record of performance"), tuple(facts))


def deliberation_sheet(seat: Seat, record_id: str) -> Sheet:
    """A deliberation with all that was said.

    Raises:
        RuleBroken: there is no such record.
    """
    row: Deliberation = keeping.standing(seat, "deliberation", record_id)
    missing = [
        body
        for each in rules.invitations()
        for body in each.bodies
        if each.stage == row.stage and body not in rules.marks(row.invited)
    ]
    about = [
        _case_fact(seat, row.case),
        Fact(_("At stage"), label(rules.STAGE_WORDS, row.stage)),
        Fact(_("Day of the deliberation"), row.held_on or ""),
        Fact(_("Where it was held"), row.place or ""),
        Fact(_("Who was invited"), labels(rules.BODIES, row.invited)),
        Fact(_("Not invited"), labels(rules.BODIES, ",".join(missing)), "warn"),
        Fact(_("Their names"), row.invited_names or ""),
        Fact(_("Bodies that came"), labels(rules.BODIES, row.came)),
        Fact(_("Attendance signed"), _yes(row.signed)),
    ]
    said = [
        Fact(_("Opinion of natural resources"), row.opinion_natural_resources or ""),
        Fact(_("Opinion of the town"), row.opinion_town or ""),
        Fact(_("Opinions of others"), row.opinion_others or ""),
        Fact(_("Minutes of the deliberation"), row.minutes or ""),
    ]
    absent = [each for each in rules.marks(row.invited) if each not in rules.marks(row.came)]
    state = Cell(_("all came"), "good")
    if absent:
        state = Cell(_("did not come: {who}").format(who=labels(rules.BODIES, ",".join(absent))), "warn")
    title = _("Deliberation {day}").format(day=row.held_on or "")
    return _sheet(title, state, (_("About the deliberation"), about), (_("What was said"), said))


def supervision_sheet(seat: Seat, record_id: str) -> Sheet:
    """One act of supervision.

    Raises:
        RuleBroken: there is no such record.
    """
    row: Supervision = keeping.standing(seat, "supervision", record_id)
    about = [
        _case_fact(seat, row.case),
        Fact(_("Supervised by"), label(rules.AUTHORITIES, row.authority)),
        Fact(_("At stage"), label(rules.STAGE_WORDS, row.stage)),
        Fact(_("Way of supervision"), label(rules.WAYS, row.way)),
        Fact(_("Day of the supervision"), row.on or ""),
        Fact(_("Number of the letter"), row.letter_number or ""),
        Fact(_("Somebody came"), _yes(row.came)),
        Fact(_("Who came, by name"), row.people or ""),
        Fact(_("Opinion of the supervisor"), row.opinion or ""),
    ]
    title = _("Supervision by {who} {day}").format(
        who=label(rules.AUTHORITIES, row.authority), day=row.on or ""
    )
    return _sheet(title, Cell(label(rules.WAYS, row.way)), (_("About the supervision"), about))


def _sheet(title: str, state: Cell, *parts: tuple[str, list[Fact]]) -> Sheet:
    sections = [Section(name, tuple(fact for fact in facts if fact.value)) for name, facts in parts]
    return Sheet(title, state, tuple(each for each in sections if each.facts))


def _case_fact(seat: Seat, case_id: str | None) -> Fact:
    case = damage.damage_case(seat, case_id or "")
    words = (case.title or case.party or case.number or "") if case is not None else case_id or ""
    return Fact(_("Damage case"), words, "", "damage_case", case_id or "")


def _part_facts(parts: list[Part]) -> tuple[Fact, ...]:
    everyone = {**dict(rules.BODIES), **dict(rules.AUTHORITIES)}
    found = []
    for each in parts:
        name = f"{label(rules.STAGE_WORDS, each.stage)} · {label(tuple(everyone.items()), each.body)}"
        if not each.invited_on:
            found.append(Fact(name, _("nothing entered"), "warn" if each.needed else "quiet"))
            continue
        words = [_("invited {day}").format(day=each.invited_on)]
        if each.came_on:
            words.append(_("came {day}").format(day=each.came_on))
        if each.opinion:
            words.append(_("opinion: {text}").format(text=each.opinion))
        found.append(Fact(name, " · ".join(words), "good" if each.came_on else ""))
    return tuple(found)


def _deliberation_fact(row: Deliberation) -> Fact:
    name = f"{row.held_on} {label(rules.STAGE_WORDS, row.stage)}"
    came = labels(rules.BODIES, row.came) or _("nobody came")
    return Fact(name, came, "", "deliberation", row.id)


def _supervision_fact(row: Supervision) -> Fact:
    name = f"{row.on} {label(rules.STAGE_WORDS, row.stage)}"
    value = f"{label(rules.AUTHORITIES, row.authority)} · {label(rules.WAYS, row.way)}"
    return Fact(name, value, "", "supervision", row.id)


def _yes(value: bool | None) -> str:
    return "" if value is None else _("yes") if value else _("no")


def _stage_now(seat: Seat, case_id: str) -> str:
    return damage.progress_of(seat, case_id).stage


def _new_deliberation(seat: Seat, case_id: str) -> Mapping[str, Any]:
    stage = _stage_now(seat, case_id)
    bodies = next((each.bodies for each in rules.invitations() if each.stage == stage), ())
    return {
        "stage": stage if stage in rules.DELIBERATED else None,
        "held_on": today(seat).isoformat(),
        "invited": ",".join(bodies),
    }


def _new_supervision(seat: Seat, case_id: str) -> Mapping[str, Any]:
    return {"stage": _stage_now(seat, case_id) or None, "on": today(seat).isoformat(), "way": "invitation"}


def _why_not(seat: Seat, case_id: str) -> str:
    return "" if damage.progress_of(seat, case_id).started else _("This case was not started yet.")


ACTS = (
    Act(
        "deliberate",
        N_("Enter a deliberation"),
        N_("Keeps who was invited to deliberate at a stage, who came and what they said."),
        verbs.deliberate,
        "damage_case",
        _DELIBERATION_FIELDS,
        preset=_new_deliberation,
        why_not=_why_not,
        right="handle_cases",
    ),
    Act(
        "supervise",
        N_("Enter a supervision"),
        N_("Keeps that procuratorate or court was invited, came or gave its opinion at a stage."),
        verbs.supervise,
        "damage_case",
        _SUPERVISION_FIELDS,
        preset=_new_supervision,
        why_not=_why_not,
        right="handle_cases",
    ),
    Act(
        "edit_deliberation",
        N_("Correct the deliberation"),
        N_("Changes the deliberation, or adds who came and what they said."),
        verbs.edit_deliberation,
        "deliberation",
        _DELIBERATION_FIELDS,
        preset=held("deliberation", verbs.DELIBERATION_FIELDS),
    ),
    Act(
        "edit_supervision",
        N_("Correct the supervision"),
        N_("Changes the act of supervision, or adds who came and what they said."),
        verbs.edit_supervision,
        "supervision",
        _SUPERVISION_FIELDS,
        preset=held("supervision", verbs.SUPERVISION_FIELDS),
    ),
    Act(
        "withdraw_deliberation",
        N_("Withdraw the deliberation"),
        N_("Withdraws the deliberation with a reason; it stays in the history."),
        verbs.withdraw_deliberation,
        "deliberation",
        _WHY,
    ),
    Act(
        "withdraw_supervision",
        N_("Withdraw the supervision"),
        N_("Withdraws the act of supervision with a reason; it stays in the history."),
        verbs.withdraw_supervision,
        "supervision",
        _WHY,
    ),
)
SHEETS: dict[str, Callable[[Seat, str], Sheet]] = {
    "deliberation": deliberation_sheet,
    "supervision": supervision_sheet,
}
