"""What a visit still lacks before it may be sealed: a pure function over what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from models.errors import RuleBroken
from models.inspections.evidence_rules import evidence_lacks
from models.inspections.known import Known, Missing
from models.language import N_, Later
from models.law.asking import fields_asked
from models.law.judgement import unpack_reasons
from models.registry.queries import certificate_valid, may_inspect


def missing_of(known: Known) -> list[Missing]:
    """What is missing, in the order in which the record form asks for it."""
    return [
        *officers_missing(known.inspection, known.officers, known.on),
        *_record_parts(known),
        *_items(known),
        *_measurements(known),
        *evidence_lacks(known),
    ]


def officers_missing(record: Any, officers: Mapping[str, Any], on: date) -> Iterable[Missing]:
    """V01: two officers with two certificates valid on the day (行政处罚法 arts. 42, 55)."""
    held: dict[str, str] = {}
    for place in ("first_officer", "second_officer"):
        officer_id = getattr(record, place)
        if not officer_id:
            yield Missing("V01", N_("Two officers are needed; name the other one."), place)
            continue
        row = officers.get(officer_id)
        if row is None:
            yield Missing("V01", N_("This officer is not in the register."), place)
            continue
        name = row.name or ""
        if not may_inspect(row):
            yield Missing("V01", N_("{name} may not carry out inspections."), place, params={"name": name})
        elif not row.certificate:
            yield Missing("V01", N_("{name} has no certificate number."), place, params={"name": name})
        elif not certificate_valid(row, on):
            yield Missing(
                "V01",
                N_("The certificate of {name} ended on {until}."),
                place,
                params={"name": name, "until": row.certificate_until},
            )
        elif row.certificate in held:
            yield Missing(
                "V01",
                N_("{name} and {other} bear the same certificate number {certificate}."),
                place,
                params={"name": name, "other": held[row.certificate], "certificate": row.certificate},
            )
        else:
            held[row.certificate] = name


_PARTS = (
    ("began_at", N_("When did the inspection begin?")),
    ("ended_at", N_("When did the inspection end?")),
    ("place", N_("Where was it?")),
    ("site_name", N_("Who was inspected?")),
    ("shown_certificates", N_("Note that the certificates were shown.")),
    ("told_rights", N_("Note that the right to ask for withdrawal and the duty to cooperate were told.")),
    ("avoidance", N_("Does the party ask for the withdrawal of an officer?")),
    ("situation", N_("Describe the situation on site.")),
    ("present", N_("Was anyone of the party present?")),
    ("signed", N_("Did the party sign, refuse, or was nobody there?")),
)


_OPEN_ONLY = frozenset(["shown_certificates", "told_rights", "avoidance", "present", "signed"])
"""What a covert check (暗查) cannot state: nobody of the party knows of it."""


def _record_parts(known: Known) -> Iterable[Missing]:
    """V02, V03: what the record must state (生态环境行政处罚办法 2023 art. 28; 行诉证据规定 art. 15)."""
    visit = known.inspection
    for name, question in _PARTS:
        if visit.covert and name in _OPEN_ONLY:
            continue
        value = getattr(visit, name)
        wanted_true = name in ("shown_certificates", "told_rights")
        if value is None or value == "" or (wanted_true and value is not True):
            yield Missing("V02" if name == "avoidance" else "V03", question, name)
    if visit.began_at and visit.ended_at and visit.ended_at < visit.began_at:
        yield Missing("V03", N_("The inspection ends before it begins."), "ended_at")
    if visit.present and not visit.contact_name:
        yield Missing("V03", N_("Who was the person in charge on site?"), "contact_name")
    if visit.avoidance == "asked" and not visit.avoidance_reason:
        yield Missing("V02", N_("What reason does the party give for the withdrawal?"), "avoidance_reason")
    if visit.signed == "signed" and visit.present is False:
        yield Missing("V03", N_("Nobody was present, yet the record is marked as signed."), "signed")
    if visit.signed == "refused" and not visit.refusal_reason:
        yield Missing("V03", N_("Note why the party refused to sign."), "refusal_reason")
    if visit.signed in ("refused", "absent") and not visit.witness_name:
        yield Missing(
            "V03",
            N_("Name a witness, or note that there is none, since the party did not sign."),
            "witness_name",
        )
    if visit.source != "patrol" and not (visit.approval_number and visit.notice_number):
        yield Missing(
            "V30",
            N_("The numbers of the approval and of the notice of inspection are not noted."),
            "notice_number" if visit.approval_number else "approval_number",
            blocking=False,
        )


def _items(known: Known) -> Iterable[Missing]:
    for code, version in known.unknown_lists:
        yield Missing(
            "list",
            N_("Checklist {code} {version} is not in this program. Update it, or its packs, and look again."),
            "checklists",
            params={"code": code, "version": version},
        )
    by_item: dict[str, list[Any]] = {}
    for answer in known.answers:
        by_item.setdefault(answer.item or "", []).append(answer)
    noted = {finding.item for finding in known.findings if finding.text}
    for code, title in known.items.items():
        results = [answer.result for answer in by_item.get(code, ()) if answer.result]
        named = {"code": code, "title": title}
        if not results:
            yield Missing("item", N_("{code} {title}: not answered."), code, item=code, params=named)
    for answer in known.answers:
        if answer.result == "problem" and not answer.note and answer.item not in noted:
            yield Missing(
                "item",
                N_("{code} {title}: a problem without a note or finding. Say what it is."),
                "note",
                record=answer.id,
                item=answer.item or "",
                params={"code": answer.item, "title": known.items.get(answer.item or "", "")},
            )
    for finding in known.findings:
        if not finding.text:
            yield Missing("finding", N_("A finding without words."), "text", finding.id, finding.item or "")
    yield from _contradicted(known)


def _contradicted(known: Known) -> Iterable[Missing]:
    """Items that have a finding and are answered as if there were none: the record would say both."""
    said = {answer.item: answer.result for answer in known.answers if answer.result}
    for item in dict.fromkeys(finding.item for finding in known.findings if finding.text and finding.item):
        if said.get(item) in ("ok", "na"):
            yield Missing(
                "item",
                N_("{code} {title}: it has a finding, and its answer says there is none. Correct one."),
                item,
                item=item,
                params={"code": item, "title": known.items.get(item, "")},
            )


def _measurements(known: Known) -> Iterable[Missing]:
    for row in known.measurements:
        if row.medium == "water" and not row.sampled:
            yield Missing(
                "V11",
                N_("{parameter} {value} at {point}: was it sampled at once or composite?")
                if row.point
                else N_("{parameter} {value}: was it sampled at once or composite?"),
                "sampled",
                row.id,
                row.item or "",
                blocking=False,
                params={"parameter": row.parameter or "", "value": row.value or "", "point": row.point or ""},
            )
        if row.verdict != "undecidable":
            continue
        named = {
            "parameter": row.parameter or "",
            "point": row.point or "",
            "reason": _Why(row.reasons or ""),
        }
        yield Missing(
            "limit",
            N_("{parameter} at {point} cannot be judged: {reason}"),
            "value",
            row.id,
            row.item or "",
            blocking=False,
            params=named,
        )


class _Why(Later):
    """Why a value was not judged, in the language in force when it is read: what is asked for first."""

    def __init__(self, packed: str) -> None:
        self.packed = packed

    def __str__(self) -> str:
        try:
            reasons = unpack_reasons(self.packed)
            asking = [each for each in reasons if fields_asked([each])]
            return next((each.text() for each in [*asking, *reasons]), "…")
        except (ValueError, TypeError, KeyError):  # another version wrote them
            return "…"


def refuse_incomplete(lacking: Sequence[Missing]) -> None:
    """Refuse to go on while something that the record needs is missing.

    Raises:
        RuleBroken: naming the first, with its field and basis.
    """
    for each in lacking:
        if each.blocking:
            raise RuleBroken(each.msgid, field=each.field, basis=each.basis, **each.params)
