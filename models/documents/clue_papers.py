"""The papers of a clue: its form, its first check, the decision not to start, the letter handing it over."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from models.cases.damage import clues, stages
from models.cases.damage import queries as damage
from models.cases.damage.tables import CasePaper, Clue
from models.cases.penalty import queries as penalties
from models.cases.penalty.tables import Handover
from models.documents.beside_papers import NONE
from models.documents.case_facts import names_of
from models.documents.official import BLANK_DAY, chinese_day, lines, official, room, ticked, yes_no
from models.documents.paper import Block, Grid, Paper, Rows, Signatures, Words
from models.errors import BadInput
from models.inspections.tables import Inspection
from models.language import in_chinese, translate
from models.law.deadlines import due, limit
from models.registry.units import unit
from models.rooms import labels
from models.store.lookup import by_id, children

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from models.store.seat import Seat

_TRANSFER = "clue_transfer"
_AGREED = (("yes", "同意"), ("no", "不同意"))


def clue_paper(seat: Seat, clue_id: str, kind: str, entered: CasePaper | None = None) -> Paper:
    """A paper of a clue as a value.

    Args:
        entered: the entered paper that is wanted; its latest of the kind unless given.

    Raises:
        BadInput: there is no such clue.
    """
    row = damage.clue(seat, clue_id)
    if row is None:
        raise BadInput(NONE)
    rows = [each for each in damage.papers_of(seat, clue_id) if each.kind == kind]
    paper = entered or (rows[-1] if rows else None)
    number = (paper.number if paper is not None else None) or row.number or ""
    if kind == _TRANSFER:
        return _transfer_of(seat, row, number)
    names = names_of(seat, [row.checker, row.approver])
    more = lines(paper.content if paper is not None else None)

    def made() -> Paper:
        about = _about(row, _origins(seat, row))
        blocks = (*FILLERS[kind](about, row, names), *((Words("补充内容", more),) if more else ()))
        return official(seat, translate(stages.PAPERS[kind]), number, blocks, row=row)

    return in_chinese(made)


def handover_letter(seat: Seat, handover_id: str, kind: str) -> Paper:
    """线索移送函: the letter that hands the clue of a penalty case to a county branch (R038).

    Raises:
        BadInput: there is no such hand-over.
    """
    with seat:
        row = by_id(Handover, handover_id)
    if row is None:
        raise BadInput(NONE)
    clue = damage.clue(seat, row.clue) if row.clue else None
    reminded = penalties.reminders_of(seat, handover_id)

    def made() -> Paper:
        blocks = _letter(seat, row, clue)
        if reminded:
            cells = tuple((chinese_day(each.on), each.by or "", each.text or "") for each in reminded)
            blocks = (
                *blocks[:-1],
                Grid("督促记录", ("日期", "督促人", "内容"), cells, (20, 20, 60)),
                blocks[-1],
            )
        number = row.letter_number or row.case_number or ""
        return official(seat, translate(stages.PAPERS[kind]), number, blocks, row=row)

    return in_chinese(made)


def _transfer_of(seat: Seat, clue: Clue, number: str) -> Paper:
    """The letter of a clue: of its hand-over, else a blank one."""
    with seat:
        handed = children(Handover, "clue", clue.id)
    if handed:
        return handover_letter(seat, handed[-1].id, _TRANSFER)
    return in_chinese(
        lambda: official(
            seat, translate(stages.PAPERS[_TRANSFER]), number, _letter(seat, None, clue), row=clue
        )
    )


def _letter(seat: Seat, row: Handover | None, clue: Clue | None) -> tuple[Block, ...]:
    code = (row.to_unit if row is not None else clue.unit if clue is not None else None) or ""
    place = unit(code)
    receiver = place.name if place is not None else code
    case = f"“{row.case_title or ''}”（{row.case_number or ''}）" if row is not None else "有关线索"
    until = f"于{chinese_day(row.due)}前" if row is not None and row.due else f"签收后{_check_days(clue)}日内"
    return (
        Words(
            "",
            (
                f"漳州市生态环境局（{receiver}）：",
                (
                    f"{case}可能符合生态环境损害赔偿启动条件，现将线索移送你单位。请签收，并{until}完成初步核查，"
                    "将是否启动索赔的结果告知我单位。"
                ),
            ),
        ),
        *(_about(clue, _origins(seat, clue)) if clue is not None else ()),
        Rows(
            (
                (
                    ("移送日期", chinese_day(row.sent_on if row is not None else None)),
                    ("移送人", (row.sender if row is not None else None) or ""),
                ),
                (
                    ("签收日期", chinese_day(row.received_on if row is not None else None)),
                    ("签收人", (row.receiver if row is not None else None) or ""),
                ),
            )
        ),
        Signatures(("移送单位（盖章）", "签收单位（盖章）")),
    )


def _check_days(clue: Clue | None) -> str:
    rule = limit("clue_check", _day(clue.occurred_on or clue.received_on) if clue is not None else date.max)
    return str(rule.amount) if rule is not None else "    "


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return date.max


def _origins(seat: Seat, row: Clue) -> str:
    """The records that it came from, by their numbers."""
    found = []
    with seat:
        visit = by_id(Inspection, row.inspection) if row.inspection else None
    if visit is not None:
        found.append(f"现场检查（勘察）笔录 {visit.number or ''}")
    case = penalties.penalty_case(seat, row.penalty_case) if row.penalty_case else None
    if case is not None:
        found.append(f"行政处罚案件 {case.number or ''}")
    if row.upward_report:
        found.append("网格上报")
    return "；".join(found)


def _about(row: Clue, origins: str) -> tuple[Block, ...]:
    place = unit(row.unit)
    return (
        Rows(
            (
                (("线索编号", row.number or ""), ("核查单位", place.name if place is not None else row.unit)),
                (
                    ("线索来源", translate(clues.SOURCES.get(row.source or "", ""))),
                    ("收到日期", chinese_day(row.received_on)),
                ),
                (("来源记录", origins),),
                (("义务人", row.party or ""), ("统一社会信用代码", row.party_code or "")),
                (("损害发生地点", row.place or ""), ("违法行为发生日期", chinese_day(row.occurred_on))),
                (("基本情况", row.description or ""),),
                (("损害事实", row.facts or ""),),
                (("受损要素", labels(tuple(clues.ELEMENTS.items()), row.elements)),),
                (("是否在海域", yes_no(row.marine)), ("是否在生态保护红线内", yes_no(row.red_line))),
            )
        ),
    )


def _form(about: tuple[Block, ...], row: Clue, names: Mapping[str, str]) -> tuple[Block, ...]:
    return (*about, Words("处理意见", ("",)), Signatures(("登记人", "承办单位负责人")))


def _checked(row: Clue, names: Mapping[str, str]) -> tuple[Block, ...]:
    received = _day(row.received_on)
    rule = limit("clue_check", _day(row.occurred_on or row.received_on)) if received != date.max else None
    until = chinese_day(due(received, rule).due_on.isoformat()) if rule is not None else BLANK_DAY
    checker = names.get(row.checker or "", row.checker or "")
    return (
        Rows(
            (
                (("核查日期", chinese_day(row.checked_on)), ("核查人", checker)),
                (("核查期限", until), ("期限依据", rule.basis if rule is not None else "")),
            )
        ),
        Words("核查结果", room(row.check_text)),
    )


def _check(about: tuple[Block, ...], row: Clue, names: Mapping[str, str]) -> tuple[Block, ...]:
    choices = tuple((key, translate(words)) for key, words in clues.OUTCOMES.items())
    return (
        *about,
        *_checked(row, names),
        Words("核查结论", (ticked(choices, row.outcome), *lines(row.decision_note))),
        Signatures(("核查人", "核查人", "承办单位负责人")),
    )


def _no_start(about: tuple[Block, ...], row: Clue, names: Mapping[str, str]) -> tuple[Block, ...]:
    reasons = tuple(
        ticked(((key, translate(words)),), row.no_start_reason) for key, words in clues.NO_START.items()
    )
    decided = "yes" if row.outcome == "not_start" else None
    approver = names.get(row.approver or "", row.approver or "") if decided else ""
    told = Rows(((("反馈检察机关日期", chinese_day(row.told_procuratorate_on)),),))
    return (
        *about,
        *_checked(row, names),
        Words("不启动的法定情形", (*reasons, *lines(row.decision_note if decided else None))),
        Words("承办人意见", ("",)),
        Words(
            "负责人意见",
            (
                ticked(_AGREED, decided),
                f"批准人：{approver}    批准日期：{chinese_day(row.decided_on if decided else None)}",
            ),
        ),
        *((told,) if row.source == "procuratorate" else ()),
        Signatures(("承办人", "法制审核", "负责人")),
    )


FILLERS: dict[str, Callable[[tuple[Block, ...], Clue, Mapping[str, str]], tuple[Block, ...]]] = {
    "clue_form": _form,
    "first_check": _check,
    "no_start_approval": _no_start,
}
"""Kind of paper to what stands on it, after what is said of the clue."""
NAMES: tuple[tuple[str, str], ...] = tuple(
    (kind, words) for kind, words in stages.PAPERS.items() if kind in (*FILLERS, _TRANSFER)
)
"""The papers of a clue with their names."""
