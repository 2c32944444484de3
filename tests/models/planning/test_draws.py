"""A draw from its frozen list to its publication: order of steps, who is left out, no shopping for seeds."""

from __future__ import annotations

import csv
import json
from datetime import date

import pytest

from models.errors import RuleBroken
from models.law.parameters import PARAMETERS
from models.planning import assignments, drawing, draws, queries, rules, verbs
from models.planning.repeating import repeat
from models.planning.tables import Assignment, DrawNotice, SpotDraw
from models.registry import keeping
from models.registry.sealing import seal_of, sealed_bytes
from models.registry.units import city
from models.store.change import put
from tests.conftest import UNIT
from tests.models.planning.conftest import TODAY, Office, add_officer

SEED = {"seed": "03 09 17 22 28 31 05", "seed_source": "福彩双色球 2026136 期"}
GIVEN = {"due": "2026-12-31", "purpose": "随机抽查", "approval_number": "示例批〔2026〕7号"}


def frozen(office: Office, **more):
    return draws.prepare(office.book, **{"category": "key", "period": "2026Q4", "items": "A,W", **more})


def drawn(office: Office, **more):
    record = frozen(office, **more)
    draws.draw(office.book, record, **SEED)
    return record


def row_of(office: Office, record: str) -> SpotDraw:
    return keeping.kept(office.book, "spot_draw", record)


def refused(verb, field: str) -> str:
    with pytest.raises(RuleBroken) as broken:
        verb()
    assert broken.value.field == field, broken.value.text()
    return broken.value.text()


def test_a_county_draws_a_quarter_of_its_key_sites_each_quarter(office: Office):
    row = row_of(office, frozen(office))
    found = drawing.read(row.listed)
    assert (row.wanted, row.least) == (2, 2)
    assert row.least_basis.endswith("[S2]")
    assert set(found.sites) == set(office.sites[:8])
    assert set(found.officers) == set(office.officers)
    assert found.plan["as-of"] == TODAY
    assert found.left_out == ("示例企业11：已关停",)
    assert row.list_hash == drawing.list_hash(row.listed)
    assert (row.seed, row.result, row.sealed) == (None, None, None)


@pytest.mark.parametrize(
    ("category", "period", "sites", "officers", "in_city", "wanted"),
    [
        ("key", "2026Q4", 8, 6, False, 2),
        ("key", "2026Q4", 9, 6, False, 3),
        ("key", "2026Q4", 100, 6, True, 5),
        ("special", "2026Q4", 3, 6, False, 3),
        ("general", "2026", 500, 6, False, 60),
        ("general", "2026", 500, 6, True, 30),
        ("general", "2026Q4", 500, 6, False, 15),
        ("general", "2026", 40, 6, False, 40),
        ("all", "2026Q4", 40, 6, False, 0),
    ],
)
def test_what_the_plan_asks_for(category, period, sites, officers, in_city, wanted):
    on = date(2026, 11, 18)
    assert rules.least(category, period, sites, officers, city=in_city, on=on)[0] == wanted


def test_the_bureaus_own_share_replaces_ours(office: Office, tmp_path):
    (tmp_path / "parameters.toml").write_text(
        "[spot_key_percent_county]\n[[spot_key_percent_county.versions]]\n"
        'value = 50\nbasis = "本地方案"\nmark = "S"\n',
        "utf-8",
    )
    PARAMETERS.use(tmp_path)
    try:
        row = row_of(office, frozen(office))
    finally:
        PARAMETERS.use()
    assert (row.wanted, row.least_basis) == (4, "本地方案[S]")


def test_the_result_is_what_list_and_seed_give_and_is_sealed_with_them(office: Office):
    record = drawn(office, count=3)
    row = row_of(office, record)
    assert drawing.read_result(row.result) == drawing.draw(row.listed, SEED["seed"])
    assert len(drawing.read_result(row.result)) == 3
    assert row.sealed
    stated = json.loads(sealed_bytes(office.book, record))
    assert stated["schema"] == draws.SCHEMA
    assert stated["draw"]["listed"] == row.listed
    assert stated["draw"]["result"] == row.result
    assert seal_of(office.book, record).number == row.number
    entries = keeping.past(office.book, record)
    order = [each.field for each in entries if each.field in ("list_hash", "seed")]
    assert order == ["list_hash", "seed"], "the hash of the list is in the journal before the seed"


def test_without_a_seed_the_program_makes_one_that_differs_each_time(office: Office):
    seeds = set()
    for category in ("key", "special"):
        record = frozen(office, category=category)
        draws.draw(office.book, record)
        row = row_of(office, record)
        assert (len(row.seed), row.seed_source) == (32, None)
        seeds.add(row.seed)
    assert len(seeds) == 2


def test_a_seed_has_its_source_and_is_younger_than_the_list(office: Office):
    record, book = frozen(office), office.book
    refused(lambda: draws.draw(book, record, seed="1 2 3"), "seed_source")
    for day in ("2026-11-17", "2026-11-19"):
        refused(lambda day=day: draws.draw(book, record, **SEED, seed_on=day), "seed_on")
    assert row_of(office, record).seed is None
    draws.draw(book, record, **SEED, seed_on=TODAY)
    refused(lambda: draws.draw(book, record, **SEED), "draw")


def test_a_list_that_was_changed_is_found_and_not_drawn(office: Office):
    record = frozen(office)
    row = row_of(office, record)
    other = row.listed.replace("wanted 2", "wanted 8")
    office.book.write(put("spot_draw", record, UNIT, listed=other))
    refused(lambda: draws.draw(office.book, record, **SEED), "listed")
    assert row_of(office, record).seed is None


def test_a_changed_result_is_found_when_it_is_repeated(office: Office):
    row = row_of(office, drawn(office))
    assert draws.why_changed(row) is None
    row.result = "\n".join(reversed(row.result.split("\n")))
    assert draws.why_changed(row).field == "result"


def test_who_must_withdraw_who_is_away_and_which_site_is_left_out_stand_in_the_list(office: Office):
    book = office.book
    lost = add_officer(book, 17, certificate_until="2026-11-01")
    record = frozen(
        office,
        count=7,
        withdrawals="执法员11：示例企业00：配偶为该企业股东\n执法员12:示例企业00:曾任职",
        sites_out="示例企业07：省级同期检查",
        officers_out="执法员16：外出学习",
    )
    found = drawing.read(row_of(office, record).listed)
    assert found.withdrawn == {(office.officers[0], office.sites[0]), (office.officers[1], office.sites[0])}
    assert office.sites[7] not in found.sites
    assert {lost, office.officers[5]}.isdisjoint(found.officers)
    assert set(found.left_out) >= {
        "示例企业07：省级同期检查",
        "执法员16：外出学习",
        "执法员17：没有有效执法证",
        "执法员11（示例企业00）：配偶为该企业股东",
    }
    draws.draw(book, record)
    for each in drawing.read_result(row_of(office, record).result):
        assert each.site != office.sites[0] or {each.first, each.second}.isdisjoint(office.officers[:2])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sites_out", "示例企业07"),
        ("sites_out", "没有这家：原因"),
        ("officers_out", "执法员16："),
        ("withdrawals", "执法员11：配偶为股东"),
        ("withdrawals", "执法员99：示例企业00：配偶"),
        ("period", "2026第四季度"),
        ("period", "2026Q3"),
        ("period", "2026"),
        ("items", "Z"),
        ("items", ""),
        ("category", "any"),
        ("count", 9),
        ("count", 0),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(office: Office, field: str, value):
    refused(lambda: frozen(office, **{field: value}), "checklists" if field == "items" else field)


def test_a_site_that_no_two_officers_may_go_to_is_named_before_the_draw(office: Office):
    lines = "\n".join(f"执法员{number}：示例企业03：近亲属" for number in range(11, 16))
    assert "示例企业03" in refused(lambda: frozen(office, withdrawals=lines), "withdrawals")


def test_one_certificate_held_by_two_is_no_pair(office: Office):
    for each in office.officers[1:]:
        office.book.write(put("officer", each, UNIT, certificate="FJ350602011"))
    refused(lambda: frozen(office), "withdrawals")


def test_officers_of_two_units_where_the_plan_asks_for_them(office: Office):
    others = {add_officer(office.book, number, unit="350603") for number in (21, 22)}
    row = row_of(office, drawn(office, mixed=True, count=8))
    for each in drawing.read_result(row.result):
        assert len({each.first, each.second} & others) == 1


# -- no shopping for seeds --------------------------------------------------------------------------------


def test_a_second_list_waits_until_the_first_is_drawn_or_annulled(office: Office):
    record = frozen(office)
    refused(lambda: frozen(office), "period")
    draws.annul(office.book, record, why="名单有误")
    refused(lambda: frozen(office), "reason")
    again = frozen(office, reason="更正名单后重抽")
    assert row_of(office, again).reason == "更正名单后重抽"
    with office.book:
        assert SpotDraw.select().count() == 2
        (notice,) = DrawNotice.select()
    assert (notice.kind, notice.reason, notice.listed) == ("annulled", "名单有误", None)


def test_what_was_annulled_is_kept_with_its_seal_and_cannot_go_on(office: Office):
    record, book = drawn(office), office.book
    refused(lambda: draws.annul(book, record, why=" "), "why")
    draws.annul(book, record, why="见证人未到场")
    row = row_of(office, record)
    assert row.sealed
    assert row.voided is None
    for verb in (
        lambda: draws.annul(book, record, why="再"),
        lambda: draws.publish(book, record, early="x"),
        lambda: draws.issue(book, record, **GIVEN),
        lambda: draws.draw(book, record),
    ):
        refused(verb, "draw")
    assert [state for _row, state in queries.draws_of(book, UNIT, "key", "2026Q4")] == ["annulled"]


def test_a_site_is_drawn_once_a_period_and_the_plan_asks_for_the_rest_only(office: Office):
    first = {each.site for each in drawing.read_result(row_of(office, drawn(office, count=1)).result)}
    row = row_of(office, frozen(office))
    assert (row.least, row.wanted) == (1, 1)
    found = drawing.read(row.listed)
    assert first.isdisjoint(found.sites)
    assert any("本期已抽中" in each for each in found.left_out)


def test_a_site_over_its_yearly_cap_is_left_out_with_the_numbers(office: Office):
    site = office.sites[10]  # a general one: twice a year
    for _ in range(2):
        assignments.assign(
            office.book,
            site_id=site,
            first_officer=office.officers[0],
            second_officer=office.officers[1],
            origin="plan",
            purpose="例行检查",
            due="2026-12-01",
            approval_number="示例批〔2026〕1号",
        )
    verbs.classify(office.book, office.sites[0], category="general")
    row = row_of(office, frozen(office, category="general"))
    found = drawing.read(row.listed)
    assert set(found.sites) == {office.sites[0]}
    assert "示例企业10：今年已检查2次，上限2次" in found.left_out


# -- giving out and publishing ----------------------------------------------------------------------------


def test_drawn_sites_go_to_their_officers_in_order_with_numbers_that_count_on(office: Office):
    record, book = drawn(office, count=3), office.book
    draws.issue(book, record, **GIVEN, notice_number="示例通〔2026〕09号", count=2)
    draws.issue(book, record, **GIVEN, notice_number="示例通〔2026〕11号")
    refused(lambda: draws.issue(book, record, **GIVEN), "count")
    with book:
        made = list(Assignment.select().order_by(Assignment.made_at, Assignment.id))
    result = drawing.read_result(row_of(office, record).result)
    assert [(each.site, each.first_officer, each.second_officer) for each in made] == [
        (each.site, each.first, each.second) for each in result
    ]
    numbers = [f"示例通〔2026〕{number}号" for number in ("09", "10", "11")]
    assert [each.notice_number for each in made] == numbers
    visit = keeping.kept(book, "inspection", made[0].inspection)
    assert (visit.checklists, visit.source, visit.assigned) == ("A,W", "routine", True)
    refused(lambda: draws.annul(book, record, why="x"), "why")


def test_one_drawn_site_that_has_to_wait_does_not_hold_up_the_others(office: Office):
    record, book = drawn(office, category="all", count=11), office.book
    result = drawing.read_result(row_of(office, record).result)
    waits = next(each.site for each in result if each.site == office.sites[10])
    for _ in range(2):  # inspected since it was drawn: the cap of a general site is reached
        assignments.assign(
            book,
            site_id=waits,
            first_officer=office.officers[0],
            second_officer=office.officers[1],
            origin="plan",
            **GIVEN,
        )
    assert "示例企业10" in refused(lambda: draws.issue(book, record, **GIVEN), "site_id")
    assert queries.assignments_from(book, record) == []
    other = next(each.site for each in reversed(result) if each.site != waits)
    draws.issue(book, record, **GIVEN, only=other)
    assert [each.site for each in queries.assignments_from(book, record)] == [other]
    refused(lambda: draws.issue(book, record, **GIVEN, only=other), "only")


def test_it_is_published_after_it_was_carried_out_or_with_the_reason(office: Office):
    record, book = drawn(office), office.book
    draws.issue(book, record, **GIVEN)
    refused(lambda: draws.publish(book, record), "early")
    with book:
        made = list(Assignment.select())
    book.write(put("officer", book.person, UNIT, role="officer,dispatcher"))
    for each in made:
        book.person, person = each.first_officer, book.person
        assignments.begin(book, each.inspection)
        book.person = person
    notice = keeping.kept(book, "draw_notice", draws.publish(book, record))
    row = row_of(office, record)
    assert (notice.listed, notice.result, notice.seed) == (row.listed, row.result, row.seed)
    assert notice.seal == seal_of(book, record).qr_text
    refused(lambda: draws.publish(book, record, early="x"), "draw")


def test_what_is_exported_is_repeated_without_a_notebook(office: Office, tmp_path):
    record = drawn(office, count=3)
    for ending in ("json", "csv", "txt"):
        draws.export(office.book, record, path=str(tmp_path / f"draw.{ending}"))
    refused(lambda: draws.export(office.book, record, path=str(tmp_path / "draw.pdf")), "path")
    row = row_of(office, record)
    found = repeat(tmp_path / "draw.json")
    assert found.same
    assert [(each.site, *each.officers) for each in found.lines] == [
        tuple(line.split(" ")) for line in row.result.split("\n")
    ]
    assert repeat(tmp_path / "draw.txt", SEED["seed"]).lines == found.lines
    assert (tmp_path / "draw.txt").read_bytes() == row.listed.encode()
    rows = list(csv.reader((tmp_path / "draw.csv").read_text("utf-8-sig").splitlines()))
    assert [each[1] for each in rows[1:]] == [each.name for each in found.lines]
    told = json.loads((tmp_path / "draw.json").read_text("utf-8"))
    assert told["seal"] == seal_of(office.book, record).qr_text
    for change in (
        {"list": told["list"].replace("示例企业00", "示例企业99")},
        {"drawn": told["drawn"][::-1]},
        {"seed": "另一个"},
    ):
        (tmp_path / "other.json").write_text(json.dumps({**told, **change}), "utf-8")
        assert not repeat(tmp_path / "other.json").same
    drawn_ids = [[each["site"], *each["officers"]] for each in told["drawn"]]
    changed = [told["drawn"][0], {**told["drawn"][1], "officers": ["nobody", drawn_ids[1][2]]}]
    (tmp_path / "other.json").write_text(json.dumps({**told, "drawn": changed}), "utf-8")
    differs = repeat(tmp_path / "other.json").difference
    second = found.lines[1]
    assert differs is not None
    assert (differs.row, differs.rows) == (2, 2)  # the second is another, the third is not there
    assert differs.stated == (second.name, "nobody", second.names[1])
    assert differs.found == (second.name, *second.names)
    assert found.difference is None


def test_who_may_not_assign_neither_freezes_nor_draws(office: Office):
    record = frozen(office)
    office.book.write(put("officer", office.book.person, UNIT, role="officer"))
    refused(lambda: frozen(office, category="special"), "role")
    refused(lambda: draws.draw(office.book, record), "role")
    refused(lambda: draws.annul(office.book, record, why="x"), "role")


def test_the_city_draws_from_the_sites_of_all_units(office: Office):
    code = city().code
    officers = {add_officer(office.book, number, unit=code) for number in (31, 32)}
    row = row_of(office, frozen(office, unit=code))
    found = drawing.read(row.listed)
    assert set(found.sites) == set(office.sites[:8])
    assert set(found.officers) == officers
    assert (row.unit, row.wanted) == (code, 1)


def test_who_has_two_records_is_drawn_no_more_often_than_others(office: Office):
    book = office.book
    again = add_officer(book, 11)  # as a colleague's notebook enters somebody on the spot
    add_officer(book, 20, certificate=None)
    pool = queries.officers_in(book, UNIT)
    held = [row.certificate for row in pool if row.certificate]
    assert sorted(held) == sorted(set(held))
    assert len(pool) == len(office.officers) + 1, "who has no certificate stays"
    assert {row.id for row in pool} & {again, office.officers[0]}
