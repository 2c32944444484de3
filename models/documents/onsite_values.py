"""What the papers of interviews, measures and service share: officers, and what stands around every paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from models.documents.facts import BUREAU
from models.documents.paper import moment
from models.documents.record_paper import promise_of
from models.documents.templates import Value
from models.registry import units
from models.registry.sealing import seal_of
from models.store import sealing

if TYPE_CHECKING:
    from models.store.seat import Seat

TICK = {True: "■", False: "□"}


def bureau_of(seat: Seat) -> str:
    """In whose name papers are made."""
    return seat.meta("bureau") or BUREAU


def officer_values(officer: Mapping[str, Any] | None, bureau: str) -> dict[str, Value]:
    """An officer as papers name them: 姓名, 单位, 证号.

    Args:
        officer: as sealed records state one (`onsite.writing.stated_officer`).
    """
    held = officer or {}
    if not held.get("id"):
        return {"姓名": "", "单位": "", "证号": ""}
    unit = units.unit(held.get("unit") or "")
    place = "" if unit is None or unit.kind == "city" else f"（{unit.name}）"
    return {
        "姓名": held.get("name") or "",
        "单位": bureau + place,
        "证号": held.get("certificate") or "",
    }


def framed(seat: Seat, row: Any, values: Mapping[str, Value]) -> tuple[dict[str, Value], str]:
    """The values of a paper with what stands around every paper, and the text of its code.

    Args:
        row: the record that the seal closes: 编号, 演示, 机关, 签封说明, 核验说明 speak of it.
    """
    seal = seal_of(seat, row.id) if row.sealed else None
    note = ""
    if row.voided is not None:
        note = "本记录已撤回，不得使用。"
    elif seal is not None:
        key = sealing.parse_line(seal.line).key_id
        note = f"签封时间：{moment(seal.sealed_at)}（设备时钟）    设备密钥：{key}"
    frame: dict[str, Value] = {
        "编号": row.number or "",
        "演示": seat.demo,
        "机关": bureau_of(seat),
        "签封说明": note,
        "核验说明": promise_of(seal is not None, seal.taken_out if seal is not None else ""),
    }
    return {**values, **frame}, seal.qr_text if seal is not None else ""
