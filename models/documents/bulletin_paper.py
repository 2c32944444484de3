"""月度调度通报: the monthly bulletin with its tables and charts, sealed once it is issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.damage import stages
from models.cases.restoration.queries import number_of
from models.cases.restoration.rules import UNITS, WHAT
from models.documents.official import chinese_day
from models.documents.paper import Bar, Bars, Block, Grid, Paper, Rows, Signatures, Words, moment
from models.documents.record_paper import PROMISE
from models.language import N_, in_chinese, translate
from models.oversight import charts, dispatch, rules, wording
from models.rooms import label
from models.store.sealing import parse_line

if TYPE_CHECKING:
    from models.store.seat import Seat

NAMES = {"bulletin": N_("Monthly bulletin")}
BUREAU = "漳州市生态环境委员会办公室"
_DRAFT = "草稿，尚未印发、签封，不得对外提供。"
_LATE = "逾期"


def paper(seat: Seat, which: str, name: str) -> Paper:
    """A bulletin as a value: as it was issued and sealed, else as drafted now.

    Args:
        which: record id, or month as YYYY-MM.

    Raises:
        RuleBroken: it is neither.
    """
    return in_chinese(lambda: _paper(seat, dispatch.paper(seat, which)))


def _paper(seat: Seat, found: dispatch.Paper) -> Paper:
    seal, table = found.seal, found.table
    note = ""
    if seal is not None:
        key = parse_line(seal.line).key_id
        note = f"签封时间：{moment(seal.sealed_at)}（设备时钟）    设备密钥：{key}"
    twice = [row.number or "" for row in dispatch.doubles(seat, found)] if seal is not None else []
    blocks: list[Block] = [
        Words("", tuple(found.text.split("\n"))),
        _units(table["units"]),
        _by_unit(table["units"]),
        _by_month(table["figures"]["by_month"]),
        _environment(table["figures"]),
        _departments(table["departments"]),
        _tasks(table["tasks"]),
        _first_cases(table["first_cases"]),
        _issues(table["issues"]),
        Rows(
            (
                (("统计截止日", chinese_day(found.as_of)), ("期次", f"{found.month[:4]}年第{found.count}期")),
                (("印发日期", chinese_day(found.issued_on)), ("签发人", found.issuer)),
            )
        ),
    ]
    if twice:
        blocks.append(Words("", (f"本月另有通报：{'、'.join(twice)}（两台设备各自印发），以先印发的为准。",)))
    if seal is None:
        blocks.append(Signatures(("拟稿人", "审核人", "签发人")))
    return Paper(
        bureau=BUREAU,
        title=found.title,
        number=found.number or found.month,
        demo=seat.demo,
        blocks=tuple(each for each in blocks if not isinstance(each, Grid) or each.rows),
        page_signature="",
        seal_note=note,
        promise=PROMISE.replace("记录", "通报") if seal is not None else _DRAFT,
        qr_text=seal.qr_text if seal is not None else "",
    )


def _units(rows: list[dict[str, Any]]) -> Grid:
    heads = ("序号", "单位", "启动", "本月启动", "办结", "待履行", "其他", "完成率", "得分", "未解决问题")
    cells = tuple(
        (
            str(count),
            row["name"],
            str(row["started"]),
            str(row["started_in_month"]),
            str(row["done"]),
            str(row["awaiting"]),
            str(row["other"]),
            _rate(row["done_rate"]) if row["started"] else "-",
            row["score"] or "-",
            str(row["issues_open"]),
        )
        for count, row in enumerate(rows, 1)
    )
    return Grid("表一  各县（区）、开发区办理情况", heads, cells, (6, 22, 8, 9, 8, 9, 8, 11, 9, 10))


def _rate(text: str | None) -> str:
    """A share that a seal keeps as decimal text, in per cent."""
    return rules.percent(number_of(text)) if text else "-"


def _by_unit(rows: list[dict[str, Any]]) -> Bars:
    bars = tuple(
        Bar(row["name"], row["started"], (row["done"], row["awaiting"], row["other"])) for row in rows
    )
    return Bars("图一  各单位启动案件数", ("办结", "已签协议待履行", "其他在办"), bars)


def _by_month(rows: list[dict[str, Any]]) -> Bars:
    """Started and done of each month, one below the other: neither is a part of the other."""
    bars = []
    for row in rows[-charts.MONTHS :]:
        bars += [
            Bar(f"{row['month']} 启动", row["started"], (0, row["started"])),
            Bar(f"{row['month']} 办结", row["done"], (row["done"], 0)),
        ]
    return Bars("图二  近十二个月启动、办结案件数", ("办结", "启动"), tuple(bars))


def _environment(figures: dict[str, Any]) -> Grid:
    amounts, approx = figures["restoration"], figures.get("restoration_approx", {})
    cells = tuple(
        (
            label(WHAT, name),
            wording.quantity(number_of(amounts[name]), UNITS.get(name, ""), approx.get(name, "=")),
        )
        for name, _words in WHAT  # a seal keeps its tables in the order of their letters
        if name in amounts
    )
    return Grid("表二  生态环境修复成效（累计）", ("项目", "数量"), cells, (60, 40))


def _departments(rows: list[dict[str, Any]]) -> Grid:
    heads = ("单位", "牵头任务", "已完成", _LATE, "配合任务", "进展")
    cells = tuple(
        (
            row["name"],
            str(row["tasks"]),
            str(row["tasks_done"]),
            str(row["tasks_overdue"]),
            str(row["supports"]),
            row["progress"],
        )
        for row in rows
    )
    return Grid("表三  市直各部门", heads, cells, (26, 11, 10, 9, 11, 33))


def _tasks(rows: list[dict[str, Any]]) -> Grid:
    heads = ("牵头单位", "任务", "时限", "完成", "进展")
    cells = tuple(
        (
            rules.official_name(row["lead"]),
            row["title"] or "",
            row["due_on"] or "",
            row["done_on"] or (_LATE if row["state"] == "overdue" else ""),
            row["progress"] or "",
        )
        for row in rows
    )
    return Grid("表四  任务分解", heads, cells, (18, 32, 14, 14, 22))


def _first_cases(rows: list[dict[str, Any]]) -> Grid:
    heads = ("单位", "首案", "启动日期", "环节", "指导科室、专家", "指导记录")
    cells = tuple(
        (
            rules.official_name(row["unit"]),
            row["case"] or "",
            row["started_on"] or "",
            translate(stages.NAMES.get(row["stage"] or "", "")),
            f"{row['section'] or ''} {row['person'] or ''}".strip() or "未指定",
            str(row["records"]),
        )
        for row in rows
    )
    return Grid("表五  各单位首案", heads, cells, (18, 26, 15, 14, 17, 10))


def _issues(rows: list[dict[str, Any]]) -> Grid:
    heads = ("单位", "案件", "环节", "问题", "责任人", "解决日期")
    cells = tuple(
        (
            rules.official_name(row["unit"]),
            row["case"] or "",
            translate(stages.NAMES.get(row["stage"] or "", "")),
            row["text"] or "",
            row["person"] or "",
            row["solved_on"] or "未解决",
        )
        for row in rows
    )
    return Grid("表六  存在问题", heads, cells, (16, 22, 12, 26, 10, 14))
