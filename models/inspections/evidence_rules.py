"""What the evidence of a visit still lacks, by the rules V04 to V10, V18, V21 and V29: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.inspections.known import Known, Missing
from models.language import N_
from models.law.deadlines import due, limit
from models.law.due import day_or_none

SOUND = ("audio/", "video/")
OBSTRUCTION = "A06"
"""The item of refusal, delay, obstruction and deceit."""


def evidence_lacks(known: Known) -> list[Missing]:
    """What is missing, evidence by evidence, then statements, then what the visit as a whole should hold."""
    found: list[Missing] = []
    for row in known.evidence:
        where: dict[str, Any] = {
            "record": row.id,
            "item": row.item or "",
            "params": {"title": row.title or row.name or ""},
        }
        found += [*_kind(row, where), *_recording(row, where), *_copy(row, where)]
        found += _doubtful(known, row, where)
    return [*found, *_statements(known), *_covert(known), *_filmed(known), *_late(known), *_obstructed(known)]


def _kind(row: Any, where: dict[str, Any]) -> Iterable[Missing]:
    """V05: one of the eight kinds (行政处罚法 art. 46)."""
    if not row.kind:
        yield Missing("V05", N_("{title}: which of the eight kinds of evidence is it?"), "kind", **where)


_RECORDING = (
    ("method", N_("{title}: how was it made?")),
    ("made_at_claim", N_("{title}: when was it made?")),
    ("maker", N_("{title}: who made it?")),
    ("purpose", N_("{title}: what is it to prove?")),
    ("carrier", N_("{title}: where is the original carrier?")),
)


def _recording(row: Any, where: dict[str, Any]) -> Iterable[Missing]:
    """V07: recordings name carrier, method, time, maker and purpose; sound its words (行诉证据规定12)."""
    if row.kind not in ("audio_visual", "electronic"):
        return
    for name, sentence in _RECORDING:
        if not getattr(row, name):
            yield Missing("V07", sentence, name, blocking=False, **where)
    if (row.mime or "").startswith(SOUND) and not row.transcript:
        sentence = N_("{title}: what is said in it? Sound needs a transcript.")
        yield Missing("V07", sentence, "transcript", blocking=False, **where)


_COPY = (
    ("source", N_("{title} is a copy: who keeps the original?")),
    ("compared_by", N_("{title} is a copy: who compared it with the original?")),
    ("compared_on", N_("{title} is a copy: when was it compared with the original?")),
)


def _copy(row: Any, where: dict[str, Any]) -> Iterable[Missing]:
    """V08: a copy was compared with its original and names whence it is (行诉证据规定 art. 10)."""
    if row.form == "copy":
        for name, sentence in _COPY:
            if not getattr(row, name):
                yield Missing("V08", sentence, name, blocking=False, **where)


def _doubtful(known: Known, row: Any, where: dict[str, Any]) -> Iterable[Missing]:
    """V09: what a court may not use (行诉证据规定 art. 57)."""
    if row.form == "copy" and not row.compared_by and not row.carrier_place:
        sentence = N_("{title}: a copy without original and without anything beside it is no evidence.")
        yield Missing("V09", sentence, "carrier_place", blocking=False, **where)
    if (row.claim_problems or "[]") != "[]" and not row.carrier:
        sentence = N_(
            "{title}: what the file says of itself cannot be right. Keep the original carrier, or it cannot "
            "be told whether it is true."
        )
        yield Missing("V09", sentence, "carrier", blocking=False, **where)
    if known.inspection.covert and row.kind == "audio_visual" and not row.note:
        sentence = N_(
            "{title}: note from where it was made. A secret recording must infringe nobody's rights."
        )
        yield Missing("V09", sentence, "note", blocking=False, **where)


_WITNESS = (
    ("name", N_("Statement: who is the witness?")),
    ("age", N_("Statement: how old is the witness?")),
    ("gender", N_("Statement: of which sex is the witness?")),
    ("occupation", N_("Statement: what is the witness's occupation?")),
    ("address", N_("Statement: where does the witness live?")),
    ("id_number", N_("Statement: the witness's citizen number, from the card whose copy is attached?")),
    ("text", N_("Statement: what did the witness say?")),
)
_PARTY = (
    ("name", N_("Statement: who of the party was asked?")),
    ("text", N_("Statement: what did the party say?")),
)


def _statements(known: Known) -> Iterable[Missing]:
    """V04: who was asked and what was said (行政处罚法55); V06: a witness's particulars (行诉证据规定13)."""
    for row in known.statements:
        rule, wanted = ("V06", _WITNESS) if row.kind == "witness" else ("V04", _PARTY)
        for name, sentence in wanted:
            if not getattr(row, name):
                yield Missing(rule, sentence, name, record=row.id, blocking=False)


def _covert(known: Known) -> Iterable[Missing]:
    """V10: a covert check lives by its recordings (生态环境行政处罚办法 2023 art. 24)."""
    if known.inspection.covert and not any(row.kind == "audio_visual" for row in known.evidence):
        sentence = N_("A covert check without a photo, sound or film proves little. Take them in.")
        yield Missing("V10", sentence, "covert", blocking=False)


def _filmed(known: Known) -> Iterable[Missing]:
    """V18: what is grave is kept in picture or sound, too (行政处罚法 art. 47)."""
    shown = {row.item for row in known.evidence if row.kind in ("audio_visual", "electronic")}
    for row in known.answers:
        code = row.item or ""
        if row.result == "problem" and code in known.key_items and code not in shown:
            sentence = N_("{code}: a key item with a problem, and no photo, sound or film of it.")
            yield Missing("V18", sentence, code, item=code, blocking=False, params={"code": code})


def _late(known: Known) -> Iterable[Missing]:
    """V21: two years after its end a violation is not punished, where it did no harm (行政处罚法 art. 36)."""
    for row in known.findings:
        acted = day_or_none(row.occurred_on)
        rule = limit("limitation", acted) if acted is not None else None
        if acted is None or rule is None:
            continue
        last = due(acted, rule).due_on
        if last < known.on:
            sentence = N_(
                "The violation of {acted} was found after {last}: it is punished only where it went on "
                "since, or did such harm that five years apply."
            )
            named = {"acted": acted.isoformat(), "last": last.isoformat()}
            yield Missing(
                "V21", sentence, "occurred_on", row.id, row.item or "", blocking=False, params=named
            )


def _obstructed(known: Known) -> Iterable[Missing]:
    """V29: obstruction is a violation by itself (生态环境法典 art. 1229), so it has a finding of its own."""
    obstructed = any(row.item == OBSTRUCTION and row.result == "problem" for row in known.answers)
    if obstructed and not any(row.item == OBSTRUCTION for row in known.findings):
        sentence = N_("Obstruction is punished by itself: write a finding of who did what, and when.")
        yield Missing("V29", sentence, OBSTRUCTION, item=OBSTRUCTION, blocking=False)
