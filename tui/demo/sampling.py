"""A sampling of the demo: waste water at the total outlet, sealed at the site, the samples on their way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.inspections.sampling import verbs
from models.inspections.sampling.passing import pass_all
from models.inspections.sampling.sealing import seal_sampling

if TYPE_CHECKING:
    from models.store.seat import Seat

_MINUTE = 60_000


def sample_there(notebook: Seat, inspection: str, began: int) -> str:
    """Sample waste water during a visit that began then, in ms; gives the record's id."""
    start = began + 20 * _MINUTE
    record = verbs.begin(
        notebook,
        inspection,
        "water",
        began_at=start,
        ended_at=start + 20 * _MINUTE,
        point="总排口",
        method="HJ 91.1",
        instrument="采水器（演示）",
        instrument_number="CS-01",
        weather="晴",
        production="正常生产，负荷约八成",
        treatment="曝气机停运，药剂桶空置",
        sampled="instant",
        outlet="total",
        water="IV",
        discharge_to="厂区南侧小溪",
        flow="12.5",
        ph="7.42",
        temperature="24.6",
        signed="signed",
        signer="负责人01",
    )
    usual = {
        "name": "废水",
        "items": "化学需氧量、氨氮",
        "container": "玻璃瓶",
        "taken_at": start + 10 * _MINUTE,
    }
    kept = {"preservation": "加硫酸，冷藏避光", "amount": "500 mL"}
    first = verbs.add_sample(notebook, record, bottles=2, **usual, **kept)
    verbs.add_sample(notebook, record, role="parallel", parallel_of=first, **usual, **kept)
    verbs.add_sample(notebook, record, role="field_blank", **{**usual, "name": "空白"}, **kept)
    seal_sampling(notebook, record)
    pass_all(notebook, record, "bagged", seal_number="YS-0001")
    return record
