"""What papers say of restorations: planned, done, guided, followed up. Call with Chinese in force."""

from __future__ import annotations

from collections.abc import Iterable

from models.cases.restoration import rules
from models.cases.restoration.queries import falls_short, last_survival, number_of
from models.cases.restoration.tables import RestorationAmount
from models.documents.case_facts import Restored
from models.documents.official import chinese_day, yes_no
from models.documents.paper import Block, Grid, Rows, Words
from models.registry.typed import yuan
from models.rooms import label


def _place(each: Restored) -> str:
    row = each.row
    where = "，".join(part for part in (each.base, row.place) if part)
    if row.latitude and row.longitude:
        where += f"（北纬{row.latitude}，东经{row.longitude}）"
    return where


def _head(each: Restored) -> tuple[tuple[tuple[str, str], ...], ...]:
    row = each.row
    found: list[tuple[tuple[str, str], ...]] = [
        (("修复编号", row.number or ""), ("修复模式", label(rules.MODES, row.mode))),
        (("基地、地点", _place(each)),),
    ]
    if row.mode in rules.OFF_SITE:
        found.append((("不能就地修复的原因", row.why_off_site or ""),))
    return tuple(found)


def plan(each: Restored) -> Rows:
    """One restoration as it is planned."""
    row = each.row
    guide = rules.guide_of(row.mode)
    return Rows(
        (
            *_head(each),
            (("修复内容", row.plan or ""),),
            (("制定日期", chinese_day(row.planned_on)), ("完成期限", chinese_day(row.finish_by))),
            (("实施单位", row.restorer or ""), ("苗种、材料供方", row.supplier or "")),
            (
                ("约定成活率", f"{row.agreed_survival}%" if row.agreed_survival else ""),
                ("管护期至", chinese_day(row.aftercare_until)),
            ),
            (("指导部门", guide.label if guide is not None else ""),),
        )
    )


def plans(found: Iterable[Restored], heading: str) -> tuple[Block, ...]:
    """Each restoration as planned; blanks where there is none."""
    rows = tuple(plan(each) for each in found)
    blank = Rows(((("修复模式", ""), ("地点", "")), (("修复内容", ""),), (("完成期限", chinese_day(None)),)))
    return (Words(heading, ()), *(rows or (blank,)))


def amounts(rows: Iterable[RestorationAmount], heading: str = "修复量") -> Grid:
    """What was restored, day by day."""
    cells = tuple(
        (
            chinese_day(row.done_on),
            label(rules.WHAT, row.what),
            _species(row),
            rules.amount_text(number_of(row.quantity), row.quantity_unit or "", row.approx or "="),
            yuan(row.price_cents) if row.price_cents is not None else "",
            "；".join(part for part in (row.method, row.certificate, row.note) if part),
        )
        for row in rows
    )
    heads = ("日期", "内容", "种类、规格", "数量", "费用（元）", "方法学、核证、备注")
    return Grid(heading, heads, cells, (18, 16, 20, 16, 14, 16))


def _species(row: RestorationAmount) -> str:
    origin = label(rules.ORIGINS, row.origin) if row.origin else ""
    return "，".join(part for part in (row.species, origin, row.spec) if part)


def guidance(each: Restored) -> Grid:
    """What the departments advised."""
    cells = tuple(
        (
            label(rules.DEPARTMENTS, row.department),
            chinese_day(row.invited_on) if row.invited_on else "",
            chinese_day(row.on) if row.on else "",
            yes_no(row.came),
            row.person or "",
            row.opinion or "",
        )
        for row in each.guidance
    )
    heads = ("部门", "邀请日期", "指导日期", "到场", "指导人", "指导意见")
    return Grid("部门指导", heads, cells, (20, 16, 16, 8, 14, 26))


def visits(each: Restored) -> Grid:
    """The follow-ups."""
    cells = tuple(
        (
            chinese_day(row.due_on),
            chinese_day(row.done_on) if row.done_on else "",
            f"{row.survival}%" if row.survival else "",
            row.done_by or "",
            row.note or "",
        )
        for row in each.visits
    )
    heads = ("计划日期", "回访日期", "成活率", "回访人", "情况")
    return Grid("回访", heads, cells, (19, 19, 12, 16, 34))


def done(each: Restored) -> tuple[Block, ...]:
    """One restoration as it was carried out: amounts, quality, guidance, follow-ups."""
    row = each.row
    survival = last_survival(each.visits) or row.sampled_survival
    met = ""
    if survival and row.agreed_survival:
        met = "（未达到约定）" if falls_short(row, each.visits) else "（达到约定）"
    return (
        Rows(
            (
                *_head(each),
                (("开始日期", chinese_day(row.begun_on)), ("完成日期", chinese_day(row.finished_on))),
                (("实施单位", row.restorer or ""), ("苗种、材料供方", row.supplier or "")),
                (("检疫证号", row.quarantine or ""), ("抽样成活率", _percent(row.sampled_survival))),
                (
                    ("约定成活率", _percent(row.agreed_survival)),
                    ("最近成活率", f"{_percent(survival)}{met}"),
                ),
                (("见证", row.witnesses or ""), ("管护期至", chinese_day(row.aftercare_until))),
            )
        ),
        amounts(each.amounts),
        guidance(each),
        *((visits(each),) if each.visits else ()),
    )


def all_done(found: Iterable[Restored], heading: str) -> tuple[Block, ...]:
    """Each restoration as carried out; blanks where there is none."""
    blocks = tuple(block for each in found for block in done(each))
    blank = Rows(
        (
            (("修复模式", ""), ("地点", "")),
            (("开始日期", chinese_day(None)), ("完成日期", chinese_day(None))),
            (("修复量", ""),),
        )
    )
    return (Words(heading, ()), *(blocks or (blank,)))


def _percent(text: str | None) -> str:
    return f"{text}%" if text else ""
