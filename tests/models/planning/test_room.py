"""The planning room offers every list, sheet, act and paper; a list of classes is taken in whole or not."""

from __future__ import annotations

import json

import pytest

from main import main
from models.documents import shelf
from models.errors import RuleBroken
from models.inspections import verbs as visits
from models.language import use_language
from models.planning import assignments, draws, queries, verbs
from models.planning.repeating import repeat
from models.planning.room import ROOM
from models.planning.tables import AssignmentReply, SiteClass
from models.registry import keeping
from models.store.change import put
from tests.conftest import UNIT
from tests.models.planning.conftest import Office
from tests.visits import fill


@pytest.fixture
def filled(office: Office) -> dict[str, str]:
    """One record of each kind, by kind: a published draw whose only site was inspected, and an answer."""
    book = office.book
    book.write(put("officer", book.person, UNIT, role="officer,dispatcher"))
    draw = draws.prepare(book, category="special", period="2026Q4", items="A,W", count=1)
    draws.draw(book, draw, seed="3 9 17", seed_source="演示彩票", witness="市民代表")
    draws.issue(book, draw, due="2026-12-31", purpose="抽查", approval_number="示例批〔2026〕1号")
    (given,) = queries.assignments_from(book, draw)
    person = book.person
    book.person = given.first_officer
    pair = (given.first_officer, given.second_officer)
    colleague = next(each for each in office.officers if each not in pair)
    assignments.hand_on(book, given.id, to=colleague, why="出差")
    book.person = given.second_officer
    assignments.begin(book, given.inspection)
    fill(book, given.inspection)
    visits.answer(book, given.inspection, "W01", "problem")
    visits.find(book, given.inspection, "W01", "总排口出水超标")
    visits.finish(book, given.inspection)
    visits.seal_inspection(book, given.inspection)
    book.person = person
    notice = draws.publish(book, draw)
    with book:
        reply = AssignmentReply.get().id
        site_class = SiteClass.get(SiteClass.site == given.site).id
    return {
        "spot_draw": draw,
        "assignment": given.id,
        "assignment_reply": reply,
        "draw_notice": notice,
        "site_class": site_class,
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_list_shows_its_records_and_every_sheet_opens(office: Office, filled, language):
    use_language(language)
    for listing in ROOM.listings:
        ids = listing.find(office.book, "")
        assert filled[listing.kind] in ids
        for line in listing.lines(office.book, ids):
            assert len(line.cells) == len(listing.columns)
        assert [column.width for column in listing.columns].count(0) == 1
    for kind, record in filled.items():
        sheet = ROOM.sheets[kind](office.book, record)
        assert sheet.title
        assert sheet.state.text
        for section in sheet.sections:
            assert section.facts
            for fact in section.facts:
                assert not fact.kind or keeping.row_of(office.book, fact.kind, fact.id) is not None
    assert ROOM.summary(office.book)


def test_lists_find_by_words_and_initials(office: Office, filled):
    by_name = {each.name: each for each in ROOM.listings}
    name = keeping.kept(office.book, "assignment", filled["assignment"]).site_name
    assert by_name["assignments"].find(office.book, name) == [filled["assignment"]]
    assert by_name["assignments"].find(office.book, "没有这样的") == []
    assert filled["site_class"] in by_name["classes"].find(office.book, name)


def test_the_notice_says_what_was_drawn_how_and_what_was_found(office: Office, filled):
    book = office.book
    row = keeping.kept(book, "draw_notice", filled["draw_notice"])
    text = str(shelf.written(book, "draw_notice", row.id, "draw_notice", ".txt"))
    plain = "".join(text.split())
    for words in (
        "双随机、一公开",
        row.list_hash[:40],
        "演示彩票",
        "发现问题",
        "示例企业11",
        "已关停",
        "qc-draw-1",
    ):
        assert "".join(words.split()) in plain, words
    assert "未发现问题" not in plain
    record = "".join(
        str(shelf.written(book, "spot_draw", filled["spot_draw"], "draw_record", ".txt")).split()
    )
    assert "打印时复验" in record
    assert "不一致" not in record
    for suffix in (".docx", ".html"):
        assert shelf.written(book, "draw_notice", row.id, "draw_notice", suffix)


def test_a_paper_of_a_changed_draw_says_so(office: Office, filled):
    book, draw = office.book, filled["spot_draw"]
    row = keeping.kept(book, "spot_draw", draw)
    site, first, second = row.result.split(" ")
    book.write(put("spot_draw", draw, UNIT, result=f"{site} {second} {first}"))
    text = "".join(str(shelf.written(book, "spot_draw", draw, "draw_record", ".txt")).split())
    assert "不一致" in text


def test_a_recheck_and_a_complaint_are_assigned_from_their_own_sheets(office: Office, filled):
    book = office.book
    visit = keeping.kept(book, "assignment", filled["assignment"]).inspection
    act = ROOM.act("assign_recheck")
    given = {"due": "2026-12-15", "approval_number": "示例批〔2026〕9号"}
    made = act.run(book, visit, **{**act.preset(book, visit), **given})
    row = keeping.kept(book, "assignment", made)
    assert (row.origin, row.origin_kind, row.origin_id, row.counted) == (
        "recheck",
        "inspection",
        visit,
        False,
    )
    assert keeping.kept(book, "inspection", row.inspection).checklists == "A,W"
    complaint = keeping.make(book, "complaint", UNIT, {"number": "TS-1", "about": "夜间异味"})
    made = ROOM.act("assign_complaint").run(
        book,
        complaint,
        site_id=office.sites[3],
        first_officer=office.officers[0],
        second_officer=office.officers[1],
        purpose="核实投诉",
        **given,
    )
    row = keeping.kept(book, "assignment", made)
    assert (row.origin, row.origin_id) == ("complaint", complaint)
    facts = [fact for each in ROOM.sheets["assignment"](book, made).sections for fact in each.facts]
    assert any(fact.id == complaint and "TS-1" in fact.value for fact in facts)


def write(path, *lines: str):
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_a_list_of_classes_is_taken_in_and_given_out_again(office: Office, tmp_path):
    book = office.book
    file = write(
        tmp_path / "名录.csv",
        "单位名称,类别,理由,依据",
        "示例企业00,特殊污染源,上年被立案处罚、环境风险等级为重大,2027年名录",
        "示例企业01,一般排污单位,,2027年名录",
    )
    verbs.import_classes(book, path=file, year=2027)
    assert [queries.class_of(book, site, 2027) for site in office.sites[:3]] == ["special", "general", "key"]
    assert [queries.class_of(book, site, 2026) for site in office.sites[:2]] == ["key", "key"]
    verbs.export_classes(book, path=str(tmp_path / "out.csv"))
    verbs.import_classes(book, path=str(tmp_path / "out.csv"), year=2028)
    assert [queries.class_of(book, site, 2028) for site in office.sites[:2]] == ["key", "key"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["单位名称,级数", "示例企业00,重点排污单位"], "类别"),
        (["单位名称,类别", "示例企业00,重点排污单位", "没有这家,重点排污单位"], "第 3 行"),
        (["单位名称,类别", "示例企业00,重要"], "第 2 行"),
        (["单位名称,类别,理由", "示例企业00,特殊污染源,"], "第 2 行"),
        ([""], "空"),
    ],
)
def test_a_list_with_a_wrong_row_changes_nothing(office: Office, tmp_path, lines, said):
    before = queries.classes(office.book, 2027)
    with pytest.raises(RuleBroken) as broken:
        verbs.import_classes(office.book, path=write(tmp_path / "名录.csv", *lines), year=2027)
    assert broken.value.field == "path"
    assert said in broken.value.text()
    assert queries.classes(office.book, 2027).keys() == before.keys()
    assert all(queries.classes(office.book, 2027)[each].year == before[each].year for each in before)


def test_a_class_that_was_taken_back_can_be_said_again(office: Office):
    book, site = office.book, office.sites[0]
    record = verbs.classify(book, site, category="special", reasons="punished")
    verbs.withdraw_class(book, record, why="录入有误")
    assert queries.class_of(book, site, 2026) == "general"
    assert verbs.classify(book, site, category="key") == record
    assert queries.class_of(book, site, 2026) == "key"
    with pytest.raises(RuleBroken):
        verbs.classify(book, site, category="closed")


def test_the_command_repeats_a_draw_and_finds_another(office: Office, filled, tmp_path, capsys):
    file, listed = tmp_path / "draw.json", tmp_path / "list.txt"
    for each in (file, listed):
        draws.export(office.book, filled["spot_draw"], path=str(each))
    assert main(["draw", "repeat", str(file)]) == 0
    assert "一致" in capsys.readouterr().err
    told = json.loads(file.read_text("utf-8"))
    told["drawn"][0]["officers"] = told["drawn"][0]["officers"][::-1]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(told), "utf-8")
    assert main(["draw", "repeat", str(other)]) == 1
    said = capsys.readouterr().err
    line = repeat(file).lines[0]
    assert f"第 1 行：文件所载为 {line.name}、{line.names[1]}、{line.names[0]}" in said
    assert f"重抽所得为 {line.name}、{line.names[0]}、{line.names[1]}" in said
    assert "共 1 行不同" in said
    file.write_text(file.read_text("utf-8").replace("示例企业08", "示例企业98"), "utf-8")
    assert main(["draw", "repeat", str(file)]) == 1
    assert main(["draw", "repeat", str(listed), "--seed", "3 9 17", "--json"]) == 0
    assert '"same": true' in capsys.readouterr().out
    for bad in (b"\xff\xfe", b"{}", b"{", b"[" * 10_000, b"qc-draw-1\n", b'{"algorithm": "qc-draw-1"}', b""):
        listed.write_bytes(bad)
        assert main(["draw", "repeat", str(listed), "--seed", "x"]) == 2
    assert main(["draw", "repeat", str(tmp_path / "none")]) == 2
