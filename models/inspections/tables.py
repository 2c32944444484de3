"""The records of a visit. Lists are child records: each names its inspection and is covered by its seal.

The seal itself is an entry of the inspection, not a record: see `sealing.seal_of`.
"""

from __future__ import annotations

from typing import Any

from models.store.records import BooleanField, IntegerField, Record, TextField, record
from models.store.search_terms import initials


@record("inspection", version=2, search=("number", "site_name", "site_code", "place", "situation"))
class Inspection(Record):
    """One visit (现场检查): who, where, when, with which checklists, and what the party said and signed."""

    number = TextField(null=True, index=True)
    """Record number made offline: unit, date, device tag, count."""
    site = TextField(null=True, index=True)
    site_name = TextField(null=True)
    site_code = TextField(null=True)
    place = TextField(null=True)
    source = TextField(null=True)
    """One of `rules.SOURCES`."""
    first_officer = TextField(null=True)
    second_officer = TextField(null=True)
    recorder = TextField(null=True)
    began_at = IntegerField(null=True)
    """ms since 1970 UTC."""
    ended_at = IntegerField(null=True)
    checklists = TextField(null=True)
    """Codes joined by commas, in order: "A,C,W"."""
    checklist_versions = TextField(null=True)
    """The version of each list when it began: "A:2026.11.2,C:2026.11.1"; see `items.lists_of`."""
    state = TextField(null=True)
    """"draft" or "ready"; that it is sealed is what `sealed` says: see `standing`."""
    assigned = BooleanField(null=True)
    """Made by a dispatcher for officers who have not begun it yet."""
    due = TextField(null=True)
    """For an assigned one: the day by which, YYYY-MM-DD."""

    legal_person = TextField(null=True)
    contact_name = TextField(null=True)
    contact_age = TextField(null=True)
    contact_id_number = TextField(null=True)
    contact_duty = TextField(null=True)
    contact_relation = TextField(null=True)
    contact_phone = TextField(null=True)
    contact_address = TextField(null=True)
    others = TextField(null=True)
    """Other people present, with their employers, as on the record form."""

    shown_certificates = BooleanField(null=True)
    covert = BooleanField(null=True)
    """A covert check (暗查): nobody of the party was told or asked."""
    told_rights = BooleanField(null=True)
    """Told the right to ask for withdrawal of an officer and the duty to cooperate."""
    avoidance = TextField(null=True)
    """"none" or "asked"."""
    avoidance_reason = TextField(null=True)
    situation = TextField(null=True)
    """What was found on site (现场情况), in the officers' words."""
    approval_number = TextField(null=True)
    notice_number = TextField(null=True)
    present = BooleanField(null=True)
    """Whether someone of the party was there."""
    signed = TextField(null=True)
    """"signed", "refused" or "absent"."""
    refusal_reason = TextField(null=True)
    witness_name = TextField(null=True)
    witness_id = TextField(null=True)
    initials = TextField(null=True)

    @staticmethod
    def derive(values: dict[str, Any]) -> dict[str, Any]:
        """Pinyin initials of the site's name."""
        return {"initials": initials(values.get("site_name") or "")}

    @property
    def standing(self) -> str:
        """ "sealed", "ready" or "draft", whatever another device wrote as its state."""
        return "sealed" if self.sealed else "ready" if self.state == "ready" else "draft"

    class Meta:
        # the long lists are read from these alone; the rows are looked up a page at a time
        indexes = (
            (("voided", "began_at", "id"), False),
            (("unit", "voided", "began_at", "id"), False),
            (("sealed", "began_at", "voided", "id"), False),
            (("sealed", "changed_at"), False),
            (("voided", "changed_at"), False),
        )


@record("answer", version=1, search=("note",), parent="inspection")
class Answer(Record):
    """The answer to one checklist item; its id follows from visit, item and repeat (`rules.child_id`)."""

    inspection = TextField(null=True, index=True)
    checklist = TextField(null=True)
    item = TextField(null=True)
    repeat = IntegerField(null=True)
    result = TextField(null=True)
    """"ok" 未发现问题, "problem" 发现问题, "na" 不涉及; None while only noted."""
    note = TextField(null=True)


@record("finding", version=2, search=("text",), parent="inspection")
class Finding(Record):
    """What an answer or a measurement shows to be wrong, with its legal basis."""

    inspection = TextField(null=True, index=True)
    item = TextField(null=True)
    text = TextField(null=True)
    basis_key = TextField(null=True)
    occurred_on = TextField(null=True)
    """Day of the violation, YYYY-MM-DD, which chooses the law; the day of the visit unless given."""
    severity = TextField(null=True)
    """"normal" or "key": key findings may lead to sealing up, transfer, or a damage case."""


@record("measurement", version=2, search=("parameter", "point"), parent="inspection")
class Measurement(Record):
    """A measured value, judged when it was entered; the verdict is kept with its reasons.

    What a laboratory reports after the seal of the visit names its sample and report, and no inspection,
    since a sealed record takes no more children.
    """

    inspection = TextField(null=True, index=True)
    item = TextField(null=True)
    point = TextField(null=True)
    medium = TextField(null=True)
    """"water", "air" or "noise"."""
    parameter = TextField(null=True)
    value = TextField(null=True)
    """Decimal text with the digits as read, or "ND"."""
    unit_of_value = TextField(null=True)
    detection_limit = TextField(null=True)
    standard = TextField(null=True)
    table_id = TextField(null=True)
    grade = TextField(null=True)
    water = TextField(null=True)
    """Receiving water, which gives the grade: "III", "IV", "sea_2", "sewer", …"""
    built = TextField(null=True)
    """Day of the approval of the environmental assessment, YYYY-MM-DD; it chooses the table (J8)."""
    category = TextField(null=True)
    period = TextField(null=True)
    """"day" or "night"."""
    zone = TextField(null=True)
    background = TextField(null=True)
    calibration_before = TextField(null=True)
    calibration_after = TextField(null=True)
    wind = TextField(null=True)
    """m/s, decimal text."""
    rain = BooleanField(null=True)
    """Rain, snow, thunder or lightning."""
    weather = TextField(null=True)
    room = TextField(null=True)
    """"A" or "B", for structure-borne noise indoors."""
    level_kind = TextField(null=True)
    """Empty for the equivalent level; "frequent" or "occasional" for highest levels by night."""
    indoors = BooleanField(null=True)
    temperature = TextField(null=True)
    """Of the water, ℃, decimal text (GB 18918-2002 表1)."""
    stack = TextField(null=True)
    """Height of the stack, m, decimal text."""
    clear = BooleanField(null=True)
    """5 m higher than the buildings within 200 m (GB 16297-1996 §7.1)."""
    hourly = BooleanField(null=True)
    """The mean of an hour, or of four samples in it (§8.2)."""
    oxygen = TextField(null=True)
    """Oxygen measured in the flue gas, per cent, decimal text."""
    fuel = TextField(null=True)
    """Of a boiler: 煤, 油 or 气."""
    instrument = TextField(null=True)
    source_of_noise = TextField(null=True)
    sampled = TextField(null=True)
    """"instant" or "composite"."""
    taken_at = IntegerField(null=True)
    """ms since 1970 UTC."""
    verdict = TextField(null=True)
    """"ok", "over" or "undecidable"."""
    times = TextField(null=True)
    """By how many times the limit is exceeded, (C-S)/S, decimal text; None where none is counted."""
    excess = TextField(null=True)
    """For noise: how many dB(A) over."""
    compared = TextField(null=True)
    """What was compared: the value in the limit's unit, or the corrected level."""
    limit_text = TextField(null=True)
    clause = TextField(null=True)
    reasons = TextField(null=True)
    """JSON, as `models.law.limits.pack_reasons` writes and `unpack_reasons` reads it."""
    sampling = TextField(null=True, index=True)
    """Where it was read while sampling, or its sample was taken: the sampling record."""
    sample = TextField(null=True, index=True)
    limit_source = TextField(null=True)
    """Where the limit comes from: a key of `models.law.choosing.SOURCES`."""
    bands = TextField(null=True)
    """Of noise indoors: levels of the octave bands, as "31.5:70,63:58" (Hz: dB)."""
    mixed = TextField(null=True)
    """Of mixed waste water: the parts as "limit:discharge:output", joined by commas (J11)."""
    report = TextField(null=True, index=True)
    """The laboratory's report."""
    method = TextField(null=True)


@record("evidence", version=2, search=("title", "name", "note", "purpose"), parent="inspection")
class Evidence(Record):
    """One piece of evidence, of one of the eight statutory kinds (行政处罚法 art. 46)."""

    inspection = TextField(null=True, index=True)
    item = TextField(null=True)
    kind = TextField(null=True)
    """One of `rules.EVIDENCE_KINDS`."""
    sha256 = TextField(null=True, index=True)
    sm3 = TextField(null=True)
    size = IntegerField(null=True)
    mime = TextField(null=True)
    name = TextField(null=True)
    """The file's name where it came from."""
    title = TextField(null=True)
    """The name that we gave: record number and count."""
    claim_time = TextField(null=True)
    """What the file says of its time; a claim."""
    claim_time_source = TextField(null=True)
    claim_place = TextField(null=True)
    """What the file says of its place, JSON; a claim."""
    claim_place_source = TextField(null=True)
    claim_problems = TextField(null=True)
    """What of these claims cannot be right, JSON; see `claims.problem_sentences`."""
    maker = TextField(null=True)
    method = TextField(null=True)
    made_at_claim = TextField(null=True)
    """When made, as the officer says it (制作时间)."""
    purpose = TextField(null=True)
    """What it is to prove (证明对象)."""
    source = TextField(null=True)
    """Who provided it."""
    carrier = TextField(null=True)
    """The original carrier (原始载体)."""
    carrier_place = TextField(null=True)
    transcript = TextField(null=True)
    """Words spoken, for sound."""
    form = TextField(null=True)
    """"original" or "copy"."""
    compared_by = TextField(null=True)
    """For a copy: who compared it with the original, and found it the same."""
    compared_on = TextField(null=True)
    """For a copy: the day of that, YYYY-MM-DD."""
    pages = IntegerField(null=True)
    note = TextField(null=True)
    taken_in_at = IntegerField(null=True)
    """When it was taken into the vault, ms since 1970 UTC: this device's own observation."""


@record("custody", version=2, search=("note",), parent="inspection")
class Custody(Record):
    """A custody event (流转) of one piece of evidence, or of one sample on its way to the laboratory.

    What happens before the seal belongs to the inspection and is covered by it; what comes after (a bag
    handed over weeks later) names only its evidence or sample, since a sealed record takes no more children.
    """

    inspection = TextField(null=True, index=True)
    evidence = TextField(null=True, index=True)
    sample = TextField(null=True, index=True)
    action = TextField(null=True)
    """One of `rules.CUSTODY_ACTIONS`."""
    by = TextField(null=True)
    to = TextField(null=True)
    at = IntegerField(null=True)
    """ms since 1970 UTC."""
    seal_number = TextField(null=True)
    count = IntegerField(null=True)
    """Of a sample: how many bottles."""
    condition = TextField(null=True)
    """Of a sample at its taking over or opening: one of `sampling.rules.CONDITIONS`."""
    note = TextField(null=True)


@record("statement", version=1, search=("name", "text"), parent="inspection")
class Statement(Record):
    """What the party or a witness stated (行诉证据规定 art. 13 asks for a witness's particulars)."""

    inspection = TextField(null=True, index=True)
    kind = TextField(null=True)
    """"party" or "witness"."""
    name = TextField(null=True)
    gender = TextField(null=True)
    age = TextField(null=True)
    occupation = TextField(null=True)
    address = TextField(null=True)
    id_number = TextField(null=True)
    text = TextField(null=True)


@record("filled_form", version=1, search=("title",), parent="inspection")
class FilledForm(Record):
    """A form that the bureau brought, filled during a visit; it keeps the version it was begun with."""

    inspection = TextField(null=True, index=True)
    form = TextField(null=True, index=True)
    """Record id of the brought form (`models.forms.tables.BroughtForm`), one record a version."""
    title = TextField(null=True)


@record("form_answer", version=1, search=("value",), parent="inspection")
class FormAnswer(Record):
    """One value in a filled form; its id follows from form and path (`rules.child_id`)."""

    inspection = TextField(null=True, index=True)
    filled = TextField(null=True, index=True)
    path = TextField(null=True)
    """As `models.forms.filling` has it: "/data/points[2]/value"."""
    value = TextField(null=True)
    """Text; "" for a round that holds nothing yet, None where there is no value any more."""


@record("form_log", version=1, search=(), parent="inspection")
class FormLog(Record):
    """What a form with an audit question had logged in one session of filling it (`models.forms.audit`).

    A record a session, written once when the form is left: nobody's keystroke waits for it, and two laptops'
    logs stand side by side.
    """

    inspection = TextField(null=True, index=True)
    filled = TextField(null=True, index=True)
    lines = TextField(null=True)
    """Lines of audit.csv, each with its end, without the header."""


@record("amendment", version=1, search=("amend_reason",))
class Amendment(Record):
    """What is corrected or added after the seal: a new record, sealed itself, that names that seal."""

    of = TextField(null=True, index=True)
    """The inspection. Not its parent: a sealed record takes no more children."""
    number = TextField(null=True, index=True)
    amends = TextField(null=True)
    """Hash of the seal entry, set by the `amend` entry."""
    amend_reason = TextField(null=True)
    changes = TextField(null=True)
    """JSON object: field to {"old": …, "new": …}."""


@record("complainant", version=2, search=())
class Complainant(Record):
    """Who reported what led to the inspection (生态环境法典 arts. 51, 146: kept confidential).

    A kind of its own so that it can be kept apart: it is in no search index, in no sealed record and on no
    paper; `queries.complainant` answers only roles with "see_complainant" and who wrote it down; a server may
    withhold the whole kind from a pull by its name. `of` names the inspection; it is deliberately not a
    parent, so that the seal, whose bytes others read, does not cover it.
    """

    of = TextField(null=True, index=True)
    name = TextField(null=True)
    contact = TextField(null=True)
    words = TextField(null=True)
