"""A sampling record of waste water with two samples, at a visit that has begun."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from models.inspections import verbs
from models.inspections.sampling import verbs as sampling
from models.registry import verbs as registry
from models.registry.rules import credit_check_character
from models.store.notebook import Notebook

CODE = "91350602MA0000003"
HOUR = 3_600_000
WATER = {
    "point": "总排口",
    "method": "HJ 91.1",
    "instrument": "采水器 示例型",
    "weather": "晴",
    "production": "正常生产，负荷约八成",
    "treatment": "污水处理站正常运行",
    "sampled": "instant",
    "outlet": "total",
    "water": "III",
    "discharge_to": "九龙江支流",
    "ph": "7.20",
    "signed": "signed",
    "signer": "示例人03",
}
NOISE = {
    "point": "东厂界外1米",
    "method": "GB 12348-2008",
    "instrument": "声级计 示例型",
    "instrument_number": "SLM-01",
    "weather": "多云",
    "production": "正常生产",
    "treatment": "隔声罩完好",
    "period": "day",
    "zone": "2",
    "sound_source": "风机运行",
    "calibrator": "示例校准器 C-01",
    "calibration_before": "93.8",
    "calibration_after": "93.9",
    "leq": "58.4",
    "wind": "1.2",
    "rain": False,
    "signed": "signed",
    "signer": "示例人03",
}


@dataclass
class Sampled:
    """A record at a visit, and its samples."""

    notebook: Notebook
    visit: str
    id: str
    samples: list[str]
    began: int


@pytest.fixture
def site(notebook: Notebook) -> str:
    """A registered site."""
    code = CODE + credit_check_character(CODE)
    return registry.add_site(notebook, "示例印染企业03", code=code, address="漳州市芗城区示例路3号")


@pytest.fixture
def visit(notebook: Notebook, officers: tuple[str, str], site: str) -> str:
    """An inspection that began two hours ago."""
    first, second = officers
    return verbs.begin(
        notebook,
        site_id=site,
        first_officer=first,
        second_officer=second,
        checklists="A,W",
        began_at=notebook.clock.wall_ms() - 2 * HOUR,
    )


@pytest.fixture
def sampled(notebook: Notebook, visit: str) -> Sampled:
    """Waste water sampled an hour ago: an ordinary sample in two bottles and its parallel."""
    began = notebook.clock.wall_ms() - HOUR
    record = sampling.begin(notebook, visit, "water", began_at=began, ended_at=began + HOUR // 4, **WATER)
    asked = {
        "name": "废水",
        "items": "化学需氧量、氨氮",
        "container": "玻璃瓶",
        "preservation": "加硫酸至 pH≤2，4℃冷藏",
        "taken_at": began + HOUR // 6,
        "hold_hours": "24",
    }
    first = sampling.add_sample(notebook, record, bottles=2, **asked)
    second = sampling.add_sample(notebook, record, role="parallel", parallel_of=first, **asked)
    return Sampled(notebook, visit, record, [first, second], began)
