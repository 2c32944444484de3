"""证据清单: the list of evidence taken, with the hash of every file (法发〔2016〕22号 arts. 14-15)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from models.documents import page, templates
from models.documents.facts import Facts, gather
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words, moment
from models.documents.paper import preview as preview_lines
from models.documents.record_paper import (
    common_values,
    officer_values,
    printed_code,
    promise_of,
    seal_note,
)
from models.documents.templates import Value
from models.inspections import rules
from models.inspections.tables import Evidence
from models.language import in_chinese, translate

if TYPE_CHECKING:
    from models.store.seat import Seat

TITLE = "证据清单"
PAGE_SIGNATURE = "提供人（持有人）签名：                  收取人签名：                  年    月    日"
_LIST = {
    "序号": ("序号", 4),
    "名称": ("证据名称", 14),
    "种类": ("证据种类", 8),
    "来源": ("来源（提供人）", 10),
    "形式": ("形式", 6),
    "份数": ("份数", 5),
    "页数": ("页（件）数", 6),
    "证明对象": ("证明对象（内容）", 17),
    "取得时间": ("取得时间", 11),
    "取得人": ("取得人", 9),
    "备注": ("备注", 10),
}
_FILES = {
    "序号": ("序号", 4),
    "名称": ("文件名称", 20),
    "格式": ("文件格式", 10),
    "大小": ("大小（字节）", 10),
    "校验值": ("完整性校验值", 56),
}


def fill_evidence_list(
    seat: Seat, inspection_id: str, language: str = "zh", *, folder: Path | None = None, dpi: int = 300
) -> bytes:
    """The evidence list as .docx, number, page number and code on each page. Arguments as `fill_record`.

    Raises:
        BadInput: there is no such inspection, or the bureau's template cannot be used.
    """
    facts = gather(seat, inspection_id)
    values = in_chinese(lambda: list_values(facts))
    return templates.fill(templates.find("evidence_list", folder, language), values, printed_code(facts, dpi))


def preview(seat: Seat, inspection_id: str, width: int) -> list[str]:
    """The list as lines of at most `width` terminal cells, all of it visible text."""
    return preview_lines(list_paper(seat, inspection_id), width)


def html_page(seat: Seat, inspection_id: str) -> str:
    """The list as one HTML document to print from a browser."""
    return page.html_page(list_paper(seat, inspection_id))


def list_paper(seat: Seat, inspection_id: str) -> Paper:
    """The list as a value.

    Raises:
        BadInput: there is no such inspection.
    """
    facts = gather(seat, inspection_id)
    return in_chinese(lambda: _paper(facts))


def list_values(facts: Facts) -> dict[str, Value]:
    """Everything that the list's template may name. Call with Chinese in force."""
    return {
        **common_values(facts),
        "证据": [_item(facts, count, one) for count, one in enumerate(facts.evidence, 1)],
        "件数": str(len(facts.evidence)),
        "电子数据": _files(facts),
    }


def _item(facts: Facts, count: int, one: Evidence) -> dict[str, str]:
    made = [
        f"{label}：{value}"
        for label, value in (
            ("制作人", one.maker),
            ("制作方法", one.method),
            ("制作时间", one.made_at_claim),
            ("原始载体", one.carrier),
            ("存放处", one.carrier_place),
            ("与原件核对无误", " ".join(each for each in (one.compared_by, one.compared_on) if each)),
        )
        if value
    ]
    takers = [officer_values(officer, facts)["姓名"] for officer in (facts.first, facts.second)]
    return {
        "序号": str(count),
        "名称": one.title or one.name or "",
        "种类": translate(rules.EVIDENCE_KINDS.get(one.kind or "", one.kind or "")),
        "来源": one.source or "",
        "形式": {"original": "原件", "copy": "复制件"}.get(one.form or "", ""),
        "份数": "1",
        "页数": str(one.pages or 1),
        "证明对象": one.purpose or "",
        "取得时间": moment(one.taken_in_at) if one.taken_in_at is not None else "",
        "取得人": "、".join(name for name in takers if name),
        "备注": "；".join([*made, *filter(None, (one.note, facts.out_words(one)))]),
    }


def _files(facts: Facts) -> list[dict[str, str]]:
    """The evidence that is a file, under the same numbers as in the list."""
    return [
        {
            "序号": str(count),
            "名称": one.title or one.name or "",
            "格式": one.mime or "",
            "大小": str(one.size or 0) if one.sha256 else "",
            "SHA256": facts.hash_of(one),
            "SM3": one.sm3 or "",
        }
        for count, one in enumerate(facts.evidence, 1)
        if facts.hash_of(one)
    ]


def _paper(facts: Facts) -> Paper:
    row = facts.inspection
    first, second = officer_values(facts.first, facts), officer_values(facts.second, facts)
    officers = "、".join(f"{each['姓名']}（{each['证号']}）" for each in (first, second) if each["姓名"])
    items = [_item(facts, count, one) for count, one in enumerate(facts.evidence, 1)]
    files = [{**each, "校验值": _digests(each)} for each in _files(facts)]
    blocks: list[Block] = [
        Rows(
            (
                (("当事人", row.site_name or ""), ("统一社会信用代码", row.site_code or "")),
                (("取得地点", row.place or ""), ("检查（勘察）人", officers)),
            )
        ),
        _grid("", _LIST, items),
        Words("", (f"以上证据共 {len(items)} 件。（以下无正文）",)),
    ]
    blocks.append(Signatures(("提供人（持有人）", "收取人", "收取人", "见证人")))
    if files:
        blocks.append(_grid("附：电子数据清单（完整性校验值）", _FILES, files))
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
        landscape=True,
    )


def _digests(each: dict[str, str]) -> str:
    """Of a file that went by order the second may have gone with what named it."""
    second = f"\nSM3 {each['SM3']}" if each["SM3"] else ""
    return f"SHA-256 {each['SHA256']}{second}"


def _grid(heading: str, columns: dict[str, tuple[str, int]], rows: list[dict[str, str]]) -> Grid:
    return Grid(
        heading,
        tuple(head for head, _ in columns.values()),
        tuple(tuple(row[name] for name in columns) for row in rows),
        tuple(width for _, width in columns.values()),
    )
