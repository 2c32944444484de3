"""Blocks that several papers of a damage case share. Call with Chinese in force."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.cases.damage import clues, losses, stages
from models.cases.damage.losses import total
from models.cases.damage.tables import CasePaper, Loss, Meeting
from models.cases.flow.papers import MEETING_RESULTS
from models.cases.flow.verbs import FAILURES, METHODS, TAGS
from models.cases.fund import rules as fund
from models.cases.fund.tables import FundEntry
from models.documents import narrative
from models.documents.case_facts import CaseFacts
from models.documents.official import BLANK_DAY, chinese_day, lines
from models.documents.paper import Block, Grid, Rows, Words
from models.inspections import rules as inspections
from models.language import translate
from models.registry.tables import Officer
from models.registry.typed import yuan
from models.rooms import label, labels

FIVE_HEADS = "《民法典》第一千二百三十五条"


def person(row: Officer | None) -> str:
    """An officer with certificate, as papers name them."""
    if row is None:
        return ""
    return f"{row.name or ''}（{row.certificate}）" if row.certificate else row.name or ""


def parties(facts: CaseFacts) -> Rows:
    """Right-holder, body, handler and liable party."""
    case = facts.case
    return Rows(
        (
            (("案件名称", case.title or ""),),
            (("案件编号", facts.number), ("具体承办", case.handler or facts.unit_name)),
            (("赔偿权利人", case.right_holder or ""), ("指定部门", case.body or "")),
            (("主办人", person(facts.lead)), ("协办人", person(facts.helper))),
            *liable(facts).rows,
        )
    )


def liable(facts: CaseFacts) -> Rows:
    """义务人: who is liable, and how to reach them."""
    case = facts.case
    return Rows(
        (
            (("赔偿义务人", case.party or ""), ("统一社会信用代码", case.party_code or "")),
            (("法定代表人", case.party_person or ""), ("联系电话", case.party_phone or "")),
            (("住址", case.party_address or ""),),
        )
    )


def circumstances(facts: CaseFacts) -> Rows:
    """What happened, where and when."""
    case = facts.case
    where = f"{facts.unit_name}{case.town or ''}{case.place or ''}"
    if case.latitude and case.longitude:
        where += f"（北纬{case.latitude}，东经{case.longitude}）"
    return Rows(
        (
            (("违法行为发生日期", chinese_day(case.occurred_on)), ("发现日期", chinese_day(case.found_on))),
            (("损害发生地点", where),),
            (("违法行为", case.act or ""),),
            (("污染物及数量", case.pollutants or ""),),
            (("违反国家规定的条款", case.violated or ""),),
        )
    )


def damage_rows(facts: CaseFacts) -> Rows:
    """The damaged environment: what, how far, from which baseline."""
    case = facts.case
    places = [
        words
        for flag, words in (
            (case.red_line, "位于生态保护红线内"),
            (case.water_source, "位于饮用水水源保护区内"),
        )
        if flag
    ]
    known = case.red_line is not None or case.water_source is not None
    tag = translate(TAGS.get(case.tag or "", ""))
    return Rows(
        (
            (
                ("受损生态环境要素", labels(tuple(clues.ELEMENTS.items()), case.elements)),
                ("环境敏感区", "；".join(places) or ("不涉及" if known else "")),
            ),
            (("损害范围和程度", case.extent or ""),),
            (("基线（背景）", case.baseline or ""), ("地理标签", tag)),
        )
    )


def losses_grid(items: tuple[Loss, ...], heading: str) -> Grid:
    """Items of the damage with their sum."""
    rows = [
        (
            str(count),
            translate(losses.HEADS.get(row.head or "", "")),
            row.item or "",
            f"{row.quantity or ''}{row.quantity_unit or ''}",
            yuan(row.price_cents) if row.price_cents is not None else "",
            yuan(row.cents or 0),
            translate(losses.WAYS.get(row.way or "", "")),
            row.basis or "",
        )
        for count, row in enumerate(items, 1)
    ]
    rows.append(("", "合计", "", "", "", yuan(total(items)) if items else "", "", ""))
    heads = ("序号", "赔偿项目", "子项", "数量", "单价（元）", "金额（元）", "履行方式", "计算依据")
    return Grid(heading, heads, tuple(rows), (6, 19, 14, 11, 11, 14, 10, 15))


def heads_grid(items: tuple[Loss, ...]) -> Grid:
    """The damage by its five heads, each with its sum."""
    rows = [
        (
            f"（{'一二三四五'[place]}）",
            translate(words),
            yuan(sum(row.cents or 0 for row in items if row.head == head)) if items else "",
        )
        for place, (head, words) in enumerate(losses.HEADS.items())
    ]
    rows.append(("", "合计", yuan(total(items)) if items else ""))
    return Grid(f"损害数额（{FIVE_HEADS}）", ("项", "赔偿项目", "金额（元）"), tuple(rows), (12, 58, 30))


def meeting_name(row: Meeting) -> str:
    """第几次会议, and of which consultation where one was opened again."""
    again = f"第{row.round}轮磋商" if (row.round or 1) > 1 else ""
    return f"{again}第{row.count or ''}次"


def meetings_grid(rows: Iterable[Meeting]) -> Grid:
    """The meetings of the consultation."""
    cells = tuple(
        (
            meeting_name(row),
            chinese_day(row.held_on),
            row.place or "",
            row.present or "",
            translate(MEETING_RESULTS.get(row.result or "", "")),
        )
        for row in rows
    )
    return Grid("磋商会议", ("次数", "日期", "地点", "到会人员", "结果"), cells, (14, 18, 20, 34, 14))


def evidence_grid(facts: CaseFacts, heading: str) -> Grid:
    """The evidence that the case rests on, from its inspection, with hashes; its scanned papers too."""
    visit = facts.visit
    rows: tuple[tuple[str, ...], ...] = ()
    if visit is not None:
        rows = tuple(
            (
                str(count),
                row.title or row.name or "",
                translate(inspections.EVIDENCE_KINDS.get(row.kind or "", row.kind or "")),
                row.purpose or "",
                f"{visit.hash_of(row)[:16]} {visit.out_words(row)}".strip(),
            )
            for count, row in enumerate(visit.evidence, 1)
        )
    heads = ("序号", "名称", "种类", "证明对象", "SHA-256前16位")
    return Grid(heading, heads, rows, (8, 30, 14, 26, 22))


def measurements_grid(facts: CaseFacts) -> Grid:
    """监测数据表: what was measured, its limit and by how much it is over."""
    found = facts.visit.measurements if facts.visit is not None else ()
    rows = tuple(
        (
            narrative.point_name(one),
            narrative.parameter_name(one),
            narrative.measured_value(one),
            one.limit_text or "",
            " ".join(part for part in (one.standard, one.clause) if part),
            narrative.verdict(one),
        )
        for one in found
    )
    heads = ("点位", "项目", "结果", "限值", "执行标准", "超标倍数（判定）")
    return Grid("现场监测结果", heads, rows, (15, 17, 16, 14, 22, 16))


def papers_grid(rows: Iterable[CasePaper], heading: str) -> Grid:
    """Papers with their days and numbers."""
    cells = tuple(
        (
            str(count),
            paper_name(row),
            row.number or "",
            chinese_day(row.dated_on),
            "；".join(each for each in (_served(row), row.signers, row.title, row.note) if each),
        )
        for count, row in enumerate(rows, 1)
    )
    return Grid(heading, ("序号", "文书名称", "文号", "日期", "送达、签名、备注"), cells, (8, 26, 18, 18, 30))


def _served(row: CasePaper) -> str:
    if not row.served_on or row.kind == "service_receipt":
        return ""
    how = translate(stages.SERVICE.get(row.served_how or "", ""))
    return f"{chinese_day(row.served_on)}{how}送达{row.served_to or ''}"


def paper_name(row: CasePaper) -> str:
    """What an entered paper is called."""
    return translate(stages.PAPERS.get(row.kind or "", row.kind or ""))


def course(facts: CaseFacts) -> Grid:
    """The steps of the case by their legal dates."""
    rows = tuple(
        (
            chinese_day(row.on),
            translate(stages.STEPS.get(row.step or "", "")),
            facts.name(row.officer),
            reason(row.reason),
        )
        for row in facts.steps
    )
    return Grid("办理经过", ("日期", "环节、步骤", "经办人", "说明"), rows, (20, 24, 16, 40))


def reason(text: str | None) -> str:
    """The reason of a step in Chinese: its ground was kept in the language of whoever worked."""
    said = text or ""
    for words in (*FAILURES.values(), *clues.NO_START.values()):
        if said == words or said.startswith(f"{words}："):
            return translate(words) + said[len(words) :]
    return said


def method_words(facts: CaseFacts) -> str:
    """How the damage was assessed."""
    method = METHODS.get(facts.case.method or "")
    return translate(method) if method else ""


def payments(entries: Iterable[FundEntry]) -> Grid:
    """What was paid as compensation, with its vouchers: no fine and nobody's own restoration stands here."""
    found = [row for row in entries if row.ledger == "compensation" and row.direction == "in"]
    rows = [
        (
            chinese_day(row.on),
            row.party or "",
            label(fund.SOURCES, row.source),
            yuan(row.cents or 0),
            row.voucher or "",
        )
        for row in found
    ]
    if found:
        rows.append(("合计", "", "", yuan(sum(row.cents or 0 for row in found)), ""))
    heads = ("缴款日期", "缴款人", "来源", "金额（元）", "票据号")
    return Grid("赔偿资金缴款情况", heads, tuple(rows), (20, 26, 16, 18, 20))


def source_rows(facts: CaseFacts) -> Rows:
    """案件来源: channel, receipt, and who checked it when."""
    clue = facts.clue
    if clue is None:
        return Rows(
            (
                (("线索来源", ""), ("收到线索日期", BLANK_DAY)),
                (("初步核查日期", BLANK_DAY), ("核查人", "")),
                (("核查结果", ""),),
            )
        )
    return Rows(
        (
            (
                ("线索来源", translate(clues.SOURCES.get(clue.source or "", ""))),
                ("收到线索日期", chinese_day(clue.received_on)),
            ),
            (("初步核查日期", chinese_day(clue.checked_on)), ("核查人", facts.name(clue.checker))),
            (("核查结果", clue.check_text or ""),),
        )
    )


def own_words(facts: CaseFacts, kind: str) -> tuple[Block, ...]:
    """What an officer wrote into this paper beyond the case."""
    row = facts.paper(kind)
    note = row.note if row is not None and kind != "service_receipt" else None  # a receipt has its own place
    text = lines(row.content if row is not None else None) or lines(note)
    return (Words("补充内容", text),) if text else ()


@lru_cache(maxsize=1)
def quoted() -> dict[str, Any]:
    """What papers quote: `papers.toml`."""
    return tomllib.loads((Path(__file__).parent / "papers.toml").read_text("utf-8"))
