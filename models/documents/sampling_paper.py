"""采样记录单: the sampling record of one point, its samples and their custody, as it is signed at the site.

Fields as the forms of the technical norms have them (公共, 废水, 废气, 固废/土壤, 噪声); the code on each
page is the seal of the record. What was written late or corrected is said on the paper.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.documents import qr, templates
from models.documents.facts import BUREAU
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words, moment
from models.documents.record_paper import promise_of
from models.documents.templates import Value
from models.inspections.rules import CUSTODY_ACTIONS
from models.inspections.sampling import fields, rules
from models.inspections.sampling.completeness import lateness
from models.inspections.sampling.passing import name_of
from models.inspections.sampling.queries import SamplingView, view
from models.inspections.sampling.sheets import late_words
from models.language import N_, in_chinese, translate
from models.registry import keeping
from models.registry.sealing import seal_of
from models.store import sealing

if TYPE_CHECKING:
    from models.inspections.sampling.tables import Sample, Sampling
    from models.registry.tables import Officer
    from models.store.seat import Seat

NAMES = {"sampling": N_("Sampling record"), "custody": N_("Hand-over of samples")}
"""The papers of a sampling record, by name, with their msgids (`models.documents.shelf`)."""
TITLES = {
    "water": "废水采样记录单",
    "air": "废气采样记录单",
    "solid": "固体废物（土壤）采样记录单",
    "noise": "噪声测量记录单",
}
CUSTODY_TITLE = "样品交接记录单"
PAGE_SIGNATURE = "当事人签名：                              年    月    日"
PROMISE = (
    "本页二维码含本设备对采样记录全文哈希值的签名。任何人可用公开工具核验：记录自签封后未改动，由登记设备签封。"
    "核验不证明内容真实，不证明设备时钟准确。"
)
_RULE = "本记录在现场填写，不得补记；有误的，划改并由更改人签名，不得涂抹。"
_LEGEND = "点位图例：废水★  环境水☆  废气◎  环境空气○  厂界噪声▲  敏感点△  固体■"
_WIDE = ("location", "production", "treatment", "abnormal", "surroundings", "discharge_to", "sound_source")
"""Fields that take a whole line."""


def paper(seat: Seat, sampling_id: str, name: str) -> Paper:
    """A paper of a sampling record: the record itself, or the hand-over of its samples.

    Raises:
        RuleBroken: there is no such record.
    """
    seen = view(seat, sampling_id)
    make = _custody if name == "custody" else _record
    return in_chinese(lambda: make(seat, seen))


def fill_record(seat: Seat, sampling_id: str, *, folder: Path | None = None, dpi: int = 300) -> bytes:
    """The record as .docx from the template `sampling.docx`, with number, page and code on each page.

    Args:
        folder: where the bureau keeps its own templates.
        dpi: of the printer, 300 or 600: the code's dots are whole printer dots.

    Raises:
        RuleBroken: there is no such record. BadInput: the bureau's template cannot be used.
    """
    seen = view(seat, sampling_id)
    values = in_chinese(lambda: record_values(seat, seen))
    seal = seal_of(seat, seen.row.id) if seen.row.sealed else None
    code = None
    if seal is not None:
        modules = qr.seal_modules(seal.qr_text)
        code = (qr.png(modules, dpi), qr.printed_mm(modules, dpi))
    return templates.fill(templates.find("sampling", folder), values, code)


def record_values(seat: Seat, seen: SamplingView) -> dict[str, Value]:
    """Everything that the template of the record may name. Call with Chinese in force."""
    made = _record(seat, seen)
    rows = [line for block in made.blocks if isinstance(block, Rows) for line in block.rows]
    grid = next((block for block in made.blocks if isinstance(block, Grid)), None)
    names = ("编号", "名称", "项目", "容器", "保存", "时刻", "备注")
    said = next(b for b in made.blocks if isinstance(b, Words) and b.paragraphs and b.paragraphs[0] == _RULE)
    return {
        "编号": made.number,
        "演示": made.demo,
        "机关": made.bureau,
        "标题": made.title,
        "内容": [_pairs(line) for line in rows],
        "样品": [dict(zip(names, row, strict=True)) for row in grid.rows] if grid is not None else [],
        "说明": [_LEGEND, *said.paragraphs],
        "签名说明": _signed(seen.row),
        "签封说明": made.seal_note,
        "核验说明": made.promise,
    }


def _pairs(line: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """A line of one or two labelled values, as the template's row has them."""
    second = line[1] if len(line) > 1 else ("", "")
    return {"名称甲": line[0][0], "内容甲": line[0][1], "名称乙": second[0], "内容乙": second[1]}


def _record(seat: Seat, seen: SamplingView) -> Paper:
    row = seen.row
    seal = seal_of(seat, row.id) if row.sealed else None
    note = ""
    if seal is not None:
        parsed = sealing.parse(seal.qr_text)
        note = f"签封时间：{moment(parsed.time_ms)}（设备时钟）    设备密钥：{parsed.key_id}"
    elif row.voided is not None:
        note = "本记录已撤回，不得使用。"
    blocks: list[Block] = [
        Rows(_head(seat, seen)),
        Rows(tuple(_rows(row, (*fields.COMMON[5:], *fields.OWN.get(row.matter or "", ()))))),
    ]
    if row.matter != "noise":
        blocks.append(_samples(seen))
    blocks += [
        Words("点位示意图：", ("", _LEGEND)),
        Words("", (_RULE, *_writing(row, seen.corrections), *_amended(seen))),
        Signatures(("采样人员", "采样人员", "当事人", "见证人")),
        Words("备注（不在场、拒绝签名等情况）：", (_signed(row),)),
    ]
    return Paper(
        bureau=seat.meta("bureau") or BUREAU,
        title=TITLES.get(row.matter or "", "采样记录单"),
        number=row.number or "",
        demo=seat.demo,
        blocks=tuple(blocks),
        page_signature=PAGE_SIGNATURE,
        seal_note=note,
        promise=promise_of(seal is not None, seal.taken_out if seal is not None else "", PROMISE),
        qr_text=seal.qr_text if seal is not None else "",
    )


def _head(seat: Seat, seen: SamplingView) -> tuple[tuple[tuple[str, str], ...], ...]:
    row = seen.row
    visit = keeping.row_of(seat, "inspection", row.inspection or "")
    officers = [_officer(seen.officers.get(each or "")) for each in (row.first_officer, row.second_officer)]
    return (
        (("被采样单位", row.site_name or ""), ("统一社会信用代码", row.site_code or "")),
        (("采样单位", row.sampler_unit or ""), ("检查笔录编号", (visit.number or "") if visit else "")),
        (("采样时间", f"{moment(row.began_at)}至{moment(row.ended_at)}"),),
        (("采样人员及执法证号", "、".join(each for each in officers if each)),),
    )


def _officer(officer: Officer | None) -> str:
    if officer is None:
        return ""
    return f"{officer.name or ''}（{officer.certificate or ''}）"


def _rows(row: Sampling, asked: tuple[fields.Asked, ...]) -> list[tuple[tuple[str, str], ...]]:
    """Labelled values, two to a line but for long ones; what was not measured stays to be seen as empty."""
    found: list[tuple[tuple[str, str], ...]] = []
    waiting: tuple[str, str] | None = None
    for each in asked:
        value = getattr(row, each.key)
        words = each.words(value)
        if each.key == "symbol" and value:
            words = f"{rules.symbol_of(value)} {words}"
        if words and each.unit and each.unit != "无量纲":
            words = f"{words} {each.unit}"
        pair = (translate(each.label), words)
        if each.key in _WIDE:
            found += [(waiting,)] if waiting is not None else []
            found.append((pair,))
            waiting = None
        elif waiting is None:
            waiting = pair
        else:
            found.append((waiting, pair))
            waiting = None
    return [*found, (waiting,)] if waiting is not None else found


def _samples(seen: SamplingView) -> Grid:
    heads = ("样品编号", "名称及类别", "监测项目", "容器及数量", "固定剂/保存条件", "采样时刻", "备注")
    numbers = {each.id: each.number or "" for each in seen.samples}
    rows = tuple(
        (
            each.number or "",
            _named(each, numbers),
            each.items or "",
            f"{each.container or ''} ×{each.bottles or 1} {each.amount or ''}".strip(),
            each.preservation or "",
            moment(each.taken_at),
            each.note or "",
        )
        for each in seen.samples
    )
    return Grid("样品：", heads, rows, (20, 13, 17, 13, 15, 13, 9))


def _named(each: Sample, numbers: dict[str, str]) -> str:
    words = [each.name or ""]
    if each.role and each.role != "ordinary":
        words.append(translate(rules.ROLES.get(each.role, each.role)))
    if each.parallel_of:
        words.append(f"（{numbers.get(each.parallel_of, '')[-2:]}）")
    return "".join(words)


def _writing(row: Sampling, corrections: int) -> list[str]:
    late = lateness(row)
    words = f"记录开始时间：{moment(row.made_at)}"
    if late is not None:
        words += f"（{late_words(row, late)}）"
    found = [words + "。"]
    if corrections:
        found.append(f"更正 {corrections} 处，原内容、更改人和时间保存在记录的历史中。")
    return found


def _amended(seen: SamplingView) -> list[str]:
    if not seen.amendments:
        return []
    numbers = "、".join(each.number or "" for each in seen.amendments)
    return [f"本记录签封后有补正 {len(seen.amendments)} 次（{numbers}）。"]


def _signed(row: Sampling) -> str:
    reason = f"，原因：{row.refusal_reason}" if row.refusal_reason else ""
    witness = (
        f"见证人：{row.witness_name}{'  ' + row.witness_id if row.witness_id else ''}。"
        if row.witness_name
        else ""
    )
    if row.signed == "refused":
        return f"当事人拒绝签名{reason}。{witness}"
    if row.signed == "absent":
        return f"当事人不在场{reason}。{witness}"
    if row.signed == "signed":
        return f"由{row.signer or ''}签名。{witness}"
    return ""


def _custody(seat: Seat, seen: SamplingView) -> Paper:
    """The chain of every sample of the record, and a line for the next hands to sign."""
    row = seen.row
    grids: list[Block] = []
    for each in seen.samples:
        cells = tuple(
            (
                moment(event.at),
                translate(CUSTODY_ACTIONS.get(event.action or "", event.action or "")),
                name_of(seat, event.by or ""),
                name_of(seat, event.to or ""),
                str(event.count) if event.count is not None else "",
                event.seal_number or "",
                translate(rules.CONDITIONS.get(event.condition or "", event.condition or "")),
            )
            for event in seen.custody[each.id]
        )
        heads = ("时间", "环节", "送样人", "接样人", "数量", "封条号", "样品状态")
        grids.append(Grid(f"{each.number or ''} {each.name or ''} {each.items or ''}", heads, cells, _WIDTHS))
        gaps = [gap.text for gap in seen.gaps(each)]
        if gaps:
            grids.append(Words("", tuple(f"缺口：{gap}" for gap in gaps)))
    return Paper(
        bureau=seat.meta("bureau") or BUREAU,
        title=CUSTODY_TITLE,
        number=row.number or "",
        demo=seat.demo,
        blocks=(
            Rows(((("被采样单位", row.site_name or ""), ("采样点", row.point or "")),)),
            *grids,
            Signatures(("送样人", "接样人")),
        ),
        page_signature="",
        seal_note="",
        promise="",
        qr_text="",
        landscape=True,
    )


_WIDTHS = (19, 13, 14, 14, 7, 14, 19)
