"""What screens, papers and statistics ask about who took part in a case and who supervised it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from peewee import chunked

from models.cases.collaboration import rules
from models.cases.collaboration.tables import Deliberation, Supervision
from models.cases.damage import queries as damage
from models.cases.damage.lacks import Lack
from models.cases.damage.stages import Progress, in_order
from models.cases.damage.tables import CaseStep, DamageCase
from models.language import N_, _
from models.registry.rules import tidy_code
from models.rooms import Choices, label
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from models.store.seat import Seat

_SOME = 500
"""Ids in one query."""
_EVER = "9999-12-31"
PERFORMANCE: Choices = (
    ("performed", N_("Performed in time")),
    ("performed_late", N_("Performed late")),
    ("performing", N_("Performing, in time")),
    ("overdue", N_("Not performed, overdue")),
    ("none", N_("Nothing to perform yet")),
    ("ended", N_("Ended without performance")),
)
"""How a party stands to what it owes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one body or authority did at one stage."""

    stage: str
    body: str
    """One of `rules.BODIES` or `rules.AUTHORITIES`."""
    needed: bool
    """Whether the rules ask for it at this stage."""
    invited_on: str = ""
    """Latest day; empty where it was not invited."""
    came_on: str = ""
    """Latest day on which it was there."""
    opinion: str = ""
    """Its latest words."""


@dataclass(frozen=True, slots=True)
class Performance:
    """How a party performed in one of its cases (企业履约记录, R046)."""

    case: DamageCase
    agreed_on: str
    """Day of the agreement in force; empty without one (a judgment, or none yet)."""
    performed_on: str
    state: str
    """One of `PERFORMANCE`."""


def deliberation(seat: Seat, record_id: str) -> Deliberation | None:
    """One deliberation; None where there is none."""
    with seat:
        return by_id(Deliberation, record_id)


def supervision(seat: Seat, record_id: str) -> Supervision | None:
    """One act of supervision; None where there is none."""
    with seat:
        return by_id(Supervision, record_id)


def deliberations_of(seat: Seat, case_id: str) -> list[Deliberation]:
    """The deliberations of a case by their day."""
    with seat:
        rows = children(Deliberation, "case", case_id)
    return sorted(rows, key=lambda row: (row.held_on or "", row.id))


def supervisions_of(seat: Seat, case_id: str) -> list[Supervision]:
    """The acts of supervision of a case by their day."""
    with seat:
        rows = children(Supervision, "case", case_id)
    return sorted(rows, key=lambda row: (row.on or "", row.id))


def missing_invitations(seat: Seat, case_id: str, stage: str | None = None) -> list[Lack]:
    """Who should have been invited and was not; never blocking.

    Args:
        stage: only what this stage asks for; every stage that the case has reached unless given.

    Keys are "invite:assessment:town" for a deliberation, "supervise:court" for a case that shows no
    supervision by the court at all, and "supervise:performance:court" for a stage that needs its own.
    """
    at = damage.progress_of(seat, case_id)
    return _missing(at, deliberations_of(seat, case_id), supervisions_of(seat, case_id), stage)


def missing_by_case(seat: Seat, as_of: date) -> dict[str, list[Lack]]:
    """Of every case started by the day that misses somebody: what it missed at the end of the day."""
    standings = damage.standings(seat, as_of)
    ids = [each.case.id for each in standings]
    day = as_of.isoformat()
    held = _by_case(seat, Deliberation, Deliberation.held_on, ids, day)
    supervised = _by_case(seat, Supervision, Supervision.on, ids, day)
    found = {
        each.case.id: _missing(each.at, held[each.case.id], supervised[each.case.id], None)
        for each in standings
    }
    return {case: lacks for case, lacks in found.items() if lacks}


def matrix(seat: Seat, case_id: str) -> list[Part]:
    """Stage by stage what each body and authority did: all that the rules ask for, and whoever took part.

    The bodies of the three stages of deliberation come first, then procuratorate and court in all eight.
    """
    needed = {(each.stage, body) for each in rules.invitations() for body in each.bodies}
    own = {(stage, each.authority) for each in rules.oversight() for stage in each.stages}
    parts: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in deliberations_of(seat, case_id):
        for body in rules.marks(row.invited):
            part = parts[row.stage or "", body]
            part["invited_on"] = row.held_on or ""
            if body in rules.marks(row.came):
                part["came_on"] = row.held_on or ""
            words = getattr(row, f"opinion_{body}", None) or (row.opinion_others if body == "other" else None)
            if words:
                part["opinion"] = words
    bodies = [body for body, _words in rules.BODIES]
    found = [
        Part(stage, body, (stage, body) in needed, **parts.get((stage, body), {}))
        for stage in rules.DELIBERATED
        for body in bodies
        if (stage, body) in needed or (stage, body) in parts
    ]
    acts: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for act in supervisions_of(seat, case_id):
        part = acts[act.stage or "", act.authority or ""]
        part["invited_on"] = act.on or ""
        if act.came:
            part["came_on"] = act.on or ""
        if act.opinion:
            part["opinion"] = act.opinion
    return found + [
        Part(stage, authority, (stage, authority) in own, **acts.get((stage, authority), {}))
        for stage, _stage in rules.STAGE_WORDS
        for authority, _words in rules.AUTHORITIES
    ]


def performance_record(
    seat: Seat, party_code: str | None, party: str | None = None, *, as_of: date
) -> list[Performance]:
    """How a party performed in each of its started cases, the latest start first.

    Args:
        party_code: its unified social credit code.
        party: its name; finds the cases where no code was entered.
    """
    code, name = tidy_code(party_code or ""), (party or "").strip()
    found = [each for each in damage.standings(seat, as_of) if _is_party(each.case, code, name)]
    steps = damage.steps_of(seat, [each.case.id for each in found])
    return [_performance(each.case, each.at, steps[each.case.id], as_of) for each in reversed(found)]


def _performance(case: DamageCase, at: Progress, steps: list[CaseStep], as_of: date) -> Performance:
    day = as_of.isoformat()
    done = at.condition in ("performed", "closed") or at.stage == "evaluation"
    performed_on = ""
    if done:
        taken = [row for row in in_order(steps) if row.id not in at.odd and (row.on or "") <= day]
        performed_on = next((row.on or "" for row in reversed(taken) if row.step == "performed"), "")
    late = bool(case.perform_by) and (performed_on or day) > (case.perform_by or "")
    if done:
        state = "performed_late" if late else "performed"
    elif at.ended:
        state = "ended"
    elif at.agreed or at.stage == "performance":
        state = "overdue" if late else "performing"
    else:
        state = "none"
    agreed_on = (at.entered_on("agreement") or "") if at.agreed else ""
    return Performance(case, agreed_on, performed_on, state)


def _is_party(case: DamageCase, code: str, name: str) -> bool:
    held = tidy_code(case.party_code or "")
    if code and held:
        return code == held
    return bool(name) and (case.party or "").strip() == name


def _missing(
    at: Progress, held: Iterable[Deliberation], supervised: Iterable[Supervision], stage: str | None
) -> list[Lack]:
    if not at.started:
        return []
    reached = {name for name, _day in at.entered} if stage is None else {stage}
    invited = {(row.stage, body) for row in held for body in rules.marks(row.invited)}
    shown = {(row.authority, row.stage) for row in supervised}
    found = [
        Lack(
            f"invite:{each.stage}:{body}",
            _("{stage}: {body} was not invited to a deliberation. Invite it, or enter that it was.").format(
                stage=label(rules.STAGE_WORDS, each.stage), body=label(rules.BODIES, body)
            ),
            each.basis,
            blocking=False,
        )
        for each in rules.invitations()
        for body in each.bodies
        if each.stage in reached and (each.stage, body) not in invited
    ]
    for each in rules.oversight():
        who = label(rules.AUTHORITIES, each.authority)
        if each.authority not in {authority for authority, _stage in shown}:
            text = _("{who} was not yet invited to supervise this case.").format(who=who)
            found.append(Lack(f"supervise:{each.authority}", text, each.basis, blocking=False))
            continue
        for one in each.stages:
            if one in reached and (each.authority, one) not in shown:
                words = _("{stage}: no supervision by {who} was entered.")
                text = words.format(stage=label(rules.STAGE_WORDS, one), who=who)
                found.append(Lack(f"supervise:{one}:{each.authority}", text, each.basis, blocking=False))
    return found


def _by_case(seat: Seat, table: Any, day: Any, case_ids: Iterable[str], until: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    with seat:
        for some in chunked(case_ids, _SOME):
            rows = table.select().where(table.case.in_(list(some)), table.voided.is_null(), day <= until)
            for row in rows.order_by(day, table.id):
                found[str(row.case)].append(row)
    return found
