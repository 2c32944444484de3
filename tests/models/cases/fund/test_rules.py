"""The rules of the fund alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cases.fund import rules
from models.cases.fund.tables import FundEntry
from models.errors import RuleBroken
from models.registry.typed import MOST_CENTS


@dataclass
class Moved:
    id: str
    ledger: str
    direction: str
    cents: int
    on: str


def moved(cents: int, on: str, direction: str = "in", ledger: str = "compensation") -> Moved:
    return Moved("", ledger, direction, cents, on)


_DAYS = st.integers(1, 28).map(lambda day: f"2021-05-{day:02}")
_MOVES = st.lists(
    st.builds(
        moved, st.integers(1, 1000), _DAYS, st.sampled_from(["in", "out"]), st.sampled_from(rules.MONEY)
    ),
    max_size=12,
)


@given(_MOVES, _DAYS, st.sampled_from(rules.MONEY))
def test_what_can_be_spent_is_the_most_that_leaves_no_later_day_below_zero(
    entries: list[Moved], on: str, ledger: str
) -> None:
    most = rules.spendable(entries, ledger, on)
    days = [f"2021-05-{day:02}" for day in range(1, 29)]
    later = [rules.balance(entries, ledger, day) for day in days if day >= on]
    assert most == min(later)


def test_a_later_payment_limits_what_can_be_spent_earlier() -> None:
    entries = [moved(1000, "2021-05-10"), moved(900, "2021-05-20", "out")]
    assert rules.spendable(entries, "compensation", "2021-05-09") == 0
    assert rules.spendable(entries, "compensation", "2021-05-10") == 100
    entries.append(moved(500, "2021-05-25"))
    assert rules.spendable(entries, "compensation", "2021-05-20") == 100
    assert rules.spendable(entries, "compensation", "2021-05-25") == 600
    rules.refuse_overdraft(entries, "compensation", "2021-05-25", 600)
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_overdraft(entries, "compensation", "2021-05-25", 601)
    assert "6.00" in refused.value.text()


@pytest.mark.requirement("R027")
def test_a_party_s_own_restoration_adds_to_no_balance() -> None:
    entries = [
        moved(1000, "2021-05-10", ledger="self_restoration"),
        moved(1000, "2021-05-10", "out", "self_restoration"),
    ]
    assert [rules.balance(entries, ledger) for ledger, _words in rules.LEDGERS] == [0, 0, 0]


@pytest.mark.requirement("R024", "R027", "R028")
@pytest.mark.parametrize(
    ("source", "ledger", "found"),
    [
        ("fine", None, "fine"),
        ("confiscated", "fine", "fine"),
        ("agreed", None, "compensation"),
        ("judged", "compensation", "compensation"),
        ("other", "fine", "fine"),
        ("other", "compensation", "compensation"),
    ],
)
def test_each_source_goes_to_its_own_ledger(source: str, ledger: str | None, found: str) -> None:
    assert rules.ledger_of(source, ledger) == found


@pytest.mark.requirement("R027", "R028")
@pytest.mark.parametrize(
    ("source", "ledger"),
    [
        ("fine", "compensation"),
        ("confiscated", "compensation"),
        ("agreed", "fine"),
        ("judged", "fine"),
        ("fine", "self_restoration"),
        ("other", None),
        ("other", "self_restoration"),
    ],
)
def test_no_source_goes_to_another_ledger(source: str, ledger: str | None) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.ledger_of(source, ledger)
    assert refused.value.field == "ledger"


@pytest.mark.requirement("R028")
def test_an_entry_has_no_field_to_set_one_ledger_off_against_another() -> None:
    money = [name for name, field in FundEntry._meta.fields.items() if field.field_type == "INT"]
    assert set(money) == {"cents", "made_at", "changed_at", "conflicts"}
    assert not {"offset", "against", "to_ledger", "from_ledger"} & set(FundEntry._meta.fields)


@pytest.mark.requirement("R026")
@pytest.mark.parametrize("purpose", ["office", "bonus", "", "in"])
def test_the_fund_pays_for_restoration_only(purpose: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_use(purpose)
    assert refused.value.field == "purpose"
    assert "替代修复" in refused.value.text()


@pytest.mark.requirement("R026")
def test_every_use_has_its_rule() -> None:
    assert {"restoration", "assessment", "substitute_restoration"} <= set(dict(rules.USES))
    for key, _words in rules.USES:
        rules.refuse_use(key)
        assert rules.uses()[key].basis


@pytest.mark.requirement("R023")
def test_the_city_s_rules_of_the_fund_are_known_with_their_four_bodies_and_day() -> None:
    first = rules.instruments()[0]
    assert first.title == "《漳州市生态环境损害赔偿资金管理办法（试行）》"
    assert len(first.issuers) == 4
    assert (first.date, first.trial) == (date(2021, 4, 23), True)


@pytest.mark.parametrize("cents", [0, -1, MOST_CENTS + 1])
def test_an_amount_that_is_none_is_refused(cents: int) -> None:
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_amount(cents)
    assert refused.value.field == "cents"


@pytest.mark.parametrize("other", ["ab-12", "ＡＢ１２", " AB 12 ", "AB—12"])
def test_vouchers_are_compared_as_people_read_them(other: str) -> None:
    assert rules.voucher_key(other) == rules.voucher_key("AB12")
    assert rules.voucher_key("AB13") != rules.voucher_key("AB12")
