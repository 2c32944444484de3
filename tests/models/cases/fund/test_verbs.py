"""Money comes in, goes out, is corrected; no ledger is ever below zero or mixed with another."""

from __future__ import annotations

from datetime import date

import pytest

from models.cases.fund import queries, rules, verbs
from models.errors import RuleBroken
from models.registry.keeping import row_of
from models.store.change import put, void

from .conftest import UNIT, Books

DAY = date(2021, 11, 30)


def refused(field: str, run: object, *args: object, **values: object) -> RuleBroken:
    with pytest.raises(RuleBroken) as error:
        run(*args, **values)  # type: ignore[operator]
    assert error.value.field == field
    return error.value


@pytest.mark.requirement("R024", "R025")
def test_every_income_of_money_bears_the_one_subject(books: Books) -> None:
    made = [books.compensation(500_00, "2021-06-01"), books.fine(300_00, "2021-06-02", source="confiscated")]
    for each in made:
        assert row_of(books.notebook, "fund_entry", each).subject == "其他收入-生态环境损害赔偿资金"
    row = row_of(books.notebook, "fund_entry", made[1])
    assert (row.source, row.ledger, row.case, row.cents) == ("confiscated", "fine", books.penalty, 300_00)
    assert (row.on, row.voucher) == ("2021-06-02", "票0002")
    assert row_of(books.notebook, "fund_entry", books.own(1, "2021-06-01")).subject is None


@pytest.mark.requirement("R026")
def test_money_is_spent_up_to_the_last_cent_and_not_beyond(books: Books) -> None:
    books.compensation(500_00, "2021-06-01")
    refused("cents", books.spend, 500_01, "2021-06-01")
    refused("cents", books.spend, 1, "2021-05-31")  # the day before it came
    made = books.spend(500_00, "2021-06-01")
    row = row_of(books.notebook, "fund_entry", made)
    assert (row.restoration, row.case, row.direction) == (books.restoration, books.damage, "out")
    assert queries.balances(books.notebook, DAY) == {"fine": 0, "compensation": 0}
    refused("cents", books.spend, 1, "2021-06-02")


@pytest.mark.requirement("R026")
def test_a_payment_entered_late_leaves_later_days_covered(books: Books) -> None:
    books.compensation(1000_00, "2021-06-01")
    books.spend(900_00, "2021-08-01")
    refused("cents", books.spend, 100_01, "2021-07-01")
    books.spend(100_00, "2021-07-01")
    assert queries.balances(books.notebook, date(2021, 7, 31))["compensation"] == 900_00


@pytest.mark.requirement("R026")
def test_money_goes_to_restorations_and_their_uses_only(books: Books) -> None:
    books.compensation(1000_00, "2021-06-01")
    refused("purpose", books.spend, 1_00, "2021-06-02", purpose="office")
    books.notebook.write(void("restoration", books.restoration, UNIT, "误登"))
    refused("restoration", books.spend, 1_00, "2021-06-02")


@pytest.mark.requirement("R027", "R028")
def test_one_ledger_never_pays_for_another(books: Books) -> None:
    books.fine(1000_00, "2021-06-01")
    books.own(5000_00, "2021-06-01")
    refused("cents", books.spend, 1, "2021-06-02", ledger="compensation")
    refused("ledger", books.spend, 1, "2021-06-02", ledger="self_restoration")
    refused("ledger", books.compensation, 1, "2021-06-02", source="fine", ledger="compensation")
    refused(
        "case",
        verbs.receive,
        books.notebook,
        books.penalty,
        source="agreed",
        cents=1,
        voucher="x",
        on="2021-06-02",
        payer="示例企业03",
    )
    assert queries.balances(books.notebook, DAY) == {"fine": 1000_00, "compensation": 0}
    assert queries.self_restoration_value(books.notebook, DAY) == 5000_00


@pytest.mark.requirement("R024")
def test_each_movement_has_its_case_voucher_day_and_party(books: Books) -> None:
    refused("voucher", books.compensation, 1, "2021-06-01", voucher=" ")
    refused("payer", books.compensation, 1, "2021-06-01", payer=" ")
    refused("on", books.compensation, 1, "2999-01-01")
    refused("on", books.compensation, 1, "gestern")
    refused("cents", books.compensation, 0, "2021-06-01")
    refused("cents", books.compensation, -5, "2021-06-01")
    refused("source", books.compensation, 5, "2021-06-01", source="gift")
    books.notebook.write(void("damage_case", books.damage, UNIT, "误立"))
    refused("case", books.compensation, 1, "2021-06-01")


def test_a_voucher_is_entered_once_until_it_is_withdrawn(books: Books) -> None:
    first = books.compensation(100, "2021-06-01", voucher="No. 0001")
    error = refused("voucher", books.fine, 100, "2021-06-02", voucher="no. 0001")
    assert "No. 0001" in error.text()
    verbs.withdraw(books.notebook, first, "误登")
    assert books.fine(100, "2021-06-02", voucher="no. 0001")


def test_income_that_was_spent_cannot_be_withdrawn(books: Books) -> None:
    first = books.compensation(600_00, "2021-06-01")
    second = books.compensation(400_00, "2021-06-10")
    out = books.spend(500_00, "2021-06-05")
    error = refused("cents", verbs.withdraw, books.notebook, first, "误登")
    assert "2021-06-05" in error.text()
    verbs.withdraw(books.notebook, second, "误登")
    verbs.withdraw(books.notebook, out, "误登")
    refused("why", verbs.withdraw, books.notebook, first, " ")
    verbs.withdraw(books.notebook, first, "误登")
    assert queries.balances(books.notebook, DAY)["compensation"] == 0
    refused("fund_entry", verbs.withdraw, books.notebook, first, "再撤")


def test_a_wrong_entry_is_replaced_in_one_step(books: Books) -> None:
    wrong = books.compensation(900_00, "2021-06-01", remitted_on="2021-06-03")
    books.spend(800_00, "2021-06-05")
    refused("cents", verbs.correct, books.notebook, wrong, cents=799_99, why="录错")
    assert row_of(books.notebook, "fund_entry", wrong).voided is None  # nothing of the refused step is kept
    refused("cents", verbs.correct, books.notebook, wrong, on="2021-06-06", why="录错")
    refused("why", verbs.correct, books.notebook, wrong, cents=850_00, why="")
    right = verbs.correct(books.notebook, wrong, cents=850_00, why="金额录错")
    row = row_of(books.notebook, "fund_entry", right)
    assert (row.cents, row.voucher, row.source, row.subject) == (850_00, "票0001", "agreed", rules.subject())
    assert row.remitted_on == "2021-06-03"
    assert row_of(books.notebook, "fund_entry", wrong).voided == "金额录错"
    assert queries.balances(books.notebook, DAY)["compensation"] == 50_00


def test_compensation_is_remitted_within_fifteen_working_days(books: Books) -> None:
    made = books.compensation(100, "2021-11-01")
    books.fine(100, "2021-11-01")
    found = queries.dues(books.notebook)
    assert [(each.key, each.record, each.due_on) for each in found] == [
        ("fund_remittance", made, date(2021, 11, 22))
    ]
    refused("on", verbs.remit, books.notebook, made, on="2021-10-31")
    verbs.remit(books.notebook, made, on="2021-11-22")
    assert queries.dues(books.notebook) == []
    refused("on", verbs.remit, books.notebook, made, on="2021-11-23")
    refused("ledger", verbs.remit, books.notebook, books.own(1, "2021-11-01"), on="2021-11-02")


def test_where_no_calendar_is_known_the_last_sure_day_is_due_and_says_why(books: Books) -> None:
    made = books.compensation(100, "2021-11-01")
    for day, expected in (("2026-12-31", date(2026, 12, 31)), ("2031-05-05", date(2031, 5, 5))):
        books.notebook.write(put("fund_entry", made, UNIT, on=day))  # another device's later clock
        due = queries.dues(books.notebook)[0]
        assert due.due_on == expected
        assert str(expected.year + (expected.month == 12)) in due.basis


@pytest.mark.parametrize("role", ["officer", "dispatcher", "grid_worker", "readonly"])
def test_only_who_keeps_the_books_writes_in_them(books: Books, role: str) -> None:
    made = books.compensation(100, "2021-06-01")
    books.notebook.write(put("officer", books.notebook.person, UNIT, role=role))
    refused("role", books.compensation, 1, "2021-06-01")
    refused("role", books.own, 1, "2021-06-01")
    refused("role", books.spend, 1, "2021-06-01")
    refused("role", verbs.withdraw, books.notebook, made, "误登")
    refused("role", verbs.correct, books.notebook, made, cents=1, why="误登")
    refused("role", verbs.remit, books.notebook, made, on="2021-06-02")


def test_a_party_s_own_restoration_names_one_of_its_case(books: Books) -> None:
    assert books.own(100, "2021-06-01", restoration=books.restoration)
    books.notebook.write(put("restoration", books.restoration, UNIT, case="another"))
    refused("restoration", books.own, 100, "2021-06-01", restoration=books.restoration)


def test_two_laptops_that_spent_the_same_money_are_told_loudly(books: Books) -> None:
    books.compensation(100_00, "2021-06-01")
    first = books.spend(80_00, "2021-06-02", voucher="付01")
    assert queries.alarms(books.notebook) == []
    row = row_of(books.notebook, "fund_entry", first)
    names = ("ledger", "direction", "purpose", "case", "restoration", "cents")
    fields = {name: getattr(row, name) for name in names}
    other = "0196f000-0000-7000-8000-000000000001"
    books.notebook.write(
        put("fund_entry", other, UNIT, number="ZJ-02", voucher="付-01", on="2021-06-03", **fields)
    )
    found = queries.negatives(books.notebook)
    assert [(each.ledger, each.since, each.cents) for each in found] == [
        ("compensation", "2021-06-03", -60_00)
    ]
    assert len(queries.alarms(books.notebook)) == 2  # below zero, and one voucher twice
    assert list(queries.doubled(books.notebook)) == ["付01"]
    refused("cents", books.spend, 1, "2021-06-02")
    verbs.withdraw(books.notebook, other, "重复支出")
    assert queries.alarms(books.notebook) == []
