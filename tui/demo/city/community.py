"""Communities of the demo: committees, grids, patrols, a report upward, a complaint, a mediation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.community import complaints, patrols, reports, verbs

if TYPE_CHECKING:
    from models.store.seat import Seat

UNIT = "350602"
_FOUNDED = "2021-12-10"
_MEMBERS = (
    ("委员{n}甲", "two_committees", True),
    ("委员{n}乙", "grid_worker,resident", True),
    ("委员{n}丙", "owners_rep", False),
    ("委员{n}丁", "resident", False),
)
"""Names, categories, and whether a Party member: exactly half of them are, which is enough."""


def fill_communities(seat: Seat) -> None:
    """Four communities; three have their committee, one of them too few Party members."""
    with seat.writing():
        city = verbs.add_grid(seat, code="3506", name="漳州市", level="city", unit="350600")
        county = verbs.add_grid(seat, code=UNIT, name="芗城区", level="county", superior=city, unit=UNIT)
        street = verbs.add_grid(
            seat, code=f"{UNIT}01", name="示例街道", level="street", superior=county, unit=UNIT
        )
        for number in range(1, 5):
            community = verbs.add_community(
                seat,
                name=f"示例社区{number:02d}",
                street="示例街道",
                unit=UNIT,
                founded_on="2015-06-01",
            )
            upper = verbs.add_grid(
                seat,
                code=f"{UNIT}01{number:02d}",
                name=f"示例社区{number:02d}网格",
                level="community",
                superior=street,
                community=community,
            )
            grid = verbs.add_grid(
                seat,
                code=f"{UNIT}01{number:02d}01",
                name=f"示例社区{number:02d}第一网格",
                level="grid",
                superior=upper,
                worker_name=f"网格员{number:02d}",
            )
            if number < 4:
                _committee(seat, community, number)
            _work(seat, community, grid, number)


def _committee(seat: Seat, community: str, number: int) -> None:
    committee = verbs.found_committee(seat, community, founded_on=_FOUNDED)
    for name, categories, party in _MEMBERS:
        verbs.add_member(
            seat,
            committee,
            name=name.format(n=f"{number:02d}"),
            categories=categories,
            party_member=party and not (number == 3 and categories == "two_committees"),
        )
    verbs.adopt_covenant(
        seat,
        community,
        title="居民环境公约",
        text="不乱丢垃圾，不在夜间发出噪声，爱护绿化。",
        adopted_on="2021-12-20",
    )


def _work(seat: Seat, community: str, grid: str, number: int) -> None:
    patrol = patrols.patrol(
        seat,
        grid=grid,
        on="2021-12-15",
        whom="shop",
        whom_name=f"示例餐馆{number:02d}",
        action="patrol",
        outcome="dissuaded",
        item="G01",
        began_at="15:10",
        result="油烟净化器未开启，当场劝阻",
    )
    if number == 1:
        reports.send(seat, reports.report_patrol(seat, patrol), way="file")
    if number == 2:
        filed = complaints.register_complaint(
            seat,
            community,
            about="夜间装修噪声",
            received_on="2021-12-16",
            reporter_name="热心居民（演示）",
            reporter_contact="13800000000",
        )
        complaints.reply(seat, filed, on="2021-12-17", text="已上门劝阻，约定施工时段。")
        complaints.mediate(
            seat,
            community,
            on="2021-12-18",
            parties="业主甲、业主乙",
            demand="约定装修时段",
            owners="came",
            owners_committee="came",
            government="came",
            departments="absent",
            departments_reason="事项轻微，未邀请",
            result="agreed",
            agreement="工作日8时至12时、14时至18时施工。",
            complaint=filed,
        )
