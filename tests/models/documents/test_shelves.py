"""Papers beside the case: the fund, clues handed over, oversight, community; what never stands on them."""

from __future__ import annotations

import pytest

from models.cases.assessment import queries as assessment
from models.cases.assessment.tables import ExpertDraw
from models.cases.penalty import screening
from models.community import complaints as residents
from models.community import verbs as community
from models.documents import shelf
from models.documents.paper import preview
from models.errors import BadInput, RuleBroken
from models.oversight.rounds import complaints
from models.oversight.rounds import verbs as rounds
from models.registry.typed import yuan
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.cases.flow.world import UNIT, Office
from tests.models.documents.played import PARTY, Played, beside, whole_case


@pytest.fixture
def played(notebook: Notebook) -> Played:
    """A whole case, and what goes on beside it; nobody is unlocked, as on the server."""
    found = whole_case(Office.of(notebook))
    beside(found)
    notebook.person = ""
    return found


def text_of(played: Played, kind: str, name: str, record: str = "") -> str:
    found = shelf.paper(played.book, kind, record or played.one(kind), name)
    return "\n".join(preview(found, 4000))


@pytest.mark.requirement("R025", "R027", "R028")
def test_the_statement_keeps_three_ledgers_apart_and_never_adds_them(played: Played):
    text = text_of(played, "fund_month", "statement")
    fine, compensation, own = (
        text.index("一、罚没"),
        text.index("二、赔偿金"),
        text.index("三、自行修复投入（不是资金）"),
    )
    assert fine < compensation < own
    assert fine < text.index("票据（凭证）号：罚0001") < compensation
    assert compensation < text.index("票据（凭证）号：票0001") < text.index("付0001") < own
    assert own < text.index("票据（凭证）号：凭0001")
    assert "科目：其他收入-生态环境损害赔偿资金" in text
    assert "月末余额；金额（元）：20,000.00" in text
    assert "月末余额；金额（元）：5,000.00" in text
    amounts = {2_000_000, 800_000, 5_000_000, 500_000}
    for one in amounts:
        for other in amounts - {one}:
            assert yuan(one + other) not in text, "no sum of two ledgers stands anywhere"


def test_a_month_without_entries_has_its_statement_and_no_month_has_none(played: Played):
    text = text_of(played, "fund_month", "statement", "2021-10")
    assert "月初余额；金额（元）：5,000.00" in text
    assert "月份：2021年10月" in text
    for wrong in ("2021-13", "2021", "x"):
        with pytest.raises(RuleBroken):
            text_of(played, "fund_month", "statement", wrong)


@pytest.mark.requirement("R038")
def test_the_letter_names_the_branch_the_case_and_the_days(played: Played):
    handed = played.one("handover")
    text = text_of(played, "handover", "clue_transfer")
    assert "漳州市生态环境局（芗城区）" in text
    assert "超标排放水污染物" in text
    assert "30日内完成初步核查" in text
    assert "移送日期：2021年5月14日" in text
    assert "督促记录" not in text
    screening.remind(played.book, handed, on="2021-06-01", text="请尽快签收", by="督促人01")
    screening.sign_receipt(played.book, handed, on="2021-06-02", receiver="签收人01")
    text = text_of(played, "handover", "clue_transfer")
    assert "请尽快签收" in text
    assert "签收日期：2021年6月2日" in text
    assert "签收人：签收人01" in text


@pytest.mark.requirement("R035", "R036")
def test_the_screening_shows_its_result_and_suggests_leniency_only(played: Played):
    text = text_of(played, "penalty_case", "screening")
    assert "■启动" in text
    assert "河道水质明显下降" in text
    assert "罚款与赔偿不相抵扣" in text
    assert "可以考虑从轻" in text
    assert "■同意立案" in text_of(played, "penalty_case", "filing")


@pytest.mark.requirement("R051")
def test_a_draw_is_printed_with_all_that_repeats_it_and_says_when_it_does_not(played: Played):
    row = assessment.draw(played.book, played.one("expert_draw"))
    assert row is not None
    text = text_of(played, "expert_draw", "draw_record")
    for line in (row.candidates or "").splitlines():
        assert line in text
    assert row.list_hash in text
    assert "复验结果：一致" in text
    played.book.write(put("expert_draw", row.id, UNIT, seed="another"))
    with played.book:
        assert ExpertDraw.get_by_id(row.id).seed == "another"
    assert "复验结果：不一致" in text_of(played, "expert_draw", "draw_record")


@pytest.mark.requirement("R083")
def test_the_daily_list_never_says_who_complained(played: Played):
    book, slip = played.book, played.one("transferred_complaint")
    text = text_of(played, "transferred_complaint", "daily_list")
    assert "当日收到（1件）" in text
    assert "某厂夜间排放废气" in text
    assert "办理中" in text
    for secret in ("陈示例", "138-0013-8000"):
        assert secret not in text
        assert secret not in text_of(played, "round", "daily_list")
    complaints.finish(book, slip, on="2021-11-25", result="yes", result_text="属实", punished="立案处罚")
    assert "办理中" in text_of(played, "transferred_complaint", "daily_list"), "as it was on that day"


def test_a_complaint_of_another_round_stands_on_its_own_list(played: Played):
    book = played.book
    book.write(
        put(
            "transferred_complaint",
            new_id(),
            UNIT,
            round=new_id(),
            round_name="另一轮督察",
            number="D2",
            about="另一轮的举报",
            received_on="2021-11-21",
        )
    )
    assert "另一轮的举报" not in text_of(played, "transferred_complaint", "daily_list")


@pytest.mark.requirement("R082")
def test_the_plan_of_rectification_has_its_five_elements(played: Played):
    record = played.one("rectification")
    rounds.set_plan(
        played.book,
        record,
        body="芗城区人民政府",
        goal="管网全覆盖",
        term_on="2022-12-31",
        measures="新建管网十公里",
        acceptance_unit="漳州市生态环境局",
    )
    text = text_of(played, "rectification", "plan")
    for said in (
        "实施主体：芗城区人民政府",
        "目标：管网全覆盖",
        "时限：2022年12月31日",
        "重点措施：新建管网十公里",
        "验收单位：漳州市生态环境局",
        "□同意销号",
    ):
        assert said in text


@pytest.mark.requirement("R014")
def test_the_score_sheet_adds_up_and_names_what_is_not_scored(played: Played):
    text = text_of(played, "score_sheet", "score_sheet")
    assert "被考核单位：芗城区" in text
    assert "指标：合计；分值：100" in text
    assert "尚有4项未评分" in text
    with pytest.raises(RuleBroken):
        text_of(played, "score_sheet", "score_sheet", "350602:x")


@pytest.mark.requirement("R022", "R058")
def test_the_card_of_an_exemplary_case_names_nobody(played: Played):
    record = played.one("exemplar")
    text = text_of(played, "exemplar", "card")
    assert PARTY not in text
    assert "示例人员01" not in text
    for part in ("线索来源", "调查评估", "磋商", "修复", "典型意义"):
        assert part in text
    played.book.write(put("exemplar", record, UNIT, significance=f"{PARTY}已整改"))
    with pytest.raises(RuleBroken, match=PARTY):
        text_of(played, "exemplar", "card")


@pytest.mark.requirement("R072")
def test_the_public_outcome_of_a_mediation_names_neither_parties_nor_reporters(played: Played):
    text = text_of(played, "mediation", "public")
    assert "陈小明" not in text
    assert "餐馆十日内安装净化器" in text
    assert "尚未公开" in text
    residents.publish_mediation(
        played.book, played.one("mediation"), on="2021-12-25", text="某小区油烟已协调解决"
    )
    public = text_of(played, "mediation", "public")
    assert "某小区油烟已协调解决" in public
    assert "公开日期：2021年12月25日" in public


@pytest.mark.requirement("R064", "R065")
def test_the_list_of_a_committee_says_whether_half_are_party_members(played: Played):
    record = played.one("committee")
    text = text_of(played, "committee", "members")
    assert "党员2名，委员4名" in text
    assert "不低于50%：达到" in text
    assert text.count("委员类别：") == 4
    community.add_member(played.book, record, name="委员99", categories="owners_rep", party_member=False)
    assert "未达到，还差1名" in text_of(played, "committee", "members")


@pytest.mark.requirement("R042", "R052")
def test_a_restoration_has_plan_acceptance_and_follow_ups(played: Played):
    plan = text_of(played, "restoration", "plan")
    assert "指导部门：海洋渔业部门" in plan
    assert "不能就地修复的原因：河段已自然恢复" in plan
    accepted = text_of(played, "restoration", "acceptance")
    assert "鲢，本地种" in accepted
    assert "□通过验收" in accepted
    assert "计划日期：2021年10月9日" in text_of(played, "restoration", "visits")


@pytest.mark.parametrize(
    "kind", ["round", "transferred_complaint", "rectification", "committee", "penalty_case"]
)
def test_a_record_that_is_not_here_is_refused(notebook: Notebook, kind: str):
    with pytest.raises(BadInput):
        shelf.paper(notebook, kind, "nowhere", shelf.papers(kind)[0][0])


@pytest.mark.parametrize("kind", ["exemplar", "mediation"])
def test_a_record_for_the_public_that_is_not_here_is_refused(notebook: Notebook, kind: str):
    with pytest.raises(RuleBroken):
        shelf.paper(notebook, kind, "nowhere", shelf.papers(kind)[0][0])
