"""The first draft of an exemplary case, from the records of the case: Chinese text, not yet anonymous."""

from __future__ import annotations

from contextvars import copy_context
from datetime import date
from typing import TYPE_CHECKING

from models.cases.damage import queries as damage
from models.cases.damage.clues import SOURCES
from models.cases.damage.losses import total
from models.cases.damage.stages import in_order
from models.cases.damage.tables import CaseStep, DamageCase
from models.cases.restoration.queries import amounts_of, restorations_of
from models.cases.restoration.rules import MODES, WHAT
from models.language import translate, use_language_here
from models.oversight.figures import standings_on
from models.registry.typed import yuan
from models.registry.units import unit
from models.rooms import label

if TYPE_CHECKING:
    from models.store.seat import Seat

_MEETING_RESULTS = {"agreed": "达成一致", "continue": "继续磋商", "refused": "未达成一致"}
_METHODS = {"experts": "专家意见", "appraisal": "鉴定评估", "combined": "综合认定"}


def drafted(seat: Seat, case: DamageCase) -> dict[str, str]:
    """Title and parts of an exemplary case, as the records give them; what they do not hold is left out.

    A paper for the public is Chinese, whatever the language of the screen.
    """
    context = copy_context()
    context.run(use_language_here, "zh")
    return context.run(_drafted, seat, case)


def _drafted(seat: Seat, case: DamageCase) -> dict[str, str]:
    area = unit(case.unit)
    name = area.name if area is not None else ""
    steps = in_order(damage.steps_of(seat, [case.id])[case.id])
    return {
        "title": case.title or f"{name}{case.party or ''}生态环境损害赔偿案",
        "source": _source(seat, case, name),
        "investigation": _investigation(seat, case, steps),
        "consultation": _consultation(seat, case, steps),
        "restoration": _restoration(seat, case, steps),
        "significance": f"本案是{name}办理的第一起生态环境损害赔偿案件。" if is_first(seat, case) else "",
    }


def is_first(seat: Seat, case: DamageCase) -> bool:
    """首案: whether it is the first case that its unit started (R021)."""
    return any(each.first and each.case.id == case.id for each in standings_on(seat, date.max))


def _source(seat: Seat, case: DamageCase, area: str) -> str:
    clue = damage.clue(seat, case.clue) if case.clue else None
    if clue is None:
        return _joined(_on(case.found_on), case.act)
    how = translate(SOURCES.get(clue.source or "", ""))
    return _joined(
        f"{_on(clue.received_on)}，{area}生态环境部门收到线索" + (f"（来源：{how}）" if how else ""),
        clue.description,
    )


def _investigation(seat: Seat, case: DamageCase, steps: list[CaseStep]) -> str:
    losses = damage.losses_of(seat, case.id)
    amount = f"损害数额合计{yuan(total(losses))}元" if losses else ""
    how = _METHODS.get(case.method or "", "")
    return _joined(
        _day_of(steps, "start", "批准启动"),
        _day_of(steps, "investigation", "开始调查"),
        f"经查，{case.act}" if case.act else "",
        f"违反{case.violated}" if case.violated else "",
        f"污染物为{case.pollutants}" if case.pollutants else "",
        f"损害范围：{case.extent}" if case.extent else "",
        f"因果关系：{case.causation}" if case.causation else "",
        f"损害以{how}方式确定" if how else "",
        amount,
    )


def _consultation(seat: Seat, case: DamageCase, steps: list[CaseStep]) -> str:
    meetings = damage.meetings_of(seat, case.id)
    held = "；".join(
        f"{_on(each.held_on)}第{each.count or number}次磋商，{_MEETING_RESULTS.get(each.result or '', '')}"
        for number, each in enumerate(meetings, 1)
    )
    agreed = f"约定赔偿{yuan(case.agreed_cents)}元" if case.agreed_cents is not None else ""
    return _joined(
        _day_of(steps, "consultation", "开始磋商"),
        held,
        _day_of(steps, "agreement", "签订赔偿协议"),
        agreed,
        _day_of(steps, "confirmation", "共同申请司法确认"),
        _day_of(steps, "failed", "磋商不成"),
        _day_of(steps, "suit", "提起诉讼"),
        _day_of(steps, "judgment", "法院作出判决"),
    )


def _restoration(seat: Seat, case: DamageCase, steps: list[CaseStep]) -> str:
    done = []
    for row in restorations_of(seat, case.id):
        amounts = "、".join(
            f"{each.species or label(WHAT, each.what)}"
            f"{_approximately(each.approx, each.quantity, each.quantity_unit)}"
            for each in amounts_of(seat, row.id)
        )
        done.append("，".join(filter(None, (label(MODES, row.mode), row.plan, amounts))))
    return _joined("；".join(done), _day_of(steps, "performed", "履行完毕"), _day_of(steps, "closed", "办结"))


def _approximately(approx: str | None, quantity: str | None, of: str | None) -> str:
    if approx == "余":
        return f"{quantity or ''}余{of or ''}"
    return f"{'约' if approx == '约' else ''}{quantity or ''}{of or ''}"


def _day_of(steps: list[CaseStep], step: str, words: str) -> str:
    on = next((each.on for each in steps if each.step == step), None)
    return f"{_on(on)}{words}" if on else ""


def _on(day: str | None) -> str:
    if not day:
        return ""
    try:
        found = date.fromisoformat(day)
    except ValueError:  # a day that no verb of ours wrote, as it stands
        return day
    return f"{found.year}年{found.month}月{found.day}日"


def _joined(*parts: str | None) -> str:
    """Sentences one after the other, each with one full stop."""
    return "".join(f"{part.strip().rstrip('。')}。" for part in parts if part and part.strip("，。 "))
