"""Everything in community work can be done from its room, and every record is reached from a list."""

from __future__ import annotations

import inspect

import pytest

from models import catalogue, rooms
from models.community import queries
from models.community.facts import grid_items
from models.community.room import ROOM
from models.errors import RuleBroken
from models.language import use_language
from models.registry import access, act_parts
from models.registry.typed import shown, typed
from models.store.change import put
from tests.models.community.conftest import UNIT

KINDS = (
    "community",
    "grid",
    "committee",
    "committee_member",
    "covenant",
    "participant",
    "patrol",
    "patrol_answer",
    "upward_report",
    "complaint",
    "reporter",
    "mediation",
)


def do(seat, name: str, record: str = "", /, **raw: str):
    """An act as a form does it: what it shows at first, what is typed over it, the verb."""
    act = ROOM.act(name)
    assert act is not None, name
    reason = act_parts.refusal(seat, act, record)
    assert reason == "", (name, reason)
    fields = {field.key: field for field in act.fields}
    held = act.preset(seat, record) if act.preset is not None else {}
    known = {key: shown(fields[key], value) for key, value in held.items() if key in fields}
    values = typed(act, {**known, **raw})
    return act.run(seat, record, **values) if act.subject else act.run(seat, **values)


def refused(seat, name: str, record: str) -> str:
    act = ROOM.act(name)
    assert act is not None
    return act_parts.refusal(seat, act, record)


@pytest.fixture
def worked(quarter):
    """A quarter in which everything was done once, through the room alone; the records by kind."""
    book, today = quarter.book, quarter.today
    found = {"community": quarter.community, "grid": quarter.grid}
    found["committee"] = do(book, "found_committee", quarter.community, founded_on="2021年12月10日")
    found["committee_member"] = do(
        book,
        "add_member",
        found["committee"],
        name="示例委员",
        categories="网格员、单元楼业主代表",
        party_member="是",
    )
    found["covenant"] = do(
        book, "adopt_covenant", quarter.community, title="公约", text="安静", adopted_on="2022-01-01"
    )
    found["participant"] = do(
        book, "add_participant", quarter.community, kind="志愿者", name="示例志愿队", people="12"
    )
    found["patrol"] = do(
        book,
        "patrol",
        grid=quarter.grid,
        on=today,
        whom="小区公共部位",
        item="G12",
        action="报告",
        outcome="已上报",
        result="河水发白",
    )
    do(book, "check", found["patrol"], G05="发现问题", G01="不涉及", notes="G05 满冒")
    from models.community.queries import answers_of

    found["patrol_answer"] = answers_of(book, found["patrol"])["G05"].id
    found["upward_report"] = do(book, "report_patrol", found["patrol"])
    found["complaint"] = do(
        book,
        "complaint_here",
        quarter.community,
        about="油烟",
        reporter_name="陈小明",
        problem_class="违法排污",
    )
    from models.community.privacy import reporter_ids

    (found["reporter"],) = reporter_ids(book, found["complaint"])
    found["mediation"] = do(
        book,
        "mediate_complaint",
        found["complaint"],
        parties="业主陈小明、示例餐馆",
        demand="装净化器",
        owners="参与",
        owners_committee="未参与",
        owners_committee_reason="尚未成立",
        government="参与",
        departments="参与",
        result="达成一致",
        agreement="月底前装好",
    )
    return quarter, found


def test_the_room_is_found_by_its_name_and_fits_the_narrow_screen():
    assert rooms.room("community") is ROOM
    for listing in ROOM.listings:
        assert sum(column.width == 0 for column in listing.columns) == 1, listing.name
        narrow = [column.width + 2 for column in listing.columns if column.from_width <= 60]
        assert sum(narrow) <= 62, listing.name


def test_every_kind_of_the_area_has_a_sheet_a_withdrawal_and_a_row_of_rights():
    ours = {kind.name for kind in catalogue.kinds() if kind.table.__module__ == "models.community.tables"}
    assert ours == set(KINDS) == set(ROOM.sheets)
    for kind in KINDS:
        assert access.of(kind).write, kind
        assert ROOM.act(f"withdraw_{kind}") is not None, kind


def test_every_act_asks_for_what_its_verb_takes():
    assert len({act.name for act in ROOM.acts}) == len(ROOM.acts)
    for act in ROOM.acts:
        taken = inspect.signature(act.run).parameters
        free = any(each.kind is each.VAR_KEYWORD for each in taken.values())
        for field in act.fields:
            assert free or field.key in taken, (act.name, field.key)
        asked = {field.key for field in act.fields}
        required = {
            name
            for name, each in taken.items()
            if each.kind is each.KEYWORD_ONLY and each.default is each.empty
        }
        assert required <= asked, (act.name, required - asked)
        assert act.help.endswith(".") or act.help.endswith("grid."), act.name


def test_the_form_of_the_checklist_asks_the_fifteen_items():
    act = ROOM.act("check")
    assert act is not None
    assert [field.key for field in act.fields] == [*grid_items(), "notes"]


@pytest.mark.requirement("R067", "R068", "R069", "R072")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_record_is_reached_from_a_list_by_its_sheets(worked, language):
    quarter, found = worked
    use_language(language)
    reached: set[tuple[str, str]] = set()
    for listing in ROOM.listings:
        ids = listing.find(quarter.book, "")
        lines = listing.lines(quarter.book, ids)
        assert [line.id for line in lines] == ids, listing.name
        assert ids, listing.name
        for line in lines:
            assert len(line.cells) == len(listing.columns), listing.name
        reached |= {(listing.kind, each) for each in ids}
    seen: set[tuple[str, str]] = set()
    while reached - seen:
        kind, record = (reached - seen).pop()
        seen.add((kind, record))
        if kind not in ROOM.sheets:
            continue
        sheet = ROOM.sheets[kind](quarter.book, record)
        assert sheet.title, kind
        assert sheet.state.text, kind
        reached |= {
            (fact.kind, fact.id)
            for section in sheet.sections
            for fact in section.facts
            if fact.kind and fact.id
        }
    assert set(found.items()) <= seen
    assert ROOM.summary is not None
    assert ROOM.summary(quarter.book)


def test_lists_are_found_by_words_and_by_the_name_of_the_community(worked):
    quarter, found = worked
    wanted = {
        "communities": "示例社区",
        "committees": "示例社区",
        "grids": "示例社区",
        "patrols": "河水",
        "reports": "sjsq",
        "complaints": "油烟",
        "mediations": "净化器",
        "hot_spots": "示例",
    }
    for listing in ROOM.listings:
        assert listing.find(quarter.book, "没有这样的词") == [], listing.name
        if listing.name != "reports":
            assert listing.find(quarter.book, wanted[listing.name]), listing.name
    reports = next(each for each in ROOM.listings if each.name == "reports")
    assert reports.find(quarter.book, "示例社区") == [found["upward_report"]]


def test_an_edit_shows_what_is_held_and_changes_only_what_is_typed(worked):
    quarter, found = worked
    from models.registry.keeping import row_of

    for act in ROOM.acts:
        if act.name.startswith("edit_"):
            record = found[act.subject]
            before = row_of(quarter.book, act.subject, record)
            do(quarter.book, act.name, record)
            after = row_of(quarter.book, act.subject, record)
            changed = {
                name: (getattr(before, name), getattr(after, name))
                for name in before._meta.fields
                if name != "changed_at" and getattr(before, name) != getattr(after, name)
            }
            assert changed == {}, act.name


def test_a_report_goes_its_way_through_the_room(worked):
    quarter, found = worked
    book, record = quarter.book, found["upward_report"]
    assert refused(book, "close_report", record)
    assert refused(book, "make_clue", record)
    do(book, "send_report", record, way="电话")
    assert refused(book, "send_report", record)
    do(book, "receive_report", record, by="网格长")
    assert refused(book, "receive_report", record)
    assert do(book, "pass_on", record)
    assert do(book, "make_clue", record, party="示例工厂")
    assert refused(book, "make_clue", record)
    do(book, "close_report", record, result="已处置")
    assert refused(book, "close_report", record)


def test_a_complaint_goes_its_way_through_the_room(worked):
    quarter, found = worked
    book, record = quarter.book, found["complaint"]
    assert refused(book, "close_complaint", record)
    assert refused(book, "revisit", record)
    assert refused(book, "name_reporter", record)
    do(book, "reply", record, text="已受理")
    assert refused(book, "reply", record)
    do(book, "revisit", record, satisfied="是")
    do(book, "transfer_complaint", record, to="城市管理局")
    assert do(book, "report_complaint", record, from_grid=quarter.grid)
    do(book, "close_complaint", record, result="已解决")
    assert refused(book, "edit_complaint", record)
    do(book, "publish_mediation", found["mediation"])
    assert refused(book, "edit_mediation", found["mediation"])


def test_a_grid_worker_is_offered_the_patrol_and_told_why_not_the_register(worked, become):
    quarter, found = worked
    become("grid_worker")
    for name in ("patrol", "register_complaint", "mediate", "report"):
        assert refused(quarter.book, name, "") == "", name
    for name in ("patrol_grid", "complaint_here", "mediate_here"):
        act = ROOM.act(name)
        assert act is not None
        assert act.right == "see_community"
        assert refused(quarter.book, name, found[act.subject]) == "", name
    for name in ("add_community", "add_grid"):
        assert refused(quarter.book, name, "")
    assert refused(quarter.book, "patrol_grid", quarter.grids[4]) == ""
    assert refused(quarter.book, "patrol_grid", quarter.grids[0])
    assert refused(quarter.book, "make_clue", found["upward_report"])


def test_a_grid_worker_finds_the_own_grid_filled_in(quarter, become):
    keeper = quarter.book.person
    worker = become("grid_worker")
    quarter.book.person = keeper
    do(quarter.book, "edit_grid", quarter.grid, worker=worker)
    quarter.book.person = worker
    record = do(quarter.book, "patrol", whom="居民")
    from models.registry.keeping import row_of

    row = row_of(quarter.book, "patrol", record)
    assert (row.grid, row.on, row.by) == (quarter.grid, quarter.today, worker)


def test_what_was_withdrawn_is_in_no_list_and_says_why(worked):
    quarter, found = worked
    for kind in (
        "patrol_answer",
        "upward_report",
        "patrol",
        "mediation",
        "complaint",
        "participant",
        "covenant",
    ):
        do(quarter.book, f"withdraw_{kind}", found[kind], why="误录")
        assert "误录" in ROOM.sheets[kind](quarter.book, found[kind]).state.text
        assert refused(quarter.book, f"withdraw_{kind}", found[kind])
        for listing in ROOM.listings:
            if listing.kind == kind:
                assert found[kind] not in listing.find(quarter.book, "")
    with pytest.raises(RuleBroken):
        do(quarter.book, "withdraw_committee", found["committee"], why="误录")
    do(quarter.book, "withdraw_committee_member", found["committee_member"], why="误录")
    do(quarter.book, "withdraw_committee", found["committee"], why="误录")


@pytest.mark.parametrize("odd", ["乱写", "9999-12-31", "0001-01-01", None])
def test_values_that_no_verb_wrote_stop_no_list_no_limit_and_no_sheet(quarter, odd):
    book, place = quarter.book, {"community": quarter.community, "grid": quarter.grid}
    moments = {"began_at": 10**17, "first_seen_at": 10**17}
    item = next(code for code, each in grid_items().items() if each.must_report)
    book.write(put("complaint", "0190-complaint", UNIT, **place, received_on=odd))
    book.write(put("patrol", "0190-patrol", UNIT, **place, on=quarter.today, outcome="reported", **moments))
    book.write(put("patrol", "0190-odd", UNIT, **place, on=odd, item=item, problem_class="sewage", **moments))
    book.write(put("upward_report", "0190-report", UNIT, first_seen_at=-(10**17), sent_at=10**17))
    book.write(put("patrol_answer", "0190-answer", UNIT, patrol="0190-odd", item=item, result="problem"))
    assert all(each.record != "0190-complaint" for each in queries.dues(book))
    assert "0190-patrol" in {each.record for each in queries.dues(book)}
    for kind in ("complaint", "patrol", "upward_report", "patrol_answer"):
        record = {"upward_report": "0190-report", "patrol_answer": "0190-answer"}.get(kind, f"0190-{kind}")
        assert ROOM.sheets[kind](book, record).sections
    assert ROOM.sheets["patrol"](book, "0190-odd").sections
    for listing in ROOM.listings:
        assert listing.lines(book, listing.find(book, "")) is not None
    assert ROOM.summary(book)


def test_sheets_and_forms_of_what_is_not_there_are_refused(quarter):
    for kind, sheet in ROOM.sheets.items():
        with pytest.raises(RuleBroken) as caught:
            sheet(quarter.book, "0190-none")
        assert caught.value.field == kind
