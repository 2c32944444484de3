"""Papers of the records beside a case: a draw, an opinion, a restoration, a penalty case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.cases.assessment import queries as assessment
from models.cases.damage import clues
from models.cases.damage import queries as damage
from models.cases.damage.stages import CONDITIONS, NAMES
from models.cases.penalty import queries as penalties
from models.cases.penalty import rules as penalty
from models.cases.restoration import queries as restoration
from models.documents import case_parts as parts
from models.documents import expert_blocks, restoration_blocks
from models.documents.case_closing import acceptance_opinion
from models.documents.case_facts import Restored, names_of, restored
from models.documents.official import chinese_day, official, room, ticked
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words
from models.errors import BadInput
from models.language import N_, in_chinese, translate
from models.registry import queries as registry

if TYPE_CHECKING:
    from models.cases.damage.tables import DamageCase
    from models.cases.penalty.tables import PenaltyCase
    from models.store.seat import Seat

NONE = N_("There is no such record here. Choose one from the list.")
DRAW = {"draw_record": N_("Record of the drawing of experts")}
OPINION = {"opinion": N_("Opinion of the experts")}
RESTORATION = {
    "plan": N_("Plan of the restoration"),
    "acceptance": N_("Acceptance of the restoration"),
    "visits": N_("Record of follow-ups"),
}
PENALTY = {
    "filing": N_("Approval of the filing"),
    "screening": N_("Screening for compensation"),
}


def draw_paper(seat: Seat, draw_id: str, name: str) -> Paper:
    """专家抽取记录, with all that is needed to repeat it.

    Raises:
        BadInput: there is no such draw.
    """
    row = _found(assessment.draw(seat, draw_id))
    names = names_of(seat, [row.drawn_by])

    def made() -> Paper:
        by = names.get(row.drawn_by or "", row.drawn_by or "")
        blocks = (*_of_case(seat, row.case), *expert_blocks.draw_blocks(row, by))
        signed = (*blocks, expert_blocks.DRAW_SIGNATURES)
        return official(seat, translate(DRAW[name]), row.number or "", signed, row=row)

    return in_chinese(made)


def opinion_paper(seat: Seat, opinion_id: str, name: str) -> Paper:
    """专家意见, with its experts.

    Raises:
        BadInput: there is no such opinion.
    """
    row = _found(assessment.opinion(seat, opinion_id))
    experts = assessment.experts_of(seat, [row.id]).get(row.id, [])

    def made() -> Paper:
        blocks = (*_of_case(seat, row.case), *expert_blocks.opinion_blocks(row, experts))
        return official(seat, translate(OPINION[name]), row.number or "", blocks, row=row)

    return in_chinese(made)


def restoration_paper(seat: Seat, restoration_id: str, name: str) -> Paper:
    """修复方案, 修复验收意见 or 回访记录.

    Raises:
        BadInput: there is no such restoration.
    """
    row = _found(restoration.restoration(seat, restoration_id))
    found = restored(seat, row)

    def made() -> Paper:
        blocks = (*_of_case(seat, row.case), *_RESTORED[name](found))
        return official(seat, translate(RESTORATION[name]), row.number or "", blocks, row=row)

    return in_chinese(made)


def _planned(found: Restored) -> tuple[Block, ...]:
    return (
        *restoration_blocks.plans((found,), "修复方案"),
        Words("监测、验收和管护", ("",)),
        Signatures(("实施单位", "指导部门", "承办单位")),
    )


def _accepted(found: Restored) -> tuple[Block, ...]:
    return (
        *restoration_blocks.all_done((found,), "修复实施情况"),
        acceptance_opinion(),
        Rows(((("验收日期", chinese_day(None)), ("验收地点", "")),)),
        Signatures(("指定部门", "指导部门", "实施单位", "见证人（检察院、法院、乡镇）")),
    )


def _visited(found: Restored) -> tuple[Block, ...]:
    return (
        restoration_blocks.plan(found),
        restoration_blocks.visits(found),
        Words("处理意见", ("□达到约定    □补植、补放    □继续修复",)),
        Signatures(("回访人", "管护人")),
    )


_RESTORED = {"plan": _planned, "acceptance": _accepted, "visits": _visited}


def penalty_paper(seat: Seat, case_id: str, name: str) -> Paper:
    """立案审批表 or 赔偿启动条件筛查表 (R035).

    Raises:
        BadInput: there is no such case.
    """
    row = _found(penalties.penalty_case(seat, case_id))

    def made() -> Paper:
        blocks = _filing(seat, row) if name == "filing" else _screened(seat, row)
        return official(seat, translate(PENALTY[name]), row.number or "", blocks, row=row)

    return in_chinese(made)


def _party(row: PenaltyCase) -> Rows:
    return Rows(
        (
            (("案由", row.title or ""),),
            (
                ("案件来源", translate(penalty.SOURCES.get(row.source or "", ""))),
                ("立案号", row.number or ""),
            ),
            (("当事人", row.party or ""), ("统一社会信用代码（公民身份号码）", row.party_code or "")),
            (("法定代表人（负责人）", row.party_person or ""), ("职务", "")),
            (("住址", row.party_address or ""), ("邮编", "")),
            (("电话", row.party_phone or ""), ("违法行为发生日期", chinese_day(row.occurred_on))),
        )
    )


def _filing(seat: Seat, row: PenaltyCase) -> tuple[Block, ...]:
    officers = [
        registry.officer(seat, each) if each else None for each in (row.lead_officer, row.helper_officer)
    ]
    filed = row.filed_on is not None
    return (
        _party(row),
        Rows(((("发现日期", chinese_day(row.found_on)), ("立案日期", chinese_day(row.filed_on))),)),
        Words("案情简介及立案理由", room(row.act)),
        Words("涉嫌违反的规定", room(row.violated)),
        Rows(((("承办人", parts.person(officers[0])), ("承办人", parts.person(officers[1]))),)),
        Words("承办人意见", room(row.opinion)),
        Words("承办机构负责人意见", ("",)),
        Words(
            "部门负责人意见", (ticked((("yes", "同意立案"), ("no", "不予立案")), "yes" if filed else None),)
        ),
        Words("备注", ("",)),
        Signatures(("承办人", "承办人", "承办机构负责人", "部门负责人")),
    )


def _screened(seat: Seat, row: PenaltyCase) -> tuple[Block, ...]:
    rows = penalties.screenings_of(seat, row.id)
    grounds = {**clues.GROUNDS, **clues.NO_START}
    last = rows[-1] if rows else None
    cells = tuple(
        (
            chinese_day(each.on),
            translate(penalty.RESULTS.get(each.result or "", "")),
            translate(grounds.get(each.ground or "", "")),
            each.reason or "",
            each.person or "",
        )
        for each in rows
    )
    linked = tuple(
        (
            each.number or "",
            each.title or "",
            translate(NAMES.get(at.stage, "")),
            translate(CONDITIONS[at.condition]),
        )
        for each in penalties.damage_cases_of(seat, row.id)
        for at in (damage.progress_of(seat, each.id),)
    )
    choices = tuple((key, translate(words)) for key, words in penalty.RESULTS.items())
    lenient = penalties.leniency_of(seat, row.id)
    advice = lenient.reason + (f"（{lenient.basis}）" if lenient.basis else "")
    required = penalty.screening_required(row.filed_on or row.found_on or "9999-12-31")
    return (
        _party(row),
        Words("案情简介", room(row.act)),
        Words("筛查结论", (ticked(choices, last.result if last is not None else None),)),
        Grid("筛查记录", ("日期", "结论", "情形", "理由", "筛查人"), cells, (17, 16, 25, 28, 14)),
        Grid("关联的损害赔偿案件", ("编号", "名称", "环节", "状态"), linked, (28, 38, 18, 16)),
        Words("从轻提示（仅供裁量参考，罚款与赔偿不相抵扣）", (advice,)),
        *((Words("筛查依据", (required,)),) if required else ()),
        Signatures(("筛查人", "法制审核")),
    )


def _of_case(seat: Seat, case_id: str | None) -> tuple[Block, ...]:
    """Which case it is about, by what is known here."""
    row: DamageCase | None = damage.damage_case(seat, case_id) if case_id else None
    if row is None:
        return ()
    return (
        Rows(((("案件", f"{row.title or ''}（{row.number or ''}）"),), (("赔偿义务人", row.party or ""),))),
    )


def _found(row: Any) -> Any:
    if row is None:
        raise BadInput(NONE)
    return row
