"""One case on the screen, from an inspection's finding to 办结: all eight stages, all its papers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.flow import dues
from models.cases.fund import queries as fund
from models.documents import shelf
from models.inspections import verbs as inspections
from models.registry import verbs as registry
from models.registry.experts import verbs as experts
from models.store import keys
from models.store.change import new_id, put
from models.store.clock import Clock
from models.store.notebook import Notebook
from tests.tui.helpers import assert_clean, settle, until
from tests.tui.visits import arrived, at, typed
from tui.screens.acts import ActPicker
from tui.widgets.form import Form

UNIT = "350602"
FIRST = date(2026, 3, 2)


@dataclass
class Days:
    """The notebook's clock, at ten in the morning of a day that the test turns forward."""

    day: date = FIRST

    def ms(self) -> int:
        """That moment, ms since 1970 UTC."""
        moment = datetime(self.day.year, self.day.month, self.day.day, 2, 0, tzinfo=UTC)
        return int(moment.timestamp() * 1000)

    def on(self, days: int) -> str:
        """Go to so many days after the first; the day as text."""
        self.day = FIRST + timedelta(days=days)
        return self.day.isoformat()


@pytest.fixture
def days() -> Days:
    """The clock of the story."""
    return Days()


@pytest.fixture
def book(home: Path, days: Days) -> Notebook:
    """A notebook whose person is officer, head and dispatcher, with colleagues and a pool of experts."""
    person = new_id()
    clock = Clock(wall_ms=days.ms)
    book = Notebook.create(
        home / "notebooks" / "story",
        "qingshanlvshui2026",
        person=person,
        unit=UNIT,
        cost=keys.FAST,
        clock=clock,
    )
    for number, role in ((1, "officer,lead,dispatcher"), (2, "officer")):
        record = person if number == 1 else new_id()
        fields = {"name": f"执法员0{number}", "certificate": f"FJ00{number}", "unit_code": UNIT, "role": role}
        book.write(put("officer", record, UNIT, **fields))
    book.person = ""
    for number in range(5):
        experts.add(
            book,
            name=f"专家0{number}",
            employer=f"示例研究所{number}",
            title="高级工程师",
            fields="environment",
            source="court",
            unit_code=UNIT,
            entered_on="2025-01-01",
        )
    book.person = person
    return book


class Desk:
    """The screen and the keys."""

    def __init__(self, app: Any, pilot: Any, book: Notebook) -> None:
        self.app, self.pilot, self.book = app, pilot, book
        self.case = ""

    async def act(self, title: str, /, *, follow: bool = False, **fields: str) -> None:
        """On the sheet in front: a, the act by its title, the form, F10."""
        before = self.app.screen
        await self.pilot.press("a")
        await until(self.pilot, lambda: isinstance(self.app.screen, ActPicker))
        await settle(self.pilot)
        await typed(self.pilot, title)
        await settle(self.pilot)
        await self.pilot.press("enter")
        await arrived(self.app, self.pilot, "act")
        form = self.app.screen.query_one(Form)
        picks = {key: text for key, text in fields.items() if key in PICKS}
        for key, text in picks.items():
            form.focus_field(key)
            await typed(self.pilot, text)
            await settle(self.pilot)
            await self.pilot.press("enter")
            await settle(self.pilot)
        form.load({key: text for key, text in fields.items() if key not in PICKS})
        assert_clean(self.app)
        await self.pilot.press("f10")
        await settle(self.pilot)
        await until(self.pilot, lambda: getattr(self.app.screen, "place_name", "") == "sheet")
        if self.app.screen is not before and not follow:
            await self.pilot.press("escape")  # from the sheet of what was made
        await settle(self.pilot)

    async def sheet(self, kind: str, record: str) -> None:
        """Open the sheet of a record."""
        await at(self.app, self.pilot, "sheet", kind=kind, record_id=record)

    async def case_sheet(self) -> None:
        """The sheet of the case."""
        await self.sheet("damage_case", self.case)

    async def back(self) -> None:
        """Esc."""
        await self.pilot.press("escape")
        await settle(self.pilot)

    @property
    def stage(self) -> str:
        """Where the case stands."""
        return damage.progress_of(self.book, self.case).stage


PICKS = ("approver", "lead_officer")


@pytest.mark.long
@pytest.mark.requirement("R029", "R031", "R040", "R042")
async def test_one_case_from_a_finding_to_its_closing(make_app, book, days, tmp_path):
    site = registry.add_site(book, "示例印染企业03", address="示例路3号")
    second = next(row.id for row in registry.queries.officers(book) if row.id != book.person)
    visit = inspections.begin(
        book, site_id=site, first_officer=book.person, second_officer=second, checklists="A,W"
    )
    finding = inspections.find(book, visit, "W04", "曝气机停运，废水直排")
    app = make_app(book)
    async with app.run_test(size=(100, 32)) as pilot:
        desk = Desk(app, pilot, book)

        # one key on the finding makes the clue
        screen = await at(app, pilot, "inspection", inspection_id=visit)
        for _ in range(6):
            if screen.part == finding:
                break
            await pilot.press("tab")
            await settle(pilot)
        assert screen.part == finding
        await pilot.press("c")
        await arrived(app, pilot, "sheet")
        clue = app.screen.record_id
        assert damage.clue(book, clue).description == "曝气机停运，废水直排"

        # 启动
        await desk.act("初步核查", on=days.on(3), checker="执法员01", text="属实，河段鱼类死亡")
        await desk.act(
            "启动索赔",
            follow=True,
            on=days.on(5),
            grounds="serious",
            approver="zfy01",
            lead_officer="zfy01",
            title="示例案",
        )
        desk.case = app.screen.record_id
        assert desk.stage == "start"

        # 调查
        await desk.act("进入调查", on=days.on(6))
        await desk.act(
            "案件信息",
            violated="《水污染防治法》第三十九条",
            pollutants="COD约300立方米",
            extent="河段约200米",
            baseline="上游对照断面",
            causation="时间、空间、因子一致",
            method="experts",
            simple="1",
            reply_days="15",
            town="示例镇",
        )
        await desk.act("登记文书", kind="damage_report", dated_on=days.on(10))

        # 专家评估
        await desk.act("进入评估", on=days.on(11))
        await desk.act(
            "登记会商",
            stage="assessment",
            held_on=days.on(12),
            invited="natural_resources,town",
            came="natural_resources,town",
            minutes="会商",
        )
        for authority in ("procuratorate", "court"):
            await desk.act(
                "登记司法监督",
                authority=authority,
                stage="assessment",
                way="meeting",
                on=days.on(12),
                came="1",
            )
        await desk.act("抽取专家", on=days.on(12), count="3", seed="20260314")
        (drawn,) = damage_draws(book, desk.case)
        await desk.sheet("expert_draw", drawn)
        await desk.act(
            "录入专家意见",
            commissioned_by="分局",
            matter="量化损害",
            materials="笔录、报告",
            surveyed_on=days.on(14),
            surveyed_place="示例河段",
            damage="河段约200米鱼类死亡",
            causation="存在因果关系",
            formula="数量×单价",
            parameters="50000尾×1元",
            parameter_source="市场价",
            total_cents="55000",
            restoration_mode="fish_release",
            restoration_amount="5万尾",
            restoration_place="西溪",
            restoration_term="三个月",
            dissent="无",
            dated_on=days.on(20),
            no_conflict="1",
            signed="1",
        )
        await desk.case_sheet()
        await desk.act("登记文书", kind="expert_opinion", dated_on=days.on(20))
        await desk.act(
            "损害项目",
            head="restoration",
            item="放流鱼苗",
            quantity="50000",
            quantity_unit="尾",
            price_cents="1",
            way="substitute",
            basis="专家意见",
        )
        await desk.act("损害项目", head="investigation", item="评估费", cents="5000", way="pay", basis="合同")

        # 磋商
        await desk.act("进入磋商", on=days.on(21))
        await desk.act(
            "登记文书", kind="consultation_notice", dated_on=days.on(21), number="漳环磋告〔2026〕1号"
        )
        notice = next(row for row in damage.papers_of(book, desk.case) if row.kind == "consultation_notice")
        await desk.sheet("case_paper", notice.id)
        await desk.act("送达", on=days.on(22), to="示例印染企业03", how="direct")
        await desk.case_sheet()
        running = dues.case_dues(
            book, damage.damage_case(book, desk.case), damage.progress_of(book, desk.case)
        )
        until_day = next(each.due_on for each in running if each.key == "consultation")
        assert until_day == FIRST + timedelta(days=22 + 90)
        await desk.act(
            "登记会商",
            stage="consultation",
            held_on=days.on(30),
            invited="natural_resources,town",
            came="natural_resources",
            minutes="会商",
        )
        await desk.act(
            "磋商会议",
            held_on=days.on(30),
            place="分局",
            present="双方",
            minutes="就数额和修复方式达成一致",
            result="agreed",
        )

        # 达成磋商协议、司法确认
        await desk.act("签订协议", on=days.on(35), cents="55000", perform_by="2026-07-31", number="协议1号")
        assert desk.stage == "agreement"
        await desk.act("登记文书", kind="restoration_plan", dated_on=days.on(35))
        await desk.act("登记文书", kind="confirmation_application", dated_on=days.on(40))
        await desk.act("申请确认", on=days.on(40))
        await desk.act("登记文书", kind="court_ruling", dated_on=days.on(75))

        # 履行
        await desk.act("进入履行", on=days.on(76))
        await desk.act(
            "制定修复计划",
            mode="fish_release",
            plan="西溪放流鱼苗5万尾",
            planned_on=days.on(76),
            place="西溪",
            why_off_site="河段已自然恢复",
        )
        (planned,) = restorations(book, desk.case)
        await desk.sheet("restoration", planned)
        await desk.act("开始修复", on=days.on(80))
        await desk.act(
            "登记修复量", what="fish_fry", quantity="5万", done_on=days.on(85), species="鲢", origin="native"
        )
        await desk.act(
            "登记指导", department="fisheries", on=days.on(85), person="指导员", opinion="符合要求"
        )
        await desk.act("完成修复", on=days.on(85))
        await desk.case_sheet()
        await desk.act(
            "登记赔偿金", source="agreed", cents="5000", voucher="票001", on=days.on(86), payer="示例企业"
        )
        await desk.act("登记文书", kind="stage_acceptance", dated_on=days.on(86))
        await desk.act("履行完毕", on=days.on(86))

        # 修复评估、办结
        await desk.act("进入修复评估", on=days.on(90))
        await desk.act("登记文书", kind="evaluation_report", dated_on=days.on(95))
        await desk.act("登记文书", kind="closing_approval", dated_on=days.on(96))
        await desk.act("办结案件", on=days.on(96))

        at_end = damage.progress_of(book, desk.case)
        assert at_end.done
        assert [name for name, _day in at_end.entered] == list(stages.STAGES)
        assert at_end.odd == ()
        balances = fund.balances(book, days.day)
        assert balances == {"fine": 0, "compensation": 500_000}
        every_paper_opens(book, desk.case)


def damage_draws(book: Notebook, case: str) -> list[str]:
    from models.cases.assessment.queries import draws_of

    return [row.id for row in draws_of(book, case)]


def restorations(book: Notebook, case: str) -> list[str]:
    from models.cases.restoration.queries import restorations_of

    return [row.id for row in restorations_of(book, case)]


def every_paper_opens(book: Notebook, case: str) -> None:
    """Each paper of the case as .docx, opened by python-docx, names the party."""
    from docx import Document

    for name, _words in shelf.papers("damage_case"):
        data = shelf.written(book, "damage_case", case, name, ".docx")
        document = Document(io.BytesIO(data))
        words = "\n".join(paragraph.text for paragraph in document.paragraphs)
        words += "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
        assert "示例印染企业03" in words, name
