"""The papers of a case: each kind of the procedure, from records that hold much, little, or something odd."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document

from models.cases.damage import queries as damage
from models.cases.damage import stages
from models.cases.flow import papers, verbs
from models.documents import shelf
from models.documents.paper import preview
from models.errors import BadInput
from models.language import translate, use_language
from models.registry import keeping
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.models.cases.flow.world import Office, day
from tests.models.documents.played import PARTY, STARTED, beside, whole_case

FIFTEEN = (
    "一、报告编号、密级",
    "二、案件来源",
    "三、调查组与调查过程",
    "四、义务人基本情况",
    "五、违法事实和违反国家规定的条款",
    "六、生态环境损害事实",
    "七、因果关系",
    "八、应急处置与费用",
    "九、评估情况",
    "十、行政处罚、刑事情况",
    "十一、证据目录",
    "十二、调查结论与建议",
    "十三、修复建议",
    "十四、附图附件",
    "十五、签名",
)


@pytest.fixture
def office(notebook: Notebook) -> Office:
    """Head, experts, and an officer who handles cases."""
    return Office.of(notebook)


def words_of(data: bytes | str) -> str:
    """All that stands in the body of a .docx, opened by python-docx."""
    assert isinstance(data, bytes)
    document = Document(io.BytesIO(data))
    found = [paragraph.text for paragraph in document.paragraphs]
    found += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(found)


def text_of(seat: Notebook, kind: str, record: str, name: str) -> str:
    """A paper in lines too long to be broken."""
    return "\n".join(preview(shelf.paper(seat, kind, record, name), 4000))


@pytest.mark.requirement("R032")
def test_every_paper_of_the_procedure_is_on_a_shelf_or_made_by_others():
    made = {name for kind in ("clue", "damage_case") for name, _words in shelf.papers(kind)}
    external = {kind.key for kind in stages.papers().values() if kind.external}
    assert made & external == set()
    assert set(stages.PAPERS) - made == external
    order = [name for name, _words in shelf.papers("damage_case") if name in stages.PAPERS]
    assert order == [name for name in stages.PAPERS if name in order]


@pytest.mark.requirement("R029", "R031", "R032", "R035", "R038", "R046", "R049", "R051", "R058", "R083")
def test_every_paper_of_every_shelf_is_made_for_a_whole_case_and_opened(office: Office, visit: str):
    played = whole_case(office, visit)
    beside(played)
    case = played.one("damage_case")
    assert office.at(case).done
    for row in damage.papers_of(office.seat, case):
        if not stages.papers()[row.kind or ""].external:
            played.add("case_paper", row.id)
    formed = {"interview", "measure_paper", "service"}  # test_onsite_papers has these
    # tests of planning, of sampling and of forms have these
    drawn = {"spot_draw", "draw_notice", "sampling", "filled_form"}
    assert set(shelf.kinds()) - set(played.ids) == {"bulletin", *formed, *drawn}
    for kind, ids in played.ids.items():
        for record in ids:
            for name, title in shelf.papers(kind):
                value = shelf.paper(played.book, kind, record, name)
                text = words_of(shelf.written(played.book, kind, record, name, ".docx"))
                page = shelf.written(played.book, kind, record, name, ".html")
                plain = shelf.written(played.book, kind, record, name, ".txt")
                assert isinstance(page, str)
                assert isinstance(plain, str)
                for made in (text, page, plain):
                    assert "None" not in made, (kind, name)
                    assert value.number in made, (kind, name)
                    assert "签名" in made, (kind, name)
                if kind not in ("case_paper", "bulletin_month"):
                    assert value.title == translate(title)
                if kind == "damage_case":
                    assert PARTY in text, name


@pytest.mark.requirement("R031", "R035")
def test_the_damage_report_has_its_fifteen_parts_filled_from_the_records(office: Office, visit: str):
    played = whole_case(office, visit)
    text = text_of(played.book, "damage_case", played.one("damage_case"), "damage_report")
    places = [text.index(part) for part in FIFTEEN]
    assert places == sorted(places)
    for said in (
        "线索来源：日常监管、巡查、专项行动发现",
        "核查人：执法员01",
        "总排口在线监测仪采样管脱落",
        "违反国家规定的条款：《水污染防治法》第三十九条",
        "超标 1.4 倍",
        "示例溪长300米河段",
        "污染物同源，时空一致",
        "围堵、抽排，费用8000元",
        "金额（元）：58,000.00",
        "处罚告知书 漳环罚告〔2021〕1号",
        "模式：增殖放流；数量：一万尾；地点：西溪；期限：三个月",
        "修复费用：50,000.00元",
    ):
        assert said in text, said


def test_what_the_records_say_stands_on_each_paper(office: Office):
    played = whole_case(office)
    case = played.one("damage_case")
    for name, said in {
        "start_approval": ("批准人：负责人01", "2021年6月1日", "■同意"),
        "investigation_plan": ("2021年6月3日", "调查人员不少于二人"),
        "expert_draw_record": ("qingcha-draw-1", "复验结果：一致", "随机种子：seed"),
        "expert_opinion": ("高级工程师", "声明无利害关系：是", "计算公式：数量×单价", "参数来源：市价"),
        "deliberation_minutes": ("自然资源部门、乡镇（街道）", "专家评估环节会商"),
        "consultation_notice": ("10日内书面答复", "之日起90日", "三次为限", "58,000.00元"),
        "meeting_minutes": ("第1次磋商会议", "第2次磋商会议", "主持人：主持人01", "双方交换意见"),
        "agreement": ("漳环赔协〔2021〕1号", "缴款8,000.00元", "替代修复50,000.00元", "2021年10月14日前"),
        "confirmation_application": ("之日起30日内", "不少于30日", "2021年7月16日"),
        "statement_of_claim": ("漳州市中级人民法院", "具备提起生态环境损害赔偿诉讼原告资格", "起诉状"),
        "restoration_plan": ("不能就地修复的原因：河段已自然恢复", "放流一万尾", "海洋渔业部门"),
        "stage_acceptance": ("1万尾", "指导意见：符合要求", "票据号：票0001"),
        "supervision_record": ("检察院", "法院", "到场"),
        "guidance_record": ("海洋渔业部门", "基线怎样确定", "取上游断面"),
        "evaluation_report": ("■达到目标", "断面水质恢复到III类", "GB/T 39791.1-2020"),
        "closing_approval": ("2021年9月20日", "■同意", "自行修复投入（不计入赔偿资金）"),
        "file_contents": ("索赔启动审批表", "（2021）闽06民特1号", "第2次磋商会议"),
        "party_information": ("不得以罚代赔", "90日", "修复评估"),
    }.items():
        text = text_of(played.book, "damage_case", case, name)
        for each in said:
            assert each in text, (name, each)


def test_a_case_that_was_only_started_has_blanks_and_no_findings(office: Office):
    case = office.case(STARTED)
    for name, _title in shelf.papers("damage_case"):
        text = text_of(office.seat, "damage_case", case, name)
        words_of(shelf.written(office.seat, "damage_case", case, name, ".docx"))
        assert "None" not in text
        assert "年  月  日" in text, name
        if name != "start_approval":
            assert "■" not in text, name
        if name not in ("party_information", "statement_of_claim", "agreement", "procuratorate_notice"):
            assert "0.00" not in text, name


@pytest.mark.parametrize("name", ["clue_form", "clue_transfer", "first_check", "no_start_approval"])
def test_a_clue_that_was_only_registered_has_its_papers(office: Office, name: str):
    clue = office.clue("2021-05-27")
    text = text_of(office.seat, "clue", clue, name)
    assert "COD 240 mg/L" in text
    assert "年  月  日" in text
    assert "■" not in text
    if name == "first_check":
        assert "核查期限：2021年6月26日" in text


def test_papers_of_courts_and_appraisers_are_not_written(office: Office):
    case = office.case(STARTED)
    entered = office.paper(case, "court_ruling", STARTED)
    with pytest.raises(BadInput, match="由他人制作"):
        shelf.paper(office.seat, "case_paper", entered, "this")
    with pytest.raises(BadInput, match="没有文书"):
        shelf.paper(office.seat, "damage_case", case, "court_ruling")


def test_a_record_that_is_not_there_and_a_file_type_that_is_not_ours_are_refused(office: Office):
    case = office.case(STARTED)
    for kind in ("damage_case", "clue", "case_paper", "handover", "opinion", "expert_draw", "restoration"):
        with pytest.raises(BadInput):
            shelf.paper(office.seat, kind, "nowhere", shelf.papers(kind)[0][0])
    with pytest.raises(BadInput, match=r"\.odt"):
        shelf.written(office.seat, "damage_case", case, "start_approval", ".odt")
    assert shelf.papers("site") == ()


def test_an_entered_paper_is_that_very_one(office: Office):
    case = office.case(STARTED)
    office.investigate(case, day(STARTED, 1))
    office.assess(case, day(STARTED, 2))
    office.consult(case, day(STARTED, 3), served_on=day(STARTED, 4))
    office.meet(case, day(STARTED, 10), minutes="第一次的内容")
    office.meet(case, day(STARTED, 20), minutes="第二次的内容")
    first, second = (row for row in damage.papers_of(office.seat, case) if row.kind == "meeting_minutes")
    one = text_of(office.seat, "case_paper", first.id, "this")
    assert "第一次的内容" in one
    assert "第二次的内容" not in one
    assert "第二次的内容" in text_of(office.seat, "case_paper", second.id, "this")
    both = text_of(office.seat, "damage_case", case, "meeting_minutes")
    assert "第一次的内容" in both
    assert "第二次的内容" in both
    earlier = office.paper(case, "consultation_notice", day(STARTED, 21), number="漳环磋告〔2021〕2号")
    later = office.paper(case, "consultation_notice", day(STARTED, 22), number="漳环磋告〔2021〕3号")
    assert shelf.paper(office.seat, "case_paper", earlier, "this").number == "漳环磋告〔2021〕2号"
    assert shelf.paper(office.seat, "damage_case", case, "consultation_notice").number.endswith("3号")
    assert later != earlier


def test_each_service_has_its_own_proof_and_papers_served_together_share_one(office: Office):
    case = office.case(STARTED)
    office.investigate(case, day(STARTED, 1))
    office.assess(case, day(STARTED, 2))
    office.consult(case, day(STARTED, 3), served_on=day(STARTED, 4))
    second = office.paper(case, "meeting_notice", day(STARTED, 5), number="会1号")
    third = office.paper(case, "party_reply", day(STARTED, 5), number="复1号")
    for paper in (second, third):
        papers.serve(office.seat, paper, on=day(STARTED, 6), to="代收人02", how="left")
    text = text_of(office.seat, "damage_case", case, "service_receipt")
    assert "会1号" in text
    assert "复1号" in text
    assert "磋商告知书" not in text
    assert "■留置送达" in text
    assert "代收人02" in text
    receipts = [row for row in damage.papers_of(office.seat, case) if row.kind == "service_receipt"]
    first = text_of(office.seat, "case_paper", receipts[0].id, "this")
    assert "磋商告知书" in first
    assert "会1号" not in first
    assert "■直接送达" in first


def test_two_opinions_stand_with_their_own_experts(office: Office):
    case = office.case(STARTED)
    office.investigate(case, day(STARTED, 1))
    office.step(case, "assessment", day(STARTED, 2))
    office.opine(case, day(STARTED, 2))
    office.opine(case, day(STARTED, 3), reason="补充评估")
    text = text_of(office.seat, "damage_case", case, "expert_opinion")
    assert text.count("回避声明") == 2
    assert len(set(re.findall(r"专家(专家\d)签名", text))) == 6
    assert text_of(office.seat, "damage_case", case, "expert_draw_record").count("随机种子：") == 2


def test_the_law_on_a_paper_is_that_of_the_day_of_the_violation(office: Office):
    before = office.case("2026-08-20", occurred_on="2026-08-14")
    after = office.case("2026-08-20", occurred_on="2026-08-15")
    old = text_of(office.seat, "damage_case", before, "statement_of_claim")
    new = text_of(office.seat, "damage_case", after, "statement_of_claim")
    assert "《民法典》第一百八十八条" in old
    assert "《生态环境法典》第一千零五十四条" not in old
    assert "《生态环境法典》第一千零五十四条" in new


@pytest.mark.parametrize(("on", "standard"), [("2024-03-31", "39791.1-2020"), ("2024-04-01", "39791.3-2024")])
def test_an_evaluation_follows_the_standard_of_its_day(office: Office, on: str, standard: str):
    case = office.case("2024-01-10", occurred_on="2024-01-01")
    made = office.paper(case, "evaluation_report", on)
    assert standard in text_of(office.seat, "case_paper", made, "this")


def test_papers_are_chinese_whoever_reads_and_whoever_worked(office: Office):
    use_language("en")
    case = office.case(STARTED)
    office.paper(case, "termination_approval", day(STARTED, 1))
    verbs.terminate(office.seat, case, on=day(STARTED, 1), ground="performed", approver=office.head)
    text = text_of(office.seat, "damage_case", case, "termination_approval")
    use_language("zh")
    assert text == text_of(office.seat, "damage_case", case, "termination_approval")
    assert "The party has" not in text
    assert "义务人已履行赔偿义务" in text


def test_a_fine_never_stands_among_the_payments_of_compensation(office: Office):
    played = whole_case(office)
    for name in ("payment_plan", "stage_acceptance", "closing_approval"):
        text = text_of(played.book, "damage_case", played.one("damage_case"), name)
        assert "票0001" in text
        assert "罚0001" not in text
        assert "20,000.00" not in text


def test_what_is_paid_and_unfinished_stands_on_the_demand(office: Office):
    case = office.to_agreement(STARTED)
    made = office.plan_release(case, day(STARTED, 6))
    text = text_of(office.seat, "damage_case", case, "performance_demand")
    assert "放流一万尾" in text
    assert "提起诉讼" in text
    office.paper(case, "court_ruling", day(STARTED, 7))
    assert "申请人民法院强制执行" in text_of(office.seat, "damage_case", case, "performance_demand")
    office.release(made, day(STARTED, 8))
    assert "放流一万尾" not in text_of(office.seat, "damage_case", case, "performance_demand")


def test_the_paper_of_a_withdrawn_record_says_so(office: Office):
    case = office.case(STARTED)
    made = office.paper(case, "meeting_notice", STARTED)
    keeping.withdraw(office.seat, "case_paper", made, "误录")
    note = "所依据的记录已撤回"
    assert note in text_of(office.seat, "case_paper", made, "this")
    assert note not in text_of(office.seat, "damage_case", case, "meeting_notice")


def test_a_day_that_no_verb_wrote_is_shown_as_it_is(office: Office):
    case = office.case(STARTED)
    office.seat.write(put("damage_case", case, "350602", occurred_on="某年某月", found_on="2021-02-30"))
    for name, _title in shelf.papers("damage_case"):
        text_of(office.seat, "damage_case", case, name)
    assert "某年某月" in text_of(office.seat, "damage_case", case, "start_approval")


def test_two_hundred_losses_and_papers_come_through_whole(office: Office):
    case = office.case(STARTED)
    office.seat.write(
        *(
            put(
                "loss",
                new_id(),
                "350602",
                case=case,
                head="restoration",
                item=f"子项{count:03}",
                cents=100,
                way="pay",
            )
            for count in range(200)
        ),
        *(
            put(
                "case_paper",
                new_id(),
                "350602",
                case=case,
                kind="meeting_notice",
                number=f"文{count:03}",
                dated_on=STARTED,
            )
            for count in range(200)
        ),
    )
    agreed = words_of(shelf.written(office.seat, "damage_case", case, "agreement", ".docx"))
    assert all(f"子项{count:03}" in agreed for count in range(200))
    assert "200.00" in agreed
    listed = words_of(shelf.written(office.seat, "damage_case", case, "file_contents", ".docx"))
    assert all(f"文{count:03}" in listed for count in range(200))


HOSTILE = "A & B <b>\x07\u202e\u200b</w:t>" + "很长的名称" * 60


def test_hostile_text_comes_through_escaped_and_whole(office: Office):
    case = office.case(STARTED)
    office.seat.write(
        put("damage_case", case, "350602", party=HOSTILE, title=HOSTILE, act=HOSTILE, causation=HOSTILE)
    )
    shown = "A & B <b>␇��</w:t>" + "很长的名称" * 60
    for name, _title in shelf.papers("damage_case"):
        text = words_of(shelf.written(office.seat, "damage_case", case, name, ".docx"))
        assert shown in text, name
        page = shelf.written(office.seat, "damage_case", case, name, ".html")
        assert isinstance(page, str)
        assert "A &amp; B &lt;b&gt;␇��&lt;/w:t&gt;" in page, name
        assert "<b>" not in page
        plain = shelf.written(office.seat, "damage_case", case, name, ".txt")
        assert isinstance(plain, str)
        assert shown in re.sub(r"\n +", "", plain).replace("\n", ""), name
        for made in (text, page, plain):
            assert not set("\x07\u202e\u200b") & set(made)


def test_the_demo_notebook_marks_every_paper(office: Office):
    case = office.case(STARTED)
    mark = "演 示 文 书"
    assert mark not in words_of(shelf.written(office.seat, "damage_case", case, "agreement", ".docx"))
    assert isinstance(office.seat, Notebook)
    office.seat.demo = True
    for suffix in (".html", ".txt"):
        made = shelf.written(office.seat, "damage_case", case, "agreement", suffix)
        assert isinstance(made, str)
        assert mark in made
    assert mark in words_of(shelf.written(office.seat, "damage_case", case, "agreement", ".docx"))
