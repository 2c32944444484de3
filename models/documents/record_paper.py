"""现场检查（勘察）笔录: the on-site inspection record, as Word, terminal text or a page to print.

Fields after the bureau's form. What 生态环境行政处罚办法 (2023) art. 28 asks for is in it: times, place,
officers, party, that certificates were shown and rights told, what was found, signatures or why none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.documents import narrative, page, qr, templates
from models.documents.facts import Facts, gather
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words, moment
from models.documents.paper import preview as preview_lines
from models.documents.templates import Value
from models.inspections.tables import Inspection, Measurement
from models.language import in_chinese
from models.registry import units
from models.registry.tables import Officer
from models.store import sealing

if TYPE_CHECKING:
    from models.store.seat import Seat

TITLE = "现场检查（勘察）笔录"
PAGE_SIGNATURE = "现场负责人（当事人）签名：                              年    月    日"
PROMISE = (
    "本页二维码含本设备对记录全文哈希值的签名。任何人可用公开工具核验：记录自签封后未改动，由登记设备签封。"
    "核验不证明内容真实，不证明设备时钟准确。"
)
DRAFT = "草稿，尚未签封，不得作为证据使用。"
TAKEN_OUT = "签封后有内容已按令删除（{why}）：本件不是签封时的全文，二维码所载为删除前全文哈希值的签名。"
_READ = "（请写明“以上笔录我已阅看无误”）"
_CHECKED = {True: "■", False: "□"}


def fill_record(
    seat: Seat, inspection_id: str, language: str = "zh", *, folder: Path | None = None, dpi: int = 300
) -> bytes:
    """The record as .docx, with number, page number and code on each page; a draft before the seal.

    Args:
        language: of the template; a template `record.en.docx` in `folder` serves "en", else the Chinese one.
        folder: where the bureau keeps its own templates.
        dpi: of the printer, 300 or 600: the code's dots are whole printer dots.

    Raises:
        BadInput: there is no such inspection, or the bureau's template cannot be used.
    """
    facts = gather(seat, inspection_id)
    values = in_chinese(lambda: record_values(facts))
    return templates.fill(templates.find("record", folder, language), values, printed_code(facts, dpi))


def preview(seat: Seat, inspection_id: str, width: int) -> list[str]:
    """The record as lines of at most `width` terminal cells, all of it visible text."""
    return preview_lines(record_paper(seat, inspection_id), width)


def html_page(seat: Seat, inspection_id: str) -> str:
    """The record as one HTML document to print from a browser, where there is no office program."""
    return page.html_page(record_paper(seat, inspection_id))


def record_paper(seat: Seat, inspection_id: str) -> Paper:
    """The record as a value.

    Raises:
        BadInput: there is no such inspection.
    """
    facts = gather(seat, inspection_id)
    return in_chinese(lambda: _paper(facts))


def printed_code(facts: Facts, dpi: int) -> tuple[bytes, float] | None:
    """The code of a sealed inspection as PNG for a printer, and its side in mm; None for a draft."""
    if not facts.qr_text:
        return None
    code = qr.seal_modules(facts.qr_text)
    return qr.png(code, dpi), qr.printed_mm(code, dpi)


def officer_values(officer: Officer | None, facts: Facts) -> dict[str, str]:
    """An officer as papers name them: 姓名, 单位, 证号."""
    if officer is None:
        return {"姓名": "", "单位": "", "证号": ""}
    unit = units.unit(officer.unit_code or officer.unit)
    place = "" if unit is None or unit.kind == "city" else f"（{unit.name}）"
    return {
        "姓名": officer.name or "",
        "单位": facts.bureau + place,
        "证号": officer.certificate or "",
    }


def common_values(facts: Facts) -> dict[str, Value]:
    """What every paper of an inspection names."""
    row, site = facts.inspection, facts.site
    return {
        "编号": facts.number,
        "演示": facts.demo,
        "机关": facts.bureau,
        "地点": row.place or "",
        "检查人甲": officer_values(facts.first, facts),
        "检查人乙": officer_values(facts.second, facts),
        "当事人": {
            "名称": row.site_name or "",
            "代码": row.site_code or "",
            "法定代表人": row.legal_person or "",
            "地址": (site.address if site is not None else None) or "",
        },
        "签封说明": seal_note(facts),
        "核验说明": promise_of(bool(facts.qr_text), facts.taken_out),
    }


def promise_of(sealed: bool, taken_out: str, words: str = PROMISE) -> str:
    """What the code on each page proves, or why it proves less.

    Args:
        taken_out: as `Sealed.taken_out`.
        words: for a sealed record of which nothing is gone.
    """
    if not sealed:
        return DRAFT
    return TAKEN_OUT.format(why=taken_out) if taken_out else words


def seal_note(facts: Facts) -> str:
    """When and by which device it was sealed; empty for a draft."""
    if not facts.qr_text:
        return ""
    seal = sealing.parse(facts.qr_text)
    return f"签封时间：{moment(seal.time_ms)}（设备时钟）    设备密钥：{seal.key_id}"


def record_values(facts: Facts) -> dict[str, Value]:
    """Everything that the record's template may name. Call with Chinese in force."""
    row = facts.inspection
    return {
        **common_values(facts),
        "开始时间": moment(row.began_at),
        "结束时间": moment(row.ended_at),
        "记录人": officer_values(facts.recorder, facts),
        "现场负责人": {
            "姓名": row.contact_name or "",
            "年龄": row.contact_age or "",
            "身份号码": row.contact_id_number or "",
            "职务": row.contact_duty or "",
            "关系": row.contact_relation or "",
            "电话": row.contact_phone or "",
            "地址": row.contact_address or "",
            "单位": row.site_name or "",
        },
        "其他参加人": row.others or "无",
        "见证人": _witness(row),
        "确认": {
            "证件": _CHECKED[bool(row.shown_certificates)],
            "不申请": _CHECKED[row.avoidance == "none"],
            "申请": _CHECKED[row.avoidance == "asked"],
            "理由": f"，理由：{row.avoidance_reason}" if row.avoidance_reason else "",
        },
        "现场情况": narrative.situation(facts),
        "监测": [_measurement(one) for one in facts.measurements],
        "证据说明": narrative.evidence_sentence(facts.evidence),
        "阅看意见": "",
        "签名说明": signature_note(facts),
    }


_COVERT = "本次检查为暗查，检查时未表明身份，未向当事人告知。"
"""生态环境行政处罚办法 (2023) art. 24."""


def signature_note(facts: Facts) -> str:
    """Why a signature is missing (art. 28 asks for it), and what was amended after the seal."""
    row = facts.inspection
    notes = [_COVERT] if row.covert else []
    reason = f"，原因：{row.refusal_reason}" if row.refusal_reason else ""
    if row.signed == "refused":
        notes.append(f"现场负责人拒绝签名{reason}。")
    elif row.signed == "absent" or row.present is False:
        notes.append(f"当事人不在场{reason}。")
    if row.witness_name and (row.signed in ("refused", "absent") or row.present is False):
        notes.append(f"见证人：{row.witness_name}。")
    if facts.amendments:
        numbers = "、".join(one.number or "" for one in facts.amendments)
        notes.append(f"本笔录签封后有补正 {len(facts.amendments)} 次（{numbers}）。")
    return "".join(notes)


def _witness(row: Inspection) -> str:
    return "  ".join(part for part in (row.witness_name, row.witness_id) if part) or "无"


def _measurement(one: Measurement) -> dict[str, str]:
    return {
        "点位": narrative.point_name(one),
        "项目": narrative.parameter_name(one),
        "结果": narrative.measured_value(one),
        "限值": one.limit_text or "",
        "标准": " ".join(part for part in (one.standard, one.clause) if part),
        "判定": narrative.verdict(one),
    }


def _told(facts: Facts) -> str:
    first, second = officer_values(facts.first, facts)["证号"], officer_values(facts.second, facts)["证号"]
    return (
        f"我们是{facts.bureau}的行政执法人员，这是我们的执法证件（执法证件号：{first}、{second}），请过目确认。"
        "今天依法进行检查并了解有关情况，你应当配合调查，如实提供资料，不得拒绝、阻碍、隐瞒或者提供虚假情况。"
        "如果你认为检查人与本案有利害关系，可能影响公正办案，可以申请回避，并说明理由。请确认。"
    )


def _paper(facts: Facts) -> Paper:
    row = facts.inspection
    confirmed = _CHECKED[bool(row.shown_certificates)]
    stays, asks = _CHECKED[row.avoidance == "none"], _CHECKED[row.avoidance == "asked"]
    reason = f"，理由：{row.avoidance_reason}" if row.avoidance_reason else ""
    evidence = narrative.evidence_sentence(facts.evidence)
    blocks: list[Block] = [Rows(tuple(_rows(facts)))]
    if row.covert:
        blocks.append(Words("告知：", (_COVERT,)))
    else:
        confirmation = f"{confirmed}已确认执法证件  {stays}不申请回避  {asks}申请回避{reason}"
        blocks += [
            Words("告知：", (_told(facts),)),
            Words("现场负责人确认：", (confirmation,)),
            Signatures(("现场负责人",)),
        ]
    blocks.append(Words("现场情况：", tuple(narrative.situation(facts))))
    if facts.measurements:
        heads = ("点位", "项目", "监测值", "限值", "执行标准及条款", "判定")
        rows = tuple(tuple(_measurement(one).values()) for one in facts.measurements)
        blocks.append(Grid("现场监测结果：", heads, rows, (16, 16, 15, 15, 24, 14)))
    blocks.append(Words("", (*([evidence] if evidence else []), "（以下无正文）")))
    blocks.append(Words("现场负责人阅看意见：", (_READ,)))
    blocks.append(
        Signatures(("现场负责人", "检查（勘察）人", "检查（勘察）人", "记录人", "见证人（其他参加人）"))
    )
    note = signature_note(facts)
    blocks.append(Words("备注（不在场、拒绝签名等情况）：", (note,) if note else ()))
    return Paper(
        facts.bureau,
        TITLE,
        facts.number,
        facts.demo,
        tuple(blocks),
        PAGE_SIGNATURE,
        seal_note(facts),
        promise_of(bool(facts.qr_text), facts.taken_out),
        facts.qr_text,
    )


def _rows(facts: Facts) -> list[tuple[tuple[str, str], ...]]:
    row = facts.inspection
    officers = [
        ("检查（勘察）人", facts.first),
        ("检查（勘察）人", facts.second),
        ("记录人", facts.recorder),
    ]
    people: list[tuple[tuple[str, str], ...]] = []
    for label, officer in officers:
        known = officer_values(officer, facts)
        people.append(
            ((label, known["姓名"]), ("工作单位及执法证号", f"{known['单位']}  {known['证号']}".strip()))
        )
    return [
        (("检查（勘察）时间", f"{moment(row.began_at)}至{moment(row.ended_at)}"),),
        (("检查（勘察）地点", row.place or ""),),
        *people,
        (("被检查（勘察）人名称或姓名", row.site_name or ""),),
        (("统一社会信用代码", row.site_code or ""), ("法定代表人（负责人）", row.legal_person or "")),
        (("现场负责人", row.contact_name or ""), ("年龄", row.contact_age or "")),
        (("与本案关系", row.contact_relation or ""), ("公民身份号码", row.contact_id_number or "")),
        (("职务", row.contact_duty or ""), ("工作单位", row.site_name or "")),
        (("电话", row.contact_phone or ""), ("地址及邮编", row.contact_address or "")),
        (("其他参加人姓名及工作单位（地址）", row.others or "无"),),
        (("见证人姓名及公民身份号码", _witness(row)),),
    ]
