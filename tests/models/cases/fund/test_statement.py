"""Monthly statements, the room and its file."""

from __future__ import annotations

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from models.cases.fund import queries
from models.cases.fund.export import export_statement
from models.cases.fund.room import ACTS, ROOM, sections
from models.errors import BadInput, RuleBroken
from models.language import use_language
from models.registry.days import today
from models.registry.typed import shown, typed
from models.rooms import Act
from models.store.change import new_id, put

from .conftest import UNIT, Books


@pytest.fixture
def filled(books: Books) -> Books:
    """Books of three months."""
    books.fine(300_00, "2021-09-30")
    books.compensation(1000_00, "2021-10-01")
    books.compensation(50_00, "2021-10-31", source="judged")
    books.spend(400_00, "2021-10-15")
    books.spend(100_00, "2021-10-20", purpose="assessment")
    books.own(7000_00, "2021-10-05")
    books.compensation(200_00, "2021-11-01", source="other", ledger="compensation")
    return books


def act(name: str) -> Act:
    found = ROOM.act(name)
    assert found is not None
    return found


def words(books: Books, kind: str, record: str) -> str:
    sheet = ROOM.sheets[kind](books.notebook, record)
    facts = [fact for section in sheet.sections for fact in section.facts]
    return "\n".join([sheet.title, sheet.state.text, *(f"{fact.label} {fact.value}" for fact in facts)])


@pytest.mark.requirement("R024", "R027")
def test_a_month_is_stated_by_ledger_source_and_use(filled: Books) -> None:
    found = queries.statement(filled.notebook, 2021, 10)
    fine, compensation = found.ledgers
    assert (fine.opening, fine.ins, fine.outs, fine.closing) == (300_00, {}, {}, 300_00)
    assert compensation.opening == 0
    assert compensation.ins == {"agreed": 1000_00, "judged": 50_00}
    assert compensation.outs == {"restoration": 400_00, "assessment": 100_00}
    assert compensation.closing == 550_00
    assert (found.self_value, found.self_until) == (7000_00, 7000_00)
    assert len(found.entries) == 5
    november = queries.statement(filled.notebook, 2021, 11)
    assert november.ledgers[1].opening == 550_00
    assert november.ledgers[1].closing == 750_00
    assert (november.self_value, november.self_until) == (0, 7000_00)


def test_each_month_opens_with_what_the_month_before_closed_with(filled: Books) -> None:
    months = queries.months(filled.notebook)[::-1]
    assert months[0] == "2021-09"
    assert months[-1] == f"{today(filled.notebook):%Y-%m}"
    statements = [queries.statement_of(filled.notebook, month) for month in months]
    for before, after in pairwise(statements):
        assert [each.closing for each in before.ledgers] == [each.opening for each in after.ledgers]
    last = queries.balances(filled.notebook, today(filled.notebook))
    assert [each.closing for each in statements[-1].ledgers] == list(last.values())


def test_a_unit_s_statement_holds_its_own_entries_under_old_and_new_codes(filled: Books) -> None:
    assert queries.statement(filled.notebook, 2021, 10, unit="350603").entries == ()
    assert len(queries.statement(filled.notebook, 2021, 10, unit=UNIT).entries) == 5
    moved = queries.entries(filled.notebook)[0].id
    filled.notebook.write(put("fund_entry", moved, "350681", note="龙海"))
    whole = queries.statement(filled.notebook, 2021, 9)
    assert [row.id for row in whole.entries] == [moved]


@pytest.mark.parametrize("month", ["2021-13", "2021-00", "heute", "2021", "0000-05"])
def test_a_month_that_is_none_is_refused(books: Books, month: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        queries.statement_of(books.notebook, month)
    assert refused.value.field == "month"


@pytest.mark.requirement("R013", "R027")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_list_sheet_or_summary_adds_two_ledgers_up(filled: Books, language: str) -> None:
    use_language(language)
    assert ROOM.summary is not None
    texts = [
        ROOM.summary(filled.notebook),
        words(filled, "fund_month", "2021-11"),
        words(filled, "fund_month", "2021-10"),
    ]
    for listing in ROOM.listings:
        lines = listing.lines(filled.notebook, listing.find(filled.notebook, ""))
        assert lines
        assert all(len(line.cells) == len(listing.columns) for line in lines)
        assert sum(column.width == 0 for column in listing.columns) == 1
        texts += [str(cell) for line in lines for cell in line.cells]
    mixed = {"1,050.00", "8,050.00", "7,750.00", "7,300.00", "850.00", "7,550.00"}
    assert not [text for text in texts for amount in mixed if f" {amount}" in text or f"'{amount}'" in text]
    assert "750.00" in texts[0]
    assert "300.00" in texts[0]


@pytest.mark.requirement("R023")
def test_the_room_shows_the_rules_of_the_fund(books: Books) -> None:
    listing = next(each for each in ROOM.listings if each.name == "rules")
    first = listing.find(books.notebook, "")[0]
    text = words(books, listing.kind, first)
    for expected in (
        "漳州市生态环境损害赔偿资金管理办法",
        "试行",
        "2021-04-23",
        "漳州市财政局",
        "漳州市自然资源局",
    ):
        assert expected in text
    assert "漳州市中级人民法院" in text
    assert "漳州市人民检察院" in text
    with pytest.raises(RuleBroken):
        ROOM.sheets["fund_rule"](books.notebook, "none")


def test_an_entry_s_sheet_opens_its_case_restoration_and_month(filled: Books) -> None:
    out = next(row for row in queries.entries(filled.notebook) if row.direction == "out")
    sheet = ROOM.sheets["fund_entry"](filled.notebook, out.id)
    opened = {(fact.kind, fact.id) for section in sheet.sections for fact in section.facts if fact.kind}
    assert opened == {
        ("damage_case", filled.damage),
        ("restoration", filled.restoration),
        ("fund_month", "2021-10"),
    }
    fine = queries.entries(filled.notebook, ledger="fine")[0]
    assert "示例企业03处罚案" in words(filled, "fund_entry", fine.id)


def test_a_case_shows_its_entries_and_a_case_without_any_shows_nothing(filled: Books) -> None:
    found = sections(filled.notebook, filled.penalty)
    assert [fact.value for fact in found[0].facts] == ["罚款 300.00"]
    assert len(sections(filled.notebook, filled.damage)[0].facts) == 6
    assert sections(filled.notebook, "none") == ()


def test_a_ledger_below_zero_is_shown_everywhere(filled: Books) -> None:
    out = next(row for row in queries.entries(filled.notebook) if row.direction == "out")
    filled.notebook.write(put("fund_entry", out.id, UNIT, cents=5000_00))
    assert ROOM.summary is not None
    assert ROOM.summary(filled.notebook).startswith("!! 赔偿金账自2021-10-15起余额为负")
    sheet = ROOM.sheets["fund_month"](filled.notebook, "2021-10")
    assert sheet.state.part == "bad"
    assert sheet.sections[0].facts[0].part == "bad"
    assert "余额为负" in words(filled, "fund_entry", out.id)
    assert any("余额为负" in fact.value for fact in sections(filled.notebook, filled.damage)[0].facts)
    listing = ROOM.listings[0]
    lines = {line.id: line for line in listing.lines(filled.notebook, listing.find(filled.notebook, ""))}
    assert lines[out.id].cells[1].part == "bad"  # type: ignore[union-attr]


def test_entries_are_found_by_voucher_party_and_case(filled: Books) -> None:
    listing = ROOM.listings[0]
    assert len(listing.find(filled.notebook, "")) == 7
    assert len(listing.find(filled.notebook, "示例苗圃")) == 2
    assert len(listing.find(filled.notebook, "处罚案")) == 1
    assert [row.on for row in queries.entries(filled.notebook)] == sorted(
        row.on or "" for row in queries.entries(filled.notebook)
    )


def test_the_statement_is_written_for_spreadsheet_programs(filled: Books, tmp_path: Path) -> None:
    filled.compensation(1_00, "2021-10-09", payer="=HYPERLINK(1)", voucher="+1")
    target = export_statement(filled.notebook, "2021-10", path=str(tmp_path / "a.csv"))
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert ["赔偿金", "期末余额", "551.00"] in rows
    assert ["罚没", "期初余额", "300.00"] in rows
    written = next(row for row in rows if len(row) > 7 and row[0] == "2021-10-09")
    assert written[6:9] == ["'+1", "'=HYPERLINK(1)", "其他收入-生态环境损害赔偿资金"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    with pytest.raises(BadInput):
        export_statement(filled.notebook, "2021-10", path=str(target))
    with pytest.raises(BadInput):
        export_statement(filled.notebook, "2021-10", path=str(tmp_path / "a.txt"))
    with pytest.raises(BadInput):
        export_statement(filled.notebook, "2021-10", path=str(tmp_path / "none" / "a.csv"))


def test_who_reads_no_cases_gets_no_statement(filled: Books, tmp_path: Path) -> None:
    filled.notebook.write(put("officer", filled.notebook.person, UNIT, role="grid_worker"))
    with pytest.raises(RuleBroken) as refused:
        export_statement(filled.notebook, "2021-10", path=str(tmp_path / "a.csv"))
    assert refused.value.field == "role"
    assert not list(tmp_path.glob("*.csv"))


def test_the_books_are_kept_by_forms_alone(books: Books, tmp_path: Path) -> None:
    def do(name: str, subject: str = "", /, **raw: str) -> str:
        chosen = act(name)
        values = typed(chosen, raw)
        result = (
            chosen.run(books.notebook, subject, **values) if subject else chosen.run(books.notebook, **values)
        )
        return str(result)

    assert act("enter_spending").why_not is not None
    assert act("spend").why_not(books.notebook, books.restoration)  # type: ignore[misc]
    money = {"cents": "1,000.00", "on": "20211001", "payer": "示例企业03"}
    first = do("enter_compensation", case=books.damage, source="磋商赔偿", voucher="票01", **money)
    do("receive_compensation", books.damage, source="判决赔偿", voucher="票02", **money)
    do("enter_fine", case=books.penalty, source="罚款", voucher="票03", **money)
    do("receive_fine", books.penalty, source="其他收入", voucher="票04", **money)
    do("enter_self", case=books.damage, voucher="票05", **money)
    do("note_self", books.damage, voucher="票06", restoration=books.restoration, **money)
    assert act("spend").why_not(books.notebook, books.restoration) == ""  # type: ignore[misc]
    spent = {"cents": "10万", "purpose": "替代修复工程", "on": "2021-10-02", "payee": "示例苗圃"}
    with pytest.raises(RuleBroken):
        do("spend", books.restoration, ledger="赔偿金", voucher="付01", **spent)
    spent["cents"] = "1500"
    do("spend", books.restoration, ledger="赔偿金", voucher="付01", **spent)
    out = do("enter_spending", restoration=books.restoration, ledger="罚没", voucher="付02", **spent)
    do("remit", first, on="2021-10-03")
    assert act("remit").why_not(books.notebook, first)  # type: ignore[misc]
    assert act("withdraw").why_not(books.notebook, first)  # type: ignore[misc]
    assert act("withdraw").why_not(books.notebook, out) == ""  # type: ignore[misc]
    correct = act("correct")
    assert correct.preset is not None
    held = {
        field.key: shown(field, correct.preset(books.notebook, out).get(field.key))
        for field in correct.fields
    }
    out = do("correct", out, **{**held, "cents": "1200", "why": "录错"})
    do("withdraw", out, why="未支付")
    assert queries.balances(books.notebook, date(2021, 11, 30)) == {"fine": 2000_00, "compensation": 500_00}
    do("export", "2021-10", path=str(tmp_path / "月报.csv"))
    assert (tmp_path / "月报.csv").exists()
    preset = act("export").preset
    assert preset is not None
    assert preset(books.notebook, "2021-10")["path"].endswith("2021-10.csv")


def test_acts_have_words_and_names_of_their_own() -> None:
    names = [each.name for each in ROOM.acts]
    assert len(names) == len(set(names))
    assert all(each.help and each.title and each.right for each in ROOM.acts)
    assert {each.subject for each in ACTS} == {"damage_case", "penalty_case", "restoration"}


@pytest.mark.parametrize("on", ["乱写", "2021-13-45", "9999-12-31", "0000-01-01", "", "２０２１-01-01"])
def test_a_day_that_no_verb_wrote_stops_no_list_and_no_sheet(books: Books, on: str) -> None:
    books.fine(1, "2021-09-30")
    book = books.notebook
    odd = new_id()
    book.write(put("fund_entry", odd, UNIT, ledger="fine", direction="in", cents=1, on=on))
    months = queries.months(book)
    assert months[-1] == "2021-09"
    assert months[0] == f"{today(book):%Y-%m}"
    listing = next(each for each in ROOM.listings if each.name == "months")
    assert len(listing.lines(book, months)) == len(months)
    assert ROOM.sheets["fund_entry"](book, odd).title
    assert sections(book, books.penalty)


def test_a_year_long_ago_adds_its_own_month_only(books: Books) -> None:
    books.fine(1, "2021-09-30")
    before = queries.months(books.notebook)
    books.notebook.write(
        put("fund_entry", new_id(), UNIT, ledger="fine", direction="in", cents=5, on="0021-11-30")
    )
    found = queries.months(books.notebook)
    assert found[-1] == "0021-11"
    assert found[:-1] == [
        f"{year}-{month:02}"
        for year in range(2030, 1999, -1)
        for month in range(12, 0, -1)
        if f"{year}-{month:02}" <= before[0]
    ]


def test_several_months_read_at_once_are_those_read_one_by_one(filled: Books) -> None:
    months = queries.months(filled.notebook)
    together = queries.statements(filled.notebook, months)
    assert together == [queries.statement_of(filled.notebook, month) for month in months]


@pytest.mark.parametrize("month", ["99999999999-1", "２０２１-11", "0000-01", "2021-13"])
def test_what_is_no_month_is_refused(books: Books, month: str) -> None:
    with pytest.raises(RuleBroken):
        queries.statement_of(books.notebook, month)


def test_an_entry_that_is_not_there_is_refused(books: Books) -> None:
    with pytest.raises(RuleBroken):
        ROOM.sheets["fund_entry"](books.notebook, "none")
    preset = act("correct").preset
    assert preset is not None
    with pytest.raises(RuleBroken):
        preset(books.notebook, "none")


def test_amounts_below_zero_stay_numbers_in_the_file_and_words_are_guarded(
    filled: Books, tmp_path: Path
) -> None:
    filled.spend(100, "2021-10-21", payee="-1+1")
    path = export_statement(filled.notebook, "2021-10", path=str(tmp_path / "a.csv"))
    cells = [cell for line in csv.reader(path.read_text("utf-8-sig").splitlines()) for cell in line]
    assert "-401.00" in cells
    assert "'-1+1" in cells
