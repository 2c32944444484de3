"""全过程记录: the timeline of an inspection on paper, from the journal (行政处罚法47)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from models.documents.facts import gather
from models.documents.onsite_values import bureau_of
from models.documents.paper import moment
from models.documents.record_paper import officer_values
from models.documents.templates import Value
from models.inspections.onsite import timeline
from models.language import N_, translate
from models.registry.days import local

if TYPE_CHECKING:
    from models.store.seat import Seat
    from models.store.witness import Witnessed

NAMES = {"timeline": N_("Record of the whole process")}
_WAYS = {"text": "文", "sound_and_picture": "像", "seal": "封"}
_NOTE = "本表由设备日志生成，打印时即时汇总；各项记录是否改动，以其签封和二维码核验。"
_CODE = "本页二维码是该次现场检查笔录的签封。"


def values(seat: Seat, inspection_id: str, name: str) -> tuple[str, dict[str, Value], str]:
    """Layout, what it is filled with, and the code of the inspection's seal. Call with Chinese in force.

    Raises:
        BadInput: there is no such inspection.
    """
    facts = gather(seat, inspection_id)
    found = timeline.steps(seat, inspection_id)
    people = timeline.people(seat, found)
    row = facts.inspection
    audio_visual = [each for each in facts.evidence if timeline.is_audio_visual(each)]
    now = seat.clock.wall_ms()
    filled: dict[str, Value] = {
        "编号": facts.number,
        "演示": facts.demo,
        "机关": bureau_of(seat),
        "签封说明": f"生成时间：{moment(now)}（设备时钟）",
        "核验说明": _CODE + _NOTE if facts.qr_text else _NOTE,
        "当事人": {"名称": row.site_name or "", "代码": row.site_code or ""},
        "地点": row.place or "",
        "开始时间": moment(row.began_at),
        "结束时间": moment(row.ended_at),
        "检查人甲": officer_values(facts.first, facts),
        "检查人乙": officer_values(facts.second, facts),
        "条数": str(len(found)),
        "音像件数": str(len(audio_visual)),
        "过程": [
            {
                "序号": str(count),
                "时间": _time(each.at),
                "见证": _between(each.witness),
                "人员": people.get(each.person, ""),
                "环节": translate(timeline.STAGES[each.stage]),
                "方式": _WAYS[each.way],
                "事项": each.words,
            }
            for count, each in enumerate(found, 1)
        ],
        "音像": [
            {
                "序号": str(count),
                "名称": each.title or each.name or "",
                "时间": _time(each.taken_in_at) if each.taken_in_at is not None else "",
                "制作人": each.maker or "",
                "校验值": f"{facts.hash_of(each)} {facts.out_words(each)}".strip(),
            }
            for count, each in enumerate(audio_visual, 1)
        ],
    }
    return name, filled, facts.qr_text


def _time(ms: int) -> str:
    return f"{local(ms):%Y-%m-%d %H:%M:%S}"


def _between(witness: Witnessed) -> str:
    """Between which of the server's times it was written, to the minute outwards."""
    if witness.not_before is None and witness.not_after is None:
        return ""
    first = f"{local(witness.not_before):%m-%d %H:%M}" if witness.not_before is not None else "…"
    if witness.not_after is None:
        return f"{first} 之后"
    last = f"{local(witness.not_after) + timedelta(seconds=59):%m-%d %H:%M}"
    return f"{last} 之前" if witness.not_before is None else f"{first} 至 {last}"
