"""随机抽查公示: a draw by lot on paper, with all that is needed to repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.documents.official import chinese_day, official
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words
from models.errors import BadInput
from models.inspections.tables import Answer, Inspection
from models.language import N_, in_chinese
from models.planning import drawing, draws, queries, rules
from models.registry import keeping
from models.registry.units import label_of
from models.rooms import label

if TYPE_CHECKING:
    from models.store.seat import Seat

RECORD = {"draw_record": N_("Record of the draw by lot")}
NOTICE = {"draw_notice": N_("Notice of the draw by lot")}
_HOW = (
    (
        "抽取方法：先冻结名单并计算其 SHA-256，再公布种子；以种子、名单哈希与对象编号的 SHA-256 "
        "排序取前若干家，按已派次数和同样的哈希排序派两名持证执法人员（算法 qc-draw-1）。"
    ),
    "任何人可用导出的 .json 文件执行 qingcha draw repeat 复验，也可用 sha256sum 手工复验。",
)


def draw_paper(seat: Seat, draw_id: str, _name: str) -> Paper:
    """The record of a draw, for the file: secret until it is carried out.

    Raises:
        RuleBroken: there is no such draw.
    """
    row = keeping.kept(seat, "spot_draw", draw_id)
    return in_chinese(lambda: _paper(seat, row, "双随机抽查记录", published=False))


def notice_paper(seat: Seat, notice_id: str, _name: str) -> Paper:
    """What is made public of a draw.

    Raises:
        RuleBroken: there is no such notice.
    """
    row = keeping.kept(seat, "draw_notice", notice_id)
    title = "随机抽查作废公告" if row.kind == "annulled" else "“双随机、一公开”抽查公示"
    return in_chinese(lambda: _paper(seat, row, title, published=True))


def _paper(seat: Seat, row: Any, title: str, *, published: bool) -> Paper:
    facts = [
        (("抽查单位", label_of(row.unit)), ("抽查期", row.period or "")),
        (("抽查范围", label(rules.CATEGORIES, row.category)), ("名单冻结日", chinese_day(row.frozen_on))),
    ]
    if row.result:
        facts.append((("抽取日", chinese_day(row.drawn_on)), ("算法", row.algorithm or "")))
    blocks: list[Block] = [Rows(tuple(facts)), Words("名单哈希（SHA-256）", (row.list_hash or "",))]
    if row.seed:
        source = f"{row.seed_source}（{chinese_day(row.seed_on)}公布）" if row.seed_source else "程序随机产生"
        blocks.append(Words("种子", (f"{row.seed}    来源：{source}",)))
    if row.reason:
        heading = "作废原因" if published and row.kind == "annulled" else "说明"
        blocks.append(Words(heading, (row.reason,)))
    blocks += [_sites(seat, row, published=published), *_left_out(row)]
    if row.result:
        blocks.append(Words("复验", _HOW))
    if published:
        blocks.append(Rows(((("公示日期", chinese_day(row.on)), ("编号", row.number or "")),)))
    else:
        blocks += [
            _repeated(row),
            Words("见证人", (row.witness or "",)),
            Signatures(("抽取人", "见证人", "负责人")),
        ]
    kept = tuple(each for each in blocks if not isinstance(each, Grid) or each.rows)
    return official(seat, title, row.number or "", kept, row=row)


def _repeated(row: Any) -> Words:
    broken = draws.why_changed(row)
    return Words("打印时复验", ("一致" if broken is None else f"不一致：{broken.text()}",))


def _sites(seat: Seat, row: Any, *, published: bool) -> Grid:
    draw_id = row.draw if published else row.id
    given = {each.site: each for each in queries.assignments_from(seat, draw_id) if each.voided is None}
    rows = []
    for at, (name, first, second, site) in enumerate(draws.drawn_rows(row), 1):
        officers = f"{first.name}（{first.certificate}）、{second.name}（{second.certificate}）"
        rows.append((str(at), name, officers, _outcome(seat, given.get(site))))
    return Grid("抽取结果", ("序号", "检查对象", "执法人员", "检查结果"), tuple(rows), (8, 34, 38, 20))


def _outcome(seat: Seat, given: Any) -> str:
    """What a sealed inspection found: its answers alone, no words of it."""
    visit = keeping.row_of(seat, "inspection", given.inspection) if given is not None else None
    if visit is None or visit.began_at is None:
        return "未检查"
    if not visit.sealed:
        return "检查中"
    return "发现问题" if _problems(seat, visit) else "未发现问题"


def _problems(seat: Seat, visit: Inspection) -> int:
    with seat:
        rows = Answer.select().where(
            Answer.inspection == visit.id, Answer.result == "problem", Answer.voided.is_null()
        )
        return int(rows.count())


def _left_out(row: Any) -> tuple[Grid, ...]:
    try:
        found = drawing.read(row.listed or "")
    except BadInput:
        return ()
    words = [each.partition("：") for each in found.left_out]
    rows = tuple((name, why) for name, _sign, why in words)
    return (Grid("未列入名单及原因", ("名称、姓名", "原因"), rows, (50, 50)),)
