"""Papers of measures on the spot, as they were sealed: approval, notice, decision, list, release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.documents.official import chinese_day
from models.documents.onsite_values import bureau_of, framed, officer_values
from models.documents.paper import moment
from models.documents.templates import Value
from models.errors import BadInput
from models.inspections.onsite import papers
from models.language import N_

if TYPE_CHECKING:
    from models.store.seat import Seat

NAMES = {"this": N_("This paper")}
BY_HAND = "________________"
_ACTS = {"seal": "查封", "seize": "扣押", "register": "先行登记保存", "inspect": "行政检查"}
_KEEPINGS = {"in_place": "就地保存", "elsewhere": "异地保存"}
_DISPOSITIONS = {
    "preserve": "采取证据保全措施",
    "appraise": "送交检测、检验、鉴定",
    "seize": "依法查封、扣押",
    "release": "解除先行登记保存",
}


def values(seat: Seat, paper_id: str, _name: str) -> tuple[str, dict[str, Value], str]:
    """Layout, what it is filled with, and the text of the code. Call with Chinese in force.

    Raises:
        BadInput: there is no such paper, or its sealed bytes are not here.
    """
    row = papers.paper_of(seat, paper_id)
    if row is None:
        raise BadInput(N_("There is no such record here. Choose one from the list."))
    said = papers.content(seat, row)
    whole, qr_text = framed(seat, row, _values(said, bureau_of(seat)))
    later = papers.official_number(seat, row.id)
    if later and not said.get("official"):
        whole["文号"] = later if not row.sealed else f"{later}（签封后编定）"
    return str(said["paper"]), whole, qr_text


def _values(said: Mapping[str, Any], bureau: str) -> dict[str, Value]:
    of: Mapping[str, Any] = said["measure"]
    first, second = (officer_values(each, bureau) for each in said["officers"])
    return {
        "文号": said.get("official") or "",
        "措施": _ACTS.get(of.get("kind", ""), ""),
        "措施编号": of.get("number", ""),
        "当事人": {
            "名称": of.get("party", ""),
            "代码": of.get("party_code", ""),
            "法定代表人": of.get("party_person", ""),
            "地址": of.get("party_address", ""),
            "电话": of.get("party_phone", ""),
        },
        "案由": of.get("case_title", ""),
        "事由": of.get("reason", ""),
        "情形": _situation(said),
        "违反规定": of.get("violated") or "有关生态环境法律、法规的规定",
        "依据": said["basis"],
        "地点": of.get("place", ""),
        "计划起": chinese_day(of.get("planned_from")),
        "计划止": chinese_day(of.get("planned_to") or of.get("planned_from")),
        "检查方式": of.get("way") or "现场检查",
        "紧急": "是" if of.get("urgent") else "否",
        "报批方式": of.get("asked_how", ""),
        "审批意见": of.get("approval_opinion") or ("同意" if of.get("approved_at") else ""),
        "审批人": of.get("approver", ""),
        "审批时间": moment(of.get("approved_at")),
        "执法人员甲": first,
        "执法人员乙": second,
        "措施时间": moment(of.get("taken_at")),
        "期限止": chinese_day(said.get("until")),
        "保存方式": _KEEPINGS.get(of.get("keeping", ""), ""),
        "保存地点": of.get("keep_place") or (of.get("place", "") if of.get("keeping") == "in_place" else ""),
        "保管人": of.get("keeper", ""),
        "陈述申辩": of.get("heard") or "无",
        "份数": str(of.get("copies") or 2),
        "物品": [_item(count, each) for count, each in enumerate(said["items"], 1)],
        "件数": str(len(said["items"])),
        "签名说明": _signature_note(of),
        "延长日期": chinese_day(of.get("extended_on")),
        "延长天数": str(of.get("extended_days") or ""),
        "延长理由": of.get("extension_reason", ""),
        "延长批准人": of.get("extension_approver", ""),
        "处理方式": _disposed(of),
        "解除日期": chinese_day(of.get("released_on")),
        "解除理由": of.get("release_reason", ""),
        "救济途径": BY_HAND,
        "文书日期": chinese_day(said.get("issued_on")),
    }


def _disposed(of: Mapping[str, Any]) -> str:
    """How a measure ended; nothing before it did."""
    lapsed = "期限届满，自动解除" if of.get("released_on") else ""
    return _DISPOSITIONS.get(of.get("disposition", ""), lapsed)


def _situation(said: Mapping[str, Any]) -> str:
    grave = ["已造成严重污染"] if said["measure"].get("grave") else []
    return "；".join([*said["grounds"], *grave])


def _item(count: int, each: Mapping[str, Any]) -> dict[str, Value]:
    return {
        "序号": str(count),
        "名称": each.get("name", ""),
        "型号": each.get("model", ""),
        "数量": each.get("quantity", ""),
        "单位": each.get("unit_of_quantity", ""),
        "特征": each.get("look", ""),
        "存放": each.get("where", ""),
        "保管人": each.get("keeper", ""),
        "备注": each.get("note", ""),
    }


def _signature_note(of: Mapping[str, Any]) -> str:
    reason = f"，原因：{of['refusal_reason']}" if of.get("refusal_reason") else ""
    notes = []
    if of.get("signed") == "refused":
        notes.append(f"当事人拒绝签名{reason}。")
    elif of.get("signed") == "absent" or of.get("present") is False:
        notes.append(f"当事人不在场{reason}。")
    if notes and of.get("witness_name"):
        witness = "  ".join(part for part in (of["witness_name"], of.get("witness_id")) if part)
        notes.append(f"见证人：{witness}。")
    return "".join(notes)
