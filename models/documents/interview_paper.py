"""调查询问笔录: the interview record, question by question, to be signed on each page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.documents.onsite_values import TICK, bureau_of, framed, officer_values
from models.documents.paper import moment
from models.documents.templates import Value
from models.errors import BadInput
from models.inspections.onsite import interview_rules as rules
from models.inspections.onsite import interviews, writing
from models.language import N_

if TYPE_CHECKING:
    from models.inspections.onsite.tables import Interview
    from models.store.seat import Seat

NAMES = {"interview": N_("Interview record")}
_READINGS = {"read": "本人阅看", "read_out": "向本人宣读"}


def values(seat: Seat, interview_id: str, name: str) -> tuple[str, dict[str, Value], str]:
    """Layout, what it is filled with, and the text of the code. Call with Chinese in force.

    Raises:
        BadInput: there is no such interview.
    """
    row = interviews.interview(seat, interview_id)
    if row is None:
        raise BadInput(N_("There is no such record here. Choose one from the list."))
    officers = writing.officers_of(seat, row)
    bureau = bureau_of(seat)
    first, second, recorder = (
        officer_values(writing.stated_officer(officers.get(getattr(row, each) or "")), bureau)
        for each in writing.OFFICERS
    )
    age = rules.age_on(row, writing.day_of(row, "began_at"))
    found: dict[str, Value] = {
        "案由": row.case_title or "",
        "次数": str(row.count or 1),
        "单位名称": row.site_name or "",
        "开始时间": moment(row.began_at),
        "结束时间": moment(row.ended_at),
        "地点": row.place or "",
        "被询问人": {
            "姓名": row.person_name or "",
            "性别": row.person_gender or "",
            "民族": row.person_nation or "",
            "年龄": row.person_age or ("" if age is None else str(age)),
            "身份号码": row.person_id_number or "",
            "单位": row.person_employer or "",
            "职务": row.person_duty or "",
            "关系": row.person_relation or "",
            "住址": row.person_address or "",
            "邮编": row.person_postcode or "",
            "电话": row.person_phone or "",
        },
        "监护人": "  ".join(part for part in (row.guardian_name, row.guardian_relation) if part) or "无",
        "询问人甲": first,
        "询问人乙": second,
        "记录人": recorder,
        "其他参加人": row.others or "无",
        "告知": _told(bureau, str(first["证号"]), str(second["证号"])),
        "确认": {
            "证件": TICK[bool(row.shown_certificates)],
            "不申请": TICK[row.avoidance == "none"],
            "申请": TICK[row.avoidance == "asked"],
            "理由": f"，理由：{row.avoidance_reason}" if row.avoidance_reason else "",
        },
        "问答": [
            {"问": each.question or "", "答": each.answer or rules.NO_ANSWER}
            for each in interviews.questions_of(seat, row.id)
        ],
        "阅看方式": _READINGS.get(row.reading or "", "本人阅看或者向本人宣读"),
        "签名说明": signature_note(row),
    }
    whole, qr_text = framed(seat, row, found)
    return name, whole, qr_text


def signature_note(row: Interview) -> str:
    """Which pages are not signed, why, and who saw it."""
    reason = f"，原因：{row.refusal_reason}" if row.refusal_reason else ""
    notes = []
    if row.signed == "refused":
        notes.append(f"被询问人拒绝签名{reason}。")
    elif row.unsigned_pages:
        notes.append(f"被询问人未在第{row.unsigned_pages.replace(',', '、')}页签名{reason}。")
    if notes and row.witness_name:
        witness = "  ".join(part for part in (row.witness_name, row.witness_id) if part)
        notes.append(f"见证人：{witness}。")
    return "".join(notes)


def _told(bureau: str, first: str, second: str) -> str:
    return (
        f"我们是{bureau}的行政执法人员，这是我们的执法证件（执法证件号：{first}、{second}），请过目确认。"
        "今天依法向你了解有关情况，你应当如实回答询问，不得拒绝、阻碍、隐瞒或者提供虚假情况。"
        "如果你认为询问人与本案有利害关系，可能影响公正办案，可以申请回避，并说明理由。请确认。"
    )
