"""送达回证: the proof of service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.documents.official import chinese_day
from models.documents.onsite_values import bureau_of, framed, officer_values
from models.documents.paper import moment
from models.documents.templates import Value
from models.errors import BadInput
from models.inspections.onsite import service_rules, services, writing
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat

NAMES = {"service": N_("Proof of service")}
_METHODS = {
    "direct": "直接送达",
    "left": "留置送达",
    "entrusted": "委托送达",
    "post": "邮寄送达",
    "public": "公告送达",
    "electronic": "电子送达",
}


def values(seat: Seat, service_id: str, name: str) -> tuple[str, dict[str, Value], str]:
    """Layout, what it is filled with, and the text of the code. Call with Chinese in force.

    Raises:
        BadInput: there is no such proof.
    """
    row = services.service(seat, service_id)
    if row is None:
        raise BadInput(N_("There is no such record here. Choose one from the list."))
    officers, bureau = writing.officers_of(seat, row), bureau_of(seat)
    first, second = (
        officer_values(writing.stated_officer(officers.get(each or "")), bureau)
        for each in (row.first_officer, row.second_officer)
    )
    later = service_rules.effective(row)
    found: dict[str, Value] = {
        "案由": row.case_title or "",
        "受送达人": row.receiver or "",
        "送达地点": row.place or "",
        "送达方式": _ways(row.method),
        "送达时间": moment(row.served_at),
        "视为送达": f"{chinese_day(later.due_on.isoformat())}（公告期满）" if later is not None else "",
        "文书": [
            {
                "序号": str(count),
                "名称": each.name or "",
                "文号": each.paper_number or "",
                "份数": str(each.copies or 1),
            }
            for count, each in enumerate(services.papers_of(seat, row.id), 1)
        ],
        "签收人": row.taken_by or "",
        "关系": row.relation or ("本人" if row.taken_by and row.taken_by == row.receiver else ""),
        "拒收事由": row.refusal_reason or "",
        "见证人": "  ".join(part for part in (row.witness_name, row.witness_unit) if part),
        "受托机关": row.agent or "",
        "邮寄单号": row.tracking or "",
        "公告媒体": row.medium or "",
        "确认书": row.consent or "",
        "送达人甲": first,
        "送达人乙": second,
        "备注": row.note or "",
    }
    whole, qr_text = framed(seat, row, found)
    return name, whole, qr_text


def _ways(method: str | None) -> str:
    return "  ".join(f"{'■' if key == method else '□'}{words}" for key, words in _METHODS.items())
