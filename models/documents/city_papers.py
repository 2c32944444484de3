"""Papers of the city's oversight and outreach: score sheet, daily list, rectification, exemplary case."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.documents.beside_papers import NONE
from models.documents.bulletin_paper import BUREAU
from models.documents.official import chinese_day, lines, official, ticked
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words
from models.errors import BadInput
from models.language import N_, in_chinese, translate
from models.outreach import exemplars
from models.outreach.rules import PARTS
from models.outreach.tables import Exemplar
from models.oversight import rules, scores
from models.oversight.rounds import queries as rounds
from models.oversight.rounds import rules as rounds_rules
from models.oversight.rounds.tables import Rectification, Round, TransferredComplaint
from models.registry import keeping
from models.registry import queries as registry
from models.registry.days import today
from models.rooms import label
from models.store.lookup import by_id

if TYPE_CHECKING:
    from models.store.seat import Seat

SCORE = {"score_sheet": N_("Score sheet of the unit")}
DAILY = {"daily_list": N_("Daily list of transferred complaints")}
PLAN = {"plan": N_("Plan of rectification")}
CARD = {"card": N_("Card of an exemplary case")}


def score_paper(seat: Seat, sheet_id: str, name: str) -> Paper:
    """市对县考核评分表 of a unit and year (R014).

    Args:
        sheet_id: 350602:2021.

    Raises:
        RuleBroken: it names no unit and year, or no scoring rules are kept for the year.
    """
    unit, year = scores.sheet_parts(sheet_id)
    sheet = in_chinese(lambda: scores.sheet(seat, unit, year))

    def made() -> Paper:
        rows = [
            (
                str(count),
                line.rule.title,
                rules.plain(line.rule.points),
                line.rule.rule,
                rules.plain(line.points) if line.points is not None else "",
                (line.given.reason if line.given is not None else None) or "",
                (line.given.evidence if line.given is not None else None) or line.rule.evidence,
            )
            for count, line in enumerate(sheet.lines, 1)
        ]
        rows.append(("", "合计", rules.plain(sheet.pack.total), "", rules.plain(sheet.total), "", ""))
        heads = ("序号", "指标", "分值", "评分规则", "得分", "扣分理由", "佐证材料")
        left = f"尚有{sheet.open}项未评分。" if sheet.open else ""
        blocks: tuple[Block, ...] = (
            Rows(((("被考核单位", rules.official_name(unit)), ("年度", str(year))),)),
            Grid(sheet.pack.title, heads, tuple(rows), (6, 14, 7, 29, 7, 19, 18)),
            Words("说明", tuple(each for each in (left, f"评分细则来源：{sheet.pack.source}") if each)),
            Signatures(("评分人", "复核人", "负责人")),
        )
        return official(seat, translate(SCORE[name]), sheet.id, blocks, bureau=BUREAU, landscape=True)

    return in_chinese(made)


def daily_of_round(seat: Seat, round_id: str, name: str) -> Paper:
    """督察转办件日清单 of today, of one round (R083).

    Raises:
        BadInput: there is no such round.
    """
    with seat:
        row = by_id(Round, round_id)
    if row is None:
        raise BadInput(NONE)
    return _daily(seat, row.id, row.name or "", today(seat), name)


def daily_of_complaint(seat: Seat, complaint_id: str, name: str) -> Paper:
    """督察转办件日清单 of the day on which a complaint came in, of its round.

    Raises:
        BadInput: there is no such complaint, or its day of receipt is not known.
    """
    with seat:
        row = by_id(TransferredComplaint, complaint_id)
    try:
        on = date.fromisoformat((row.received_on if row is not None else None) or "")
    except ValueError:
        raise BadInput(NONE) from None
    assert row is not None
    return _daily(seat, row.round or "", row.round_name or "", on, name)


def _daily(seat: Seat, round_id: str, round_name: str, on: date, name: str) -> Paper:
    found = [each for each in rounds.daily_list(seat, on) if (each.row.round or "") == round_id]

    def made() -> Paper:
        day = on.isoformat()
        blocks: list[Block] = [
            Rows(((("督察", round_name), ("清单日期", chinese_day(day))),)),
        ]
        for group, words in rounds.GROUPS:
            rows = tuple(
                (
                    str(count),
                    each.row.number or "",
                    rules.official_name(each.row.unit),
                    label(rounds_rules.MATTERS, each.row.matter),
                    each.row.about or "",
                    chinese_day(each.row.received_on),
                    chinese_day(each.due_on.isoformat() if each.due_on is not None else None),
                    _result(each.row, day),
                )
                for count, each in enumerate((one for one in found if one.group == group), 1)
            )
            title = f"{translate(words)}（{len(rows)}件）"
            if not rows:
                blocks.append(Words(title, ("无。",)))
                continue
            heads = ("序号", "转办编号", "属地", "类型", "反映问题", "转办日期", "办结时限", "办理情况")
            blocks.append(Grid(title, heads, rows, (6, 11, 12, 8, 25, 13, 13, 12)))
        blocks += [
            Words("说明", ("举报人信息依法保密，不列入本清单。",)),
            Signatures(("制表人", "审核人")),
        ]
        return official(seat, translate(DAILY[name]), f"RQD-{day}", tuple(blocks), landscape=True)

    return in_chinese(made)


def _result(row: TransferredComplaint, day: str) -> str:
    """What had come of it by the end of the day."""
    if not row.finished_on or row.finished_on > day:
        return "办理中"
    open_to_all = "，已公开" if row.published_on and row.published_on <= day else ""
    return f"{chinese_day(row.finished_on)}办结，{label(rounds_rules.RESULTS, row.result)}{open_to_all}"


def rectification_paper(seat: Seat, record_id: str, name: str) -> Paper:
    """督察整改方案, with its five elements, notes and sign-off (R082).

    Raises:
        BadInput: there is no such problem.
    """
    with seat:
        row = by_id(Rectification, record_id)
    if row is None:
        raise BadInput(NONE)
    notes = rounds.notes_of(seat, [row.id])[row.id]
    people = {each.person: registry.officer(seat, each.person) for each in notes if each.person}

    def made() -> Paper:
        cells = tuple(
            (
                chinese_day(each.on),
                label(rounds_rules.NOTES, each.kind),
                each.text or "",
                (officer.name or "") if (officer := people.get(each.person or "")) is not None else "",
            )
            for each in notes
        )
        blocks: tuple[Block, ...] = (
            Rows(
                (
                    (("督察", row.round_name or ""), ("问题序号", row.number or "")),
                    (("问题", row.problem or ""),),
                    (("责任单位", rules.official_name(row.unit)), ("反馈日期", chinese_day(row.found_on))),
                )
            ),
            Words("整改方案五要素", ()),
            Rows(
                (
                    (("实施主体", row.body or ""), ("时限", chinese_day(row.term_on))),
                    (("目标", row.goal or ""),),
                    (("重点措施", row.measures or ""),),
                    (("验收单位", row.acceptance_unit or ""), ("方案实施日期", chinese_day(row.begun_on))),
                )
            ),
            Grid("整改进展", ("日期", "类别", "内容", "记录人"), cells, (20, 18, 46, 16)),
            Rows(
                (
                    (
                        ("验收日期", chinese_day(row.accepted_on)),
                        ("销号日期", chinese_day(row.signed_off_on)),
                    ),
                    (("验收意见", row.acceptance or ""),),
                )
            ),
            Words(
                "销号意见",
                (ticked((("yes", "同意销号"), ("no", "继续整改")), "yes" if row.signed_off_on else None),),
            ),
            Signatures(("责任单位", "验收单位", "销号审批人")),
        )
        return official(seat, translate(PLAN[name]), row.number or "", blocks, row=row)

    return in_chinese(made)


def exemplar_paper(seat: Seat, exemplar_id: str, name: str) -> Paper:
    """典型案例卡 without personal data (R058).

    Raises:
        RuleBroken: there is no such card, or it still names somebody: it says whom.
    """
    row: Exemplar = keeping.standing(seat, "exemplar", exemplar_id)
    exemplars.refuse_leaks(seat, row)

    def made() -> Paper:
        parts = tuple(Words(translate(words), lines(getattr(row, part))) for part, words in PARTS)
        state = f"发布日期：{chinese_day(row.published_on)}" if row.published_on else "草稿，尚未批准发布。"
        blocks: tuple[Block, ...] = (
            Words("", (row.title or "",)),
            *parts,
            Words("", (state,)),
            Signatures(("审核人", "批准发布人")),
        )
        return official(seat, translate(CARD[name]), f"{row.unit}-{row.id[-8:]}", blocks, row=row)

    return in_chinese(made)
