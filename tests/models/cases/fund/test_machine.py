"""No order of verbs makes a ledger negative on any day, or mixes ledgers."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from models.cases.fund import queries, rules, verbs
from models.errors import RuleBroken
from models.store import keys
from models.store.change import new_id, put
from models.store.notebook import Notebook
from tests.conftest import PASSPHRASE

from .conftest import UNIT, Books, books_in

_FIRST = date(2021, 5, 1)
_SPAN = 6
_DAYS = st.integers(0, _SPAN - 1).map(lambda days: (_FIRST + timedelta(days=days)).isoformat())
_CENTS = st.integers(1, 9)


class Fund(RuleBasedStateMachine):
    """Verbs in any order on days in any order, beside a model that only adds."""

    entries = Bundle("entries")

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        person = new_id()
        book = Notebook.create(self.folder / "book", PASSPHRASE, person=person, unit=UNIT, cost=keys.FAST)
        book.write(put("officer", person, UNIT, name="负责人01", unit_code=UNIT, role="lead"))
        self.books: Books = books_in(book)
        self.model: dict[str, tuple[str, int, str]] = {}
        """Standing entries: ledger, cents with their sign, day."""

    def teardown(self) -> None:
        if hasattr(self, "books"):
            self.books.notebook.close()
            shutil.rmtree(self.folder)

    @rule(target=entries, cents=_CENTS, on=_DAYS, fine=st.booleans())
    def receive(self, cents: int, on: str, fine: bool) -> str:
        made = self.books.fine(cents, on) if fine else self.books.compensation(cents, on)
        self.model[made] = ("fine" if fine else "compensation", cents, on)
        return made

    @rule(target=entries, cents=_CENTS, on=_DAYS)
    def restore_oneself(self, cents: int, on: str) -> str:
        made = self.books.own(cents, on)
        self.model[made] = ("self_restoration", cents, on)
        return made

    @rule(cents=_CENTS, on=_DAYS, source=st.sampled_from(["fine", "confiscated", "agreed", "judged"]))
    def mix(self, cents: int, on: str, source: str) -> None:
        other = "compensation" if source in ("fine", "confiscated") else "fine"
        with pytest.raises(RuleBroken):
            self.books.compensation(cents, on, source=source, ledger=other)

    @rule(target=entries, cents=_CENTS, on=_DAYS, ledger=st.sampled_from([key for key, _ in rules.LEDGERS]))
    def spend_some(self, cents: int, on: str, ledger: str) -> str:
        return self.spend(cents, on, ledger)

    def spend(self, cents: int, on: str, ledger: str) -> str:
        allowed = ledger in rules.MONEY and cents <= min(
            self._balance(ledger, day) for day in self._days() if day >= on
        )
        try:
            made = self.books.spend(cents, on, ledger)
        except RuleBroken:
            assert not allowed
            return ""
        assert allowed
        self.model[made] = (ledger, -cents, on)
        return made

    @rule(target=entries, on=_DAYS, ledger=st.sampled_from(rules.MONEY))
    def spend_all_that_the_day_holds(self, on: str, ledger: str) -> str:
        return self.spend(max(self._balance(ledger, on), 1), on, ledger)

    @rule(target=entries, entry=consumes(entries))
    def withdraw(self, entry: str) -> str:
        if entry not in self.model:
            return ""
        without = {key: value for key, value in self.model.items() if key != entry}
        allowed = self._sound(without)
        try:
            verbs.withdraw(self.books.notebook, entry, "误登")
        except RuleBroken:
            assert not allowed
            return entry
        assert allowed
        self.model = without
        return ""

    @rule(target=entries, entry=consumes(entries), cents=_CENTS, on=_DAYS)
    def correct(self, entry: str, cents: int, on: str) -> str:
        if entry not in self.model:
            return ""
        ledger, held, _on = self.model[entry]
        after = {**self.model, entry: (ledger, cents if held > 0 else -cents, on)}
        allowed = self._sound(after)
        try:
            made = verbs.correct(self.books.notebook, entry, cents=cents, on=on, why="录错")
        except RuleBroken:
            assert not allowed
            return entry
        assert allowed
        after[made] = after.pop(entry)
        self.model = after
        return made

    @invariant()
    def no_ledger_is_below_zero_on_any_day(self) -> None:
        if not hasattr(self, "books"):
            return
        book = self.books.notebook
        assert queries.negatives(book) == []
        assert queries.doubled(book) == {}
        rows = queries.entries(book)
        for day in self._days():
            for ledger in rules.MONEY:
                held = rules.balance(rows, ledger, day)
                assert held == self._balance(ledger, day)
                assert held >= 0
        last = _FIRST + timedelta(days=_SPAN)
        assert queries.balances(book, last) == {
            ledger: self._balance(ledger, last.isoformat()) for ledger in rules.MONEY
        }
        own = sum(cents for ledger, cents, _on in self.model.values() if ledger == "self_restoration")
        assert queries.self_restoration_value(book, _FIRST + timedelta(days=_SPAN)) == own

    @invariant()
    def ledgers_are_not_mixed(self) -> None:
        if not hasattr(self, "books"):
            return
        for row in queries.entries(self.books.notebook):
            assert row.ledger == self.model[row.id][0]
            assert row.case
            assert row.voucher
            if row.direction == "out":
                assert row.ledger in rules.MONEY
                assert row.restoration == self.books.restoration
                assert row.purpose in rules.uses()
            elif row.ledger in rules.MONEY:
                assert row.subject == rules.subject()
                assert rules.ledger_of(row.source or "", row.ledger) == row.ledger

    def _days(self) -> list[str]:
        return [(_FIRST + timedelta(days=days)).isoformat() for days in range(_SPAN + 1)]

    def _balance(self, ledger: str, day: str) -> int:
        return sum(cents for held, cents, on in self.model.values() if held == ledger and on <= day)

    def _sound(self, model: dict[str, tuple[str, int, str]]) -> bool:
        return all(
            sum(cents for held, cents, on in model.values() if held == ledger and on <= day) >= 0
            for ledger in rules.MONEY
            for day in self._days()
        )


Fund.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
test_no_order_of_verbs_breaks_the_books = pytest.mark.requirement("R026", "R027", "R028")(Fund.TestCase)
