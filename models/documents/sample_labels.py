"""Labels for sample bottles: number, name, place, day, time, items, preservation, sampler; and a code.

The code holds "QCS:", the sample's number and, once its record is sealed, the digest of that in base32. It is
not signed: what it names is covered by the seal of the sampling record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.documents.facts import BUREAU
from models.documents.labels import Label, plain_number
from models.documents.paper import SAMPLE_PREFIX, moment
from models.documents.text import one_line
from models.inspections.sampling import rules
from models.inspections.sampling.queries import SamplingView, view
from models.language import in_chinese, translate
from models.registry.sealing import seal_of
from models.store.sealing import base32

if TYPE_CHECKING:
    from models.inspections.sampling.tables import Sample
    from models.store.seat import Seat


def sample_labels(seat: Seat, sampling_id: str) -> list[Label]:
    """One label for each bottle of each sample of a record, in order.

    Raises:
        RuleBroken: there is no such record.
    """
    seen = view(seat, sampling_id)
    seal = seal_of(seat, seen.row.id) if seen.row.sealed else None
    digest = base32(bytes.fromhex(seal.sha256)) if seal is not None else "-"
    bureau = seat.meta("bureau") or BUREAU
    return in_chinese(
        lambda: [
            _label(seen, each, bottle, bureau, digest, seat.demo)
            for each in seen.samples
            for bottle in range(1, (each.bottles or 1) + 1)
        ]
    )


def _label(seen: SamplingView, each: Sample, bottle: int, bureau: str, digest: str, demo: bool) -> Label:
    row = seen.row
    samplers = [
        seen.officers[officer].name or ""
        for officer in (row.first_officer, row.second_officer)
        if officer in seen.officers
    ]
    role = translate(rules.ROLES.get(each.role or "", each.role or ""))
    lines = [
        f"{bureau} 样品标签",
        f"编号：{each.number or ''}",
        f"第 {bottle} 瓶（共 {each.bottles or 1} 瓶）",
        f"名称：{each.name or ''}（{role}）",
        f"地点：{row.site_name or ''} {rules.symbol_of(row.symbol)}{row.point or ''}",
        f"采样时间：{moment(each.taken_at)}",
        f"监测项目：{each.items or ''}",
        f"保存条件：{each.preservation or ''}",
        f"采样人：{'、'.join(samplers)}",
    ]
    if demo:
        lines.insert(0, "【演示】仅供练习，不具法律效力")
    clean = tuple(one_line(line) for line in lines)
    return Label(clean, f"{SAMPLE_PREFIX}{plain_number(each.number or '')}:{bottle}:{digest}")
