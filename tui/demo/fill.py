"""Fills the demo: the bureau's register on the server, and some days of work in the notebook.

All of it through the same verbs as an inspector's key presses.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.inspections import queries as inspection_queries
from models.inspections import verbs as inspections
from models.inspections.samples import jpeg_with_exif
from models.planning import assignments, draws
from models.planning import verbs as planning
from models.planning.rules import quarter_of
from models.registry import queries as registry
from models.registry import verbs as registry_verbs
from tui.demo.onsite import begin_interview, fill_onsite
from tui.demo.people import UNIT, sites
from tui.demo.sampling import sample_there

if TYPE_CHECKING:
    from models.store.seat import Seat

_DAY_MS = 86_400_000
WITH_PAPERS = 5
"""Number of the enterprise whose visit has an interview and registered evidence."""
WITH_INTERVIEW = 1
"""Number of the one in whose visit an interview goes on."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An inspection of the demo, to be made and perhaps finished."""

    site: int
    """Number of the enterprise."""
    checklists: str
    days_ago: int
    hour: int
    sealed: bool
    problems: dict[str, str]
    """Item code to what is wrong."""
    measurements: tuple[dict[str, str], ...] = ()
    answered: float = 1.0
    """Share of the items that are answered."""
    sampled: bool = False
    """Whether waste water is sampled there, too."""


_COD = {"medium": "water", "standard": "GB 8978-1996", "point": "总排口", "sampled": "instant"}

VISITS = (
    Visit(
        3,
        "A,C,W",
        6,
        9,
        True,
        {"W01": "总排口出水COD超过一级标准", "C07": "6月台账缺3日加药记录"},
        (
            {
                **_COD,
                "parameter": "COD",
                "value": "240",
                "unit_of_value": "mg/L",
                "grade": "1",
                "category": "其他",
            },
        ),
    ),
    Visit(7, "A,C", 6, 14, True, {}),
    Visit(12, "A,C,W", 4, 9, True, {"W09": "排污口标志牌缺失"}),
    Visit(9, "A,N", 3, 10, True, {"N01": "冷却塔运行时厂界噪声偏高"}),
    Visit(5, "A,C,W", 1, 15, True, {"W06": "雨水口晴天有污水流出"}),
    Visit(
        1,
        "A,C,W,N",
        0,
        9,
        False,
        {"W04": "曝气机停运，药剂桶空置"},
        (
            {
                **_COD,
                "parameter": "氨氮",
                "value": "31.5",
                "unit_of_value": "mg/L",
                "grade": "2",
                "category": "其他",
            },
        ),
        0.5,
        True,
    ),
    Visit(10, "A,C,W", 0, 11, False, {}, (), 0.15),
)

ASSIGNED = (
    (2, "A,C,W", 2, "complaint", "核查群众反映的夜间偷排"),
    (15, "A,C,N", 5, "plan", "厂界噪声达标检查"),
    (21, "A,C", 9, "passed_on", "核查排污许可证执行情况"),
)
"""Site number, checklists, days until due, where it comes from, what for."""
KEY_SITES = (4, 6, 8, 11, 13, 14, 16, 17)
"""Numbers of the enterprises on the demo's list of key sites."""


def fill_register(central: Seat) -> None:
    """Enter the enterprises of the demo at the bureau."""
    with central.writing():
        for fields in sites():
            registry_verbs.add_site(central, **fields)


def fill_notebook(notebook: Seat, told: Callable[[str], None] = lambda _: None) -> None:
    """Make some days of inspections; officers and sites must have come from the server before."""
    site_ids = {(row.name or "")[:6]: row.id for row in registry.find_sites(notebook, "示例企业", limit=100)}
    second = next(row.id for row in registry.officers(notebook) if row.name == "执法员02")
    with tempfile.TemporaryDirectory(prefix="qingcha-demo-") as folder:
        for visit in VISITS:
            site = site_ids[f"示例企业{visit.site:02d}"]
            _make(notebook, visit, site, second, Path(folder))
            told(f"示例企业{visit.site:02d}")
    for place, (number, checklists, days, origin, purpose) in enumerate(ASSIGNED, 1):
        due = (_today() + timedelta(days=days)).date().isoformat()
        assignments.assign(
            notebook,
            site_id=site_ids[f"示例企业{number:02d}"],
            first_officer=notebook.person,
            second_officer=second,
            checklists=checklists,
            due=due,
            origin=origin,
            purpose=purpose,
            approval_number=f"演示检批〔{due[:4]}〕{place}号",
            notice_number=f"演示检通〔{due[:4]}〕{place}号",
        )
    _draw(notebook, site_ids)


def _draw(notebook: Seat, site_ids: dict[str, str]) -> None:
    """This quarter's draw of key sites, made and not given out yet."""
    for number in KEY_SITES:
        planning.classify(
            notebook, site_ids[f"示例企业{number:02d}"], category="key", basis="重点排污单位名录（演示）"
        )
    period = quarter_of(_today().date())
    made = draws.prepare(notebook, category="key", period=period, items="A,C,W")
    draws.draw(notebook, made, seed="演示 03 09 17 22 28 31 05", seed_source="演示用公开数字")


def _today() -> datetime:
    """Now in China, where records bear UTC+8 on any laptop."""
    return datetime.now(UTC) + timedelta(hours=8)


def _at(days_ago: int, hour: int) -> int:
    """That hour of that day in China, in ms since 1970 UTC; never so late that the visit is not over."""
    over = datetime.now(UTC) - timedelta(minutes=90)
    day = (_today() - timedelta(days=days_ago)).replace(hour=hour, minute=5, second=0, microsecond=0)
    return min(int((day - timedelta(hours=8)).timestamp() * 1000), int(over.timestamp() * 1000))


def _make(notebook: Seat, visit: Visit, site: str, second: str, folder: Path) -> None:
    began = _at(visit.days_ago, visit.hour)
    inspection = inspections.begin(
        notebook,
        site_id=site,
        first_officer=notebook.person,
        second_officer=second,
        checklists=visit.checklists,
        began_at=began,
    )
    sheet = inspection_queries.sheet(notebook, inspection)
    codes = [item.code for section in sheet.sections for item in section.items]
    for code in codes[: round(len(codes) * visit.answered)]:
        wrong = visit.problems.get(code)
        inspections.answer(notebook, inspection, code, "problem" if wrong else "ok", wrong)
        if wrong:
            inspections.find(notebook, inspection, code, wrong)
    for measured in visit.measurements:
        inspections.measure(notebook, inspection, item="W01", taken_at=began + 1_800_000, **measured)
    for number, code in enumerate(visit.problems, 1):
        photo = folder / f"IMG_{visit.site:02d}{number:02d}.jpg"
        moment = datetime.fromtimestamp(began / 1000, UTC) + timedelta(hours=8, minutes=20 * number)
        jpeg_with_exif(photo, taken=moment, gps=(24.51, 117.65), text=f"演示 {code}")
        inspections.take_in(
            notebook,
            inspection,
            photo,
            kind="audio_visual",
            item=code,
            method="数码相机拍摄",
            carrier="相机存储卡",
            carrier_place="执法员01",
        )
    if visit.sampled:
        sample_there(notebook, inspection, began)
    if visit.site == WITH_PAPERS:
        fill_onsite(notebook, inspection, began)
    if visit.site == WITH_INTERVIEW:
        begin_interview(notebook, inspection, began)
    if visit.sealed:
        _seal(notebook, inspection, visit, began)


def _seal(notebook: Seat, inspection: str, visit: Visit, began: int) -> None:
    found = "；".join(visit.problems.values()) or "未发现环境违法行为"
    fields: dict[str, Any] = {
        "shown_certificates": True,
        "told_rights": True,
        "avoidance": "none",
        "situation": f"检查时该单位正常生产。{found}。现场已拍照取证。",
        "present": True,
        "contact_name": f"负责人{visit.site:02d}",
        "contact_duty": "厂长",
        "contact_relation": "现场负责人",
        "signed": "signed",
        "approval_number": f"漳环检批（演示）{visit.site:03d}",
        "notice_number": f"漳环检通（演示）{visit.site:03d}",
        "ended_at": began + 5_400_000,
    }
    inspections.edit(notebook, inspection, **fields)
    inspections.finish(notebook, inspection)
    inspections.seal_inspection(notebook, inspection)


__all__ = ["UNIT", "fill_notebook", "fill_register"]
