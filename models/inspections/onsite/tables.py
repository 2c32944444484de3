"""The records of interviews, of measures taken on the spot, of their papers and of service.

Each is a record of its own beside the visit: a sealed inspection takes no more children, and an interview, a
seizure or a service may come weeks after it. `inspection` names the visit that it belongs to.
"""

from __future__ import annotations

from models.store.records import BooleanField, IntegerField, Record, TextField, record


@record(
    "interview", version=1, search=("number", "case_title", "person_name", "site_name"), owner="inspection"
)
class Interview(Record):
    """调查询问笔录: one person asked, once."""

    number = TextField(null=True, index=True)
    inspection = TextField(null=True, index=True)
    case_title = TextField(null=True)
    """案由."""
    count = IntegerField(null=True)
    """第几次询问 of this person."""
    site_name = TextField(null=True)
    began_at = IntegerField(null=True)
    """ms since 1970 UTC."""
    ended_at = IntegerField(null=True)
    place = TextField(null=True)
    first_officer = TextField(null=True)
    second_officer = TextField(null=True)
    recorder = TextField(null=True)
    person_name = TextField(null=True)
    person_gender = TextField(null=True)
    person_nation = TextField(null=True)
    person_age = TextField(null=True)
    person_id_number = TextField(null=True)
    person_employer = TextField(null=True)
    person_duty = TextField(null=True)
    person_relation = TextField(null=True)
    """与本案关系."""
    person_address = TextField(null=True)
    person_postcode = TextField(null=True)
    person_phone = TextField(null=True)
    guardian_name = TextField(null=True)
    """Who has to be there where the person is a minor."""
    guardian_relation = TextField(null=True)
    others = TextField(null=True)
    alone = BooleanField(null=True)
    """个别询问: nobody else who is asked in the same matter was there."""
    shown_certificates = BooleanField(null=True)
    told_rights = BooleanField(null=True)
    """Told to answer truthfully, and the right to ask for the withdrawal of an officer."""
    avoidance = TextField(null=True)
    """"none" or "asked"."""
    avoidance_reason = TextField(null=True)
    reading = TextField(null=True)
    """One of `interview_rules.READINGS`: how the person came to know what was written."""
    signed = TextField(null=True)
    """One of `interview_rules.SIGNED`."""
    unsigned_pages = TextField(null=True)
    """Pages that the person did not sign, as "2,3"."""
    refusal_reason = TextField(null=True)
    witness_name = TextField(null=True)
    witness_id = TextField(null=True)


@record("question", version=1, search=("question", "answer"), parent="interview")
class Question(Record):
    """One question with its answer."""

    interview = TextField(null=True, index=True)
    place = IntegerField(null=True)
    """Where it stands: in steps of `interview_rules.STEP`, so that one can be put in between."""
    question = TextField(null=True)
    answer = TextField(null=True)


@record(
    "measure",
    version=1,
    search=("number", "case_title", "party", "reason"),
    owner="inspection",
)
class Measure(Record):
    """行政检查, 先行登记保存, 查封 or 扣押: what was asked for, approved, done, and how it ended."""

    number = TextField(null=True, index=True)
    kind = TextField(null=True)
    """One of `measure_rules.KINDS`."""
    inspection = TextField(null=True, index=True)
    site = TextField(null=True, index=True)
    party = TextField(null=True)
    party_code = TextField(null=True)
    party_person = TextField(null=True)
    party_address = TextField(null=True)
    party_phone = TextField(null=True)
    case_title = TextField(null=True)
    reason = TextField(null=True)
    """事由: of an inspection why and what; of evidence why it may be lost; of a seizure the facts."""
    grounds = TextField(null=True)
    """Of a seizure: keys of `measure_rules.grounds`, comma-joined."""
    grave = BooleanField(null=True)
    """已造成严重污染."""
    violated = TextField(null=True)
    first_officer = TextField(null=True)
    second_officer = TextField(null=True)
    place = TextField(null=True)
    planned_from = TextField(null=True)
    planned_to = TextField(null=True)
    """Of an inspection: its days."""
    way = TextField(null=True)
    """Of an inspection: how it is done."""
    urgent = BooleanField(null=True)
    asked_how = TextField(null=True)
    """紧急情况下以何种即时通讯方式报批."""
    approved_at = IntegerField(null=True)
    """ms since 1970 UTC."""
    approver = TextField(null=True)
    approval_opinion = TextField(null=True)
    taken_at = IntegerField(null=True)
    keeping = TextField(null=True)
    """One of `measure_rules.KEEPINGS`."""
    keep_place = TextField(null=True)
    keeper = TextField(null=True)
    present = BooleanField(null=True)
    """The party was told to come and came."""
    told = BooleanField(null=True)
    """当场告知理由、依据和权利、救济途径."""
    heard = TextField(null=True)
    """陈述和申辩."""
    signed = TextField(null=True)
    """"signed", "refused" or "absent", as in the record of a visit."""
    refusal_reason = TextField(null=True)
    witness_name = TextField(null=True)
    witness_id = TextField(null=True)
    copies = IntegerField(null=True)
    test_days = IntegerField(null=True)
    """Days of testing, which do not count."""
    test_reason = TextField(null=True)
    extended_on = TextField(null=True)
    extended_days = IntegerField(null=True)
    extension_reason = TextField(null=True)
    extension_approver = TextField(null=True)
    disposition = TextField(null=True)
    """One of `measure_rules.DISPOSITIONS`."""
    disposed_on = TextField(null=True)
    disposition_note = TextField(null=True)
    release_asked_on = TextField(null=True)
    released_on = TextField(null=True)
    release_reason = TextField(null=True)


@record("measure_item", version=1, search=("name", "model", "note"), parent="measure")
class MeasureItem(Record):
    """One thing that is registered, sealed up or seized."""

    measure = TextField(null=True, index=True)
    place = IntegerField(null=True)
    name = TextField(null=True)
    model = TextField(null=True)
    quantity = TextField(null=True)
    """Decimal text."""
    unit_of_quantity = TextField(null=True)
    look = TextField(null=True)
    """特征、新旧程度."""
    where = TextField(null=True)
    keeper = TextField(null=True)
    note = TextField(null=True)


@record("measure_paper", version=1, search=("number",), owner="measure")
class MeasurePaper(Record):
    """One paper of a measure, sealed when it is issued; it is printed from the sealed bytes for ever."""

    measure = TextField(null=True, index=True)
    paper = TextField(null=True)
    """One of `measure_rules.PAPERS`."""
    number = TextField(null=True, index=True)
    issued_on = TextField(null=True)
    content = TextField(null=True)
    """What it says, J1, for laptops that do not hold the sealed bytes; None where an entry cannot hold it."""


@record("paper_number", version=1, search=("text",))
class PaperNumber(Record):
    """文号 that the office gave to a paper: 漳环查扣〔2026〕1号. What is sealed keeps its own number too."""

    of = TextField(null=True, index=True)
    """The paper."""
    text = TextField(null=True, index=True)
    given_on = TextField(null=True)


@record("service", version=1, search=("number", "receiver", "case_title", "tracking"), owner="inspection")
class Service(Record):
    """送达回证: papers handed to one receiver, at once."""

    number = TextField(null=True, index=True)
    inspection = TextField(null=True, index=True)
    case_title = TextField(null=True)
    """案由、案号."""
    receiver = TextField(null=True)
    """受送达人."""
    place = TextField(null=True)
    method = TextField(null=True)
    """One of `service_rules.METHODS`."""
    served_at = IntegerField(null=True)
    """ms since 1970 UTC; of a public notice its publication."""
    taken_by = TextField(null=True)
    """Who signed for it (收件人、代收人)."""
    relation = TextField(null=True)
    """代收人与受送达人关系."""
    refusal_reason = TextField(null=True)
    witness_name = TextField(null=True)
    witness_unit = TextField(null=True)
    first_officer = TextField(null=True)
    second_officer = TextField(null=True)
    agent = TextField(null=True)
    """受委托送达的机关."""
    tracking = TextField(null=True)
    """邮寄单号."""
    medium = TextField(null=True)
    """公告媒体."""
    consent = TextField(null=True)
    """送达地址（电子送达）确认书编号."""
    note = TextField(null=True)


@record("served_paper", version=1, search=("name", "paper_number"), parent="service")
class ServedPaper(Record):
    """One paper that is served."""

    service = TextField(null=True, index=True)
    place = IntegerField(null=True)
    name = TextField(null=True)
    paper_number = TextField(null=True)
    """文号."""
    copies = IntegerField(null=True)
    paper = TextField(null=True)
    """The `measure_paper`, where it is one of ours."""
