"""Fills the demo's server with the city: people, experts, bases, cases, bulletins and what goes with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from models.cases.damage import clues
from models.cases.penalty import procedure
from models.cases.penalty import verbs as penalties
from models.cases.restoration import bases as restoration_bases
from models.outreach import exemplars, training
from models.outreach import verbs as outreach
from models.oversight import dispatch
from models.oversight import verbs as oversight
from models.oversight.rounds import complaints
from models.oversight.rounds import verbs as rounds
from models.registry.days import today
from models.registry.units import county_level
from tui.demo.city.cases import CasePlayer
from tui.demo.city.community import fill_communities
from tui.demo.city.people import enter_experts, enter_people
from tui.demo.city.rows import later, rows

if TYPE_CHECKING:
    from models.store.seat import Seat
    from tui.demo.city.people import Team

END_OF_STORY = "2022-12-31"
"""Until when the cases of 2021 are played: all of them end before."""
MONTHS = ("04", "05", "06", "07", "08", "09", "10", "11")
_MONTH_ENDS = {"04": 30, "05": 31, "06": 30, "07": 31, "08": 31, "09": 30, "10": 31, "11": 30}


def fill_city(seat: Seat, told: Callable[[str], None] = lambda _: None) -> None:
    """Everything of the city but the bulletins, in the order in which it was written down."""
    teams = enter_people(seat)
    enter_experts(seat)
    bases = _enter_bases(seat)
    first: set[str] = set()
    for row in rows("cases"):
        player = CasePlayer(seat, row, teams[row["unit"]], bases, END_OF_STORY)
        player.play()
        if row["unit"] not in first:
            first.add(row["unit"])
            player.guide_first("法规与标准科", "示例专家（指导）")
            if len(first) == 1:
                _exemplar(seat, player.case, teams[row["unit"]])
        told(row["party"])
    _current(seat, teams, bases)
    with seat.writing():
        _city_work(seat)
        _round(seat)
        _outreach(seat)
    fill_communities(seat)


def _exemplar(seat: Seat, case: str, team: Team) -> None:
    """The first case of all, published as a pattern without personal data."""
    made = exemplars.draft(seat, case, significance="首案探索了“环境有价、损害担责”的漳州做法。")
    exemplars.keep_as_pattern(seat, made, template=True)
    exemplars.publish(seat, made, on="2021-11-20", publisher=team.head)


def _current(seat: Seat, teams: dict[str, Team], bases: dict[str, str]) -> None:
    """What is under way today: cases in several stages, clues to check, a penalty case not yet screened."""
    this_day = today(seat).isoformat()
    for row in rows("current"):
        started = later(this_day, -int(row["days_ago"]))
        CasePlayer(seat, {**row, "started": started}, teams[row["unit"]], bases, this_day).play()
    for days, source, text in (
        (4, "complaint", "群众反映夜间偷排，溪水发黄"),
        (27, "procuratorate", "检察院移送：山坡弃渣压占林地"),
    ):
        clues.register(
            seat,
            source=source,
            description=text,
            received_on=later(this_day, -days),
            unit="350602",
            party=f"示例企业{days:02d}",
            place="示例村（演示）",
            occurred_on=later(this_day, -days - 6),
        )
    filed = penalties.file(
        seat,
        title="示例企业07环境违法案",
        party="示例企业07",
        found_on=later(this_day, -12),
        unit="350602",
        occurred_on=later(this_day, -14),
        act="未按证载要求运行治污设施",
    )
    procedure.put_on_file(seat, filed, on=later(this_day, -8))


def issue_bulletins(seat: Seat) -> None:
    """The eight bulletins of 2021, each on the last day of its month, sealed by this seat."""
    for month in MONTHS:
        dispatch.issue(seat, f"2021-{month}", on=f"2021-{month}-{_MONTH_ENDS[month]}")


def _enter_bases(seat: Seat) -> dict[str, str]:
    """The bases; one of each type for the restorations to use."""
    used: dict[str, str] = {}
    with seat.writing():
        for row in rows("bases"):
            days = {name: row[name] for name in ("planned_on", "begun_on", "built_on") if row[name]}
            made = restoration_bases.add_base(
                seat,
                row["name"],
                row["type"],
                unit=row["unit"],
                place=row["place"],
                tag=row["tag"],
                doubtful=row["doubtful"] == "1",
                **days,
            )
            if row["built_on"]:
                used.setdefault(row["type"], made)
    return used


def _city_work(seat: Seat) -> None:
    for row in rows("tasks"):
        task = oversight.add_task(
            seat,
            year=2021,
            title=row["title"],
            lead=row["lead"],
            set_on=row["set_on"],
            due_on=row["due_on"],
            level=row["level"],
            supporting=row["supporting"],
        )
        oversight.finish_task(seat, task, on=row["done_on"], text="已完成")
    oversight.enter_ranking(seat, as_of="2021-11-30", place=1, source="闽南日报2021-12-05（演示录入）")


def _round(seat: Seat) -> None:
    """The province's routine inspection of the end of 2021."""
    opened = rounds.open_round(
        seat,
        name="福建省生态环境保护例行督察（演示）",
        level="province",
        began_on="2021-11-22",
        ended_on="2021-12-21",
    )
    for row in rows("problems"):
        problem = rounds.add_problem(
            seat,
            round_id=opened,
            number=row["number"],
            problem=row["problem"],
            unit_code=row["unit"],
            found_on=row["found_on"],
            body=row["body"],
            goal=row["goal"],
            term_on=row["term_on"],
            measures=row["measures"],
            acceptance_unit=row["acceptance_unit"],
        )
        rounds.begin(seat, problem, on=row["begun_on"])
        rounds.complete(seat, problem, on=row["done_on"], text="已按方案完成整改")
        rounds.accept(seat, problem, on=row["done_on"], by=row["acceptance_unit"], acceptance="达到整改目标")
        rounds.sign_off(seat, problem, on=row["done_on"], by="市督察整改办（演示）")
    for number, unit in enumerate(county_level()[:4], 1):
        filed = complaints.register(
            seat,
            round_id=opened,
            number=f"督访{number:03d}",
            unit_code=unit.code,
            about=f"示例企业{number:02d}：夜间有异味、噪声扰民",
            matter="air",
            received_on=f"2021-11-2{number + 2}",
        )
        complaints.finish(
            seat,
            filed,
            on=f"2021-12-0{number + 1}",
            result="yes" if number < 4 else "partly",
            result_text="情况属实，已责令改正。",
        )


def _outreach(seat: Seat) -> None:
    base = outreach.open_base(
        seat,
        name="福建省“双碳”实践教育基地（演示）",
        place="龙海林下国有林场",
        opened_on="2021-12-03",
        founders="漳州市生态环境局、漳州市林业局",
        unit_code="350604",
    )
    outreach.hold_activity(
        seat, on="2021-12-03", form="lecture", theme="碳达峰、碳中和科普", base=base, people=60
    )
    for channel in ("wechat", "peoples_daily", "tv", "cen"):
        outreach.note_publicity(
            seat,
            channel=channel,
            on="2021-11-15",
            title="生态环境损害赔偿的漳州做法",
            event="漳州做法系列报道（演示）",
            page="要闻",
        )
    held = training.hold_training(
        seat, kind="meeting", title="全市生态环境损害赔偿工作推进视频会议", on="2021-02-02", form="video"
    )
    for unit in county_level():
        training.attend(seat, held, name=f"参会人（{unit.name}）", unit_code=unit.code, hours="2")
