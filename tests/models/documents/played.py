"""A whole case played by its verbs with everything beside it, so that every paper has something to say."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.cases.assessment import queries as assessment
from models.cases.damage import losses
from models.cases.damage import queries as damage
from models.cases.flow import guidance, verbs
from models.cases.fund import verbs as fund
from models.cases.penalty import procedure, screening
from models.cases.penalty import verbs as penalties
from models.cases.restoration import verbs as restoration
from models.community import complaints as residents
from models.community import verbs as community
from models.outreach import exemplars
from models.oversight import verbs as oversight
from models.oversight.rounds import complaints
from models.oversight.rounds import verbs as rounds
from models.store.notebook import Notebook
from tests.models.cases.flow.world import UNIT, Office, day

STARTED = "2021-06-01"
PARTY = "示例企业03"


@dataclass
class Played:
    """What was played: kind of record to the ids of its records."""

    book: Notebook
    ids: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, record_id: str) -> str:
        """Keep a record's id."""
        self.ids.setdefault(kind, []).append(record_id)
        return record_id

    def one(self, kind: str) -> str:
        """The id of the first record of a kind."""
        return self.ids[kind][0]


def whole_case(office: Office, visit: str = "") -> Played:
    """A case from its penalty case to 办结, through all eight stages, with two opinions and two meetings."""
    book = office.seat
    assert isinstance(book, Notebook)
    played = Played(book)
    penalty = played.add(
        "penalty_case",
        penalties.file(
            book,
            title="超标排放水污染物",
            party=PARTY,
            found_on="2021-05-10",
            occurred_on="2021-05-10",
            filed_on="2021-05-12",
            act="废水化学需氧量超标排放",
        ),
    )
    screening.screen(
        book, penalty, result="start", ground="serious", reason="河道水质明显下降", on="2021-05-13"
    )
    played.add("handover", screening.hand_over(book, penalty, to_unit=UNIT, sent_on="2021-05-14"))
    case = played.add(
        "damage_case",
        office.case(
            STARTED, penalty_case=penalty, inspection=visit or None, elements="surface_water", red_line=False
        ),
    )
    played.add("clue", _clue_of(office, case))
    verbs.edit_case(
        book,
        case,
        party_person="示例人员01",
        party_address="漳州市芗城区示例路3号",
        party_phone="0596-0000000",
        act="通过雨水口排放未经处理的废水",
        violated="《水污染防治法》第三十九条",
        pollutants="化学需氧量，约3吨",
        extent="示例溪长300米河段",
        baseline="上游断面GB 3838-2002 III类",
        causation="污染物同源，时空一致",
        emergency="围堵、抽排，费用8000元",
        reply_days=10,
    )
    guidance.guide(book, case, on=STARTED, person="指导科01", question="基线怎样确定", advice="取上游断面")
    office.investigate(case, day(STARTED, 2))
    office.deliberate(case, "assessment", day(STARTED, 10))
    office.assess(case, day(STARTED, 10))
    losses.add_loss(book, case, head="investigation", item="评估费", way="pay", basis="发票", cents=800_000)
    office.paper(case, "combined_finding", day(STARTED, 11))
    for row in assessment.draws_of(book, case):
        played.add("expert_draw", row.id)
    for row in assessment.opinions_of(book, case):
        played.add("opinion", row.id)
    office.consult(case, day(STARTED, 20))
    office.meet(case, day(STARTED, 30), minutes="第一次会议\n双方交换意见")
    office.meet(case, day(STARTED, 40), result="agreed", minutes="就数额达成一致", host="主持人01")
    office.deliberate(case, "consultation", day(STARTED, 40))
    office.agree(case, day(STARTED, 45), number="漳环赔协〔2021〕1号", signers="甲、乙")
    office.paper(case, "confirmation_application", day(STARTED, 50))
    office.step(case, "confirmation", day(STARTED, 50))
    office.paper(case, "court_ruling", day(STARTED, 90), number="（2021）闽06民特1号")
    made = played.add("restoration", office.plan_release(case, day(STARTED, 91)))
    restoration.schedule(book, made, first_on=day(STARTED, 130), every_months=1, times=2)
    office.step(case, "performance", day(STARTED, 92))
    office.deliberate(case, "performance", day(STARTED, 95))
    office.release(made, day(STARTED, 96))
    office.paper(case, "stage_acceptance", day(STARTED, 97))
    person, book.person = book.person, ""
    fund.receive(
        book, case, source="agreed", cents=800_000, voucher="票0001", on=day(STARTED, 97), payer=PARTY
    )
    fund.note_self_restoration(
        book, case, cents=5_000_000, voucher="凭0001", on=day(STARTED, 97), payer=PARTY, restoration=made
    )
    fund.receive(
        book, penalty, source="fine", cents=2_000_000, voucher="罚0001", on=day(STARTED, 98), payer=PARTY
    )
    fund.spend(
        book,
        made,
        ledger="compensation",
        purpose="assessment",
        cents=300_000,
        voucher="付0001",
        on=day(STARTED, 99),
        payee="示例研究所",
    )
    book.person = person
    played.add("fund_month", day(STARTED, 97)[:7])
    office.step(case, "performed", day(STARTED, 100))
    office.step(case, "evaluation", day(STARTED, 101))
    office.paper(case, "evaluation_report", day(STARTED, 110), content="断面水质恢复到III类")
    office.paper(case, "closing_approval", day(STARTED, 111))
    office.step(case, "closed", day(STARTED, 111))
    procedure.serve_notice(book, penalty, on=day(STARTED, 60), number="漳环罚告〔2021〕1号")
    return played


def _clue_of(office: Office, case: str) -> str:
    row = damage.damage_case(office.seat, case)
    assert row is not None
    return row.clue or ""


def beside(played: Played) -> None:
    """What the city and its communities do beside the case."""
    book = played.book
    person, book.person = book.person, ""
    played.add("exemplar", exemplars.draft(book, played.one("damage_case")))
    made = played.add(
        "round",
        rounds.open_round(
            book,
            name="第二轮省生态环境保护例行督察",
            level="province",
            batch="第二批",
            began_on="2021-11-20",
            ended_on="2021-12-10",
        ),
    )
    played.add(
        "transferred_complaint",
        complaints.register(
            book,
            round_id=made,
            number="D35060001",
            unit_code=UNIT,
            about="某厂夜间排放废气",
            matter="air",
            received_on="2021-11-21",
            reporter_name="陈示例",
            reporter_contact="138-0013-8000",
        ),
    )
    played.add(
        "rectification",
        rounds.add_problem(
            book, round_id=made, number="一", problem="污水管网不完善", unit_code=UNIT, found_on="2021-11-25"
        ),
    )
    played.add("score_sheet", f"{UNIT}:2021")
    oversight.score_computed(book, f"{UNIT}:2021", on="2021-12-31")
    place = community.add_community(
        book, name="示例社区", street="东铺头街道", founded_on="2001-01-01", unit=UNIT
    )
    committee = played.add("committee", community.found_committee(book, place, founded_on="2021-12-10"))
    for number in range(4):
        community.add_member(
            book, committee, name=f"委员{number:02}", categories="resident", party_member=number < 2
        )
    played.add(
        "mediation",
        residents.mediate(
            book,
            place,
            on="2021-12-20",
            parties="业主陈小明、示例餐馆",
            demand="陈小明要求餐馆治理油烟",
            owners="came",
            owners_committee="came",
            government="came",
            departments="absent",
            departments_reason="另有公务",
            result="agreed",
            agreement="餐馆十日内安装净化器",
        ),
    )
    played.add("bulletin_month", "2021-11")
    book.person = person
