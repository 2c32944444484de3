"""What papers say of a draw of experts and of their opinion, for the case and for the record itself.

Call with Chinese in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.cases.assessment import rules
from models.cases.assessment.queries import chosen, holds, names_in
from models.documents.official import chinese_day, room, yes_no
from models.documents.paper import Block, Grid, Rows, Signatures, Words
from models.registry.experts.rules import FIELDS, SOURCES
from models.registry.typed import yuan
from models.registry.units import unit
from models.rooms import label, labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.cases.assessment.tables import ExpertDraw, Opinion, OpinionExpert

DRAW_SIGNATURES = Signatures(("抽取人", "监督人"))
_REPEAT = (
    "任何人可以按所载算法版本、随机种子和名单重新抽取，结果应当一致："
    "名单各行按编号排序，逐行加换行后的 SHA-256 为名单哈希；"
    "对“种子、名单哈希、计数器”三行取 SHA-256 的前15位十六进制数，对剩余行数取余为抽中行，抽中后移出名单；"
    "不能整除的尾数跳过。"
)


def drawn(row: ExpertDraw) -> tuple[str, ...]:
    """The experts of a draw with their employers, in its order."""
    names = names_in(row)
    return tuple(names.get(each, each) for each in chosen(row))


def draw_blocks(row: ExpertDraw, drawn_by: str) -> tuple[Block, ...]:
    """One draw with all that is needed to repeat it: conditions, list, those kept out, result."""
    place = unit(row.near) if row.near else None
    near = f"{place.name}及就近 {row.nearest or '全部'} 个县级单位" if place is not None else "不限"
    listed = (row.candidates or "").splitlines()
    order = {each: str(count) for count, each in enumerate(chosen(row), 1)}
    candidates = tuple(
        (str(count), line, order.get(line.partition(" ")[0], "")) for count, line in enumerate(listed, 1)
    )
    kept_out = tuple((each.name, each.words) for each in rules.exclusions(row.excluded))
    blocks: list[Block] = [
        Rows(
            (
                (("抽取编号", row.number or ""), ("抽取日期", chinese_day(row.drawn_on))),
                (("产生方式", label(rules.HOW, row.how)), ("抽取人数", str(row.count or ""))),
                (("专业领域", label(FIELDS, row.field) if row.field else "不限"), ("就近条件", near)),
                (("抽取人", drawn_by), ("监督人", row.witness or "")),
                (("另行抽取、指定的理由", row.reason or ""),) if row.reason else (("抽取理由", "首次抽取"),),
                (("抽取结果", "、".join(drawn(row))),),
                (
                    ("算法版本", row.algorithm or ""),
                    ("复验结果", "一致" if holds(row) else "不一致，应当重新抽取"),
                ),
                (("随机种子", row.seed or ""),),
                (("名单哈希", row.list_hash or ""),),
            )
        ),
        Grid("候选名单（编号、姓名、单位）", ("序号", "名单行", "抽中顺序"), candidates, (8, 78, 14)),
    ]
    if kept_out:
        blocks.append(Grid("回避", ("专家", "原因"), kept_out, (30, 70)))
    return (*blocks, Words("复验方法", (_REPEAT,)))


def no_draw() -> tuple[Block, ...]:
    """The same, to be filled in by hand."""
    return (
        Rows(
            (
                (("抽取日期", chinese_day(None)), ("抽取人数", "")),
                (("专业领域", ""), ("就近条件", "")),
                (("抽取结果", ""),),
                (("回避情况", ""),),
            )
        ),
    )


def suggestion(row: Opinion) -> str:
    """修复建议: mode, amount, place, term."""
    found = (
        ("模式", label(rules.MODES, row.restoration_mode)),
        ("数量", row.restoration_amount),
        ("地点", row.restoration_place),
        ("期限", row.restoration_term),
    )
    return "；".join(f"{name}：{said}" for name, said in found if said)


def opinion_blocks(row: Opinion | None, experts: Sequence[OpinionExpert]) -> tuple[Block, ...]:
    """One opinion with its experts, their statements and signatures; blanks where there is none yet."""
    people = tuple(
        (
            each.name or "",
            each.employer or "",
            each.title or "",
            labels(FIELDS, each.fields),
            label(SOURCES, each.source),
            yes_no(each.no_conflict),
            chinese_day(each.signed_on) if each.signed_on else "",
        )
        for each in experts
    )
    heads = ("专家", "单位", "职称", "领域", "来源库", "声明无利害关系", "签名日期")
    total = f"{yuan(row.total_cents)}元" if row is not None and row.total_cents is not None else ""
    return (
        Rows(
            (
                (("意见书编号", _said(row, "number")), ("日期", chinese_day(_said(row, "dated_on")))),
                (("委托单位", _said(row, "commissioned_by")), ("委托事项", _said(row, "matter"))),
                (
                    ("勘查时间", chinese_day(_said(row, "surveyed_on"))),
                    ("勘查地点", _said(row, "surveyed_place")),
                ),
            )
        ),
        Grid("参加评估的专家", heads, people, (11, 21, 13, 14, 15, 12, 14)),
        Words("材料清单", room(_said(row, "materials"))),
        Words("损害确认", room(_said(row, "damage"))),
        Words("因果关系", room(_said(row, "causation"))),
        Words(
            "损害数额",
            (
                f"损害数额：{total}",
                f"计算公式：{_said(row, 'formula')}",
                f"参数：{_said(row, 'parameters')}",
                f"参数来源：{_said(row, 'parameter_source')}",
            ),
        ),
        Words("修复建议", (suggestion(row) if row is not None else "",)),
        Words("分歧意见", room(_said(row, "dissent"))),
        Words("回避声明", ("本人与本案当事人没有利害关系，独立、客观、公正出具意见。",)),
        Signatures(tuple(f"专家{each.name or ''}" for each in experts) or ("专家", "专家", "专家")),
    )


def _said(row: Opinion | None, name: str) -> str:
    """A field of an opinion as text; empty where it is not known."""
    return str(getattr(row, name, None) or "")
